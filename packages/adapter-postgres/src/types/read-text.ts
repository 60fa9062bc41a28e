import { ValueError } from '@mortise/core/adapter'

/**
 * Readers of values in the text format, straight from the buffer of a DataRow. Each gets where the
 * value begins and ends, and never keeps the buffer.
 */
export type ReadValue = (buffer: Buffer, start: number, end: number) => unknown

export function readString(buffer: Buffer, start: number, end: number): string {
  return buffer.toString('utf8', start, end)
}

/** An integer of at most nine digits goes without a string. */
export function readInteger(buffer: Buffer, start: number, end: number): number {
  if (end - start > 10) return readLongInteger(buffer, start, end)
  let offset = start
  const negative = buffer[offset] === minus
  if (negative) offset++
  let value = 0
  for (; offset < end; offset++) value = value * 10 + (buffer[offset] as number) - zero
  return negative ? -value : value
}

function readLongInteger(buffer: Buffer, start: number, end: number): number {
  const value = Number(buffer.toString('latin1', start, end))
  if (Number.isSafeInteger(value)) return value
  throw new ValueError(
    'an integer is beyond ±(2^53 − 1), which a number cannot hold exactly; read it as a bigint: t.bigint(), or t.id({ as: "bigint" })',
  )
}

export function readBigInt(buffer: Buffer, start: number, end: number): bigint {
  return end - start <= 10
    ? BigInt(readInteger(buffer, start, end))
    : BigInt(buffer.toString('latin1', start, end))
}

/** Exact for what the server writes with extra_float_digits 1, its default since version 12. */
export function readFloat(buffer: Buffer, start: number, end: number): number {
  return Number(buffer.toString('latin1', start, end))
}

export function readBoolean(buffer: Buffer, start: number): boolean {
  return buffer[start] === lowerT
}

/** Bytes in hex form, `\x` and two digits a byte, into memory of their own. */
export function readBytes(buffer: Buffer, start: number, end: number): Uint8Array {
  if (buffer[start] !== backslash || buffer[start + 1] !== lowerX) {
    throw new ValueError(
      "a bytea came in the escape format; leave bytea_output at its default, 'hex'",
    )
  }
  const bytes = new Uint8Array((end - start - 2) >> 1)
  for (let i = 0, offset = start + 2; i < bytes.length; i++, offset += 2) {
    bytes[i] = (hexDigit(buffer[offset] as number) << 4) | hexDigit(buffer[offset + 1] as number)
  }
  return bytes
}

function hexDigit(code: number): number {
  return code <= nine ? code - zero : (code | 0x20) - lowerA + 10
}

const zero = 0x30
const nine = 0x39
const minus = 0x2d
const backslash = 0x5c
const lowerA = 0x61
const lowerT = 0x74
const lowerX = 0x78
