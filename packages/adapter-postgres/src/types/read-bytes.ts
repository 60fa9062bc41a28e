import { ValueError } from '@mortise/core/adapter'

/** A bytea, in the hex or the escape format (`bytea_output`), into memory of its own. */
export function readBytes(buffer: Buffer, start: number, end: number): Uint8Array {
  // In the escape format a backslash stands before another one or an octal digit, never before x.
  return buffer[start] === backslash && buffer[start + 1] === lowerX
    ? readHex(buffer, start + 2, end)
    : readEscaped(buffer, start, end)
}

function readHex(buffer: Buffer, start: number, end: number): Uint8Array {
  if ((end - start) % 2 !== 0) throw malformed()
  const bytes = new Uint8Array((end - start) >> 1)
  let wrong = 0
  for (let i = 0, offset = start; i < bytes.length; i++, offset += 2) {
    const high = hexDigits[buffer[offset] as number] as number
    const low = hexDigits[buffer[offset + 1] as number] as number
    wrong |= high | low
    bytes[i] = (high << 4) | low
  }
  if (wrong > 15) throw malformed()
  return bytes
}

/** The value of each hexadecimal digit; 16 for everything else. */
const hexDigits = Uint8Array.from({ length: 256 }, (_, code) => {
  const value = Number.parseInt(String.fromCharCode(code), 16)
  return Number.isNaN(value) ? 16 : value
})

/** `\\` is a backslash, `\ooo` a byte in octal, everything else a byte as it is. */
function readEscaped(buffer: Buffer, start: number, end: number): Uint8Array {
  const bytes = new Uint8Array(end - start)
  let length = 0
  for (let offset = start; offset < end; ) {
    const code = buffer[offset] as number
    if (code !== backslash) {
      bytes[length++] = code
      offset++
    } else if (offset + 1 < end && buffer[offset + 1] === backslash) {
      bytes[length++] = backslash
      offset += 2
    } else {
      bytes[length++] = octal(buffer, offset + 1, end)
      offset += 4
    }
  }
  return bytes.slice(0, length)
}

function octal(buffer: Buffer, start: number, end: number): number {
  let value = 0
  for (let offset = start; offset < start + 3; offset++) {
    const digit = offset < end ? (buffer[offset] as number) - 0x30 : -1
    if (digit < 0 || digit > 7) throw malformed()
    value = value * 8 + digit
  }
  if (value > 255) throw malformed()
  return value
}

function malformed(): ValueError {
  return new ValueError('the stored value is not a bytea; read the column by the type it has')
}

const backslash = 0x5c
const lowerX = 0x78
