import type { ReadValue } from './read-text.ts'

const quote = 0x22
const backslash = 0x5c

/** Where the quoted text that begins at `start`, behind its quote, has its closing quote; or −1. */
export function closingQuote(buffer: Buffer, start: number, end: number, doubled: boolean): number {
  for (let offset = start; offset < end; offset++) {
    const code = buffer[offset]
    if (code === backslash) offset++
    else if (code === quote) {
      if (!doubled || buffer[offset + 1] !== quote || offset + 1 >= end) return offset
      offset++
    }
  }
  return -1
}

/**
 * Reads what stands between quotes: a backslash takes the next byte as it is and, where `doubled`,
 * two quotes are one. Text without either is read where it stands.
 */
export function readQuoted(read: ReadValue, buffer: Buffer, start: number, end: number): unknown {
  let offset = start
  while (offset < end && buffer[offset] !== backslash && buffer[offset] !== quote) offset++
  if (offset === end) return read(buffer, start, end)
  const plain = Buffer.allocUnsafe(end - start)
  let length = buffer.copy(plain, 0, start, offset)
  while (offset < end) {
    const code = buffer[offset] as number
    if (code === backslash || code === quote) offset++
    plain[length++] = buffer[offset++] as number
  }
  return read(plain, 0, length)
}
