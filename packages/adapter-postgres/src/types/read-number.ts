import { ValueError } from '@mortise/core/adapter'
import { isExactNumber } from './exact-number.ts'
import { readAscii } from './read-text.ts'

/** An integer as a number. Up to 15 characters, exact in any double, go without a string. */
export function readInteger(buffer: Buffer, start: number, end: number): number {
  if (end - start > 15) return readLongInteger(buffer, start, end)
  const negative = buffer[start] === minus
  let offset = negative ? start + 1 : start
  if (offset === end) throw notAnInteger()
  let value = 0
  for (; offset < end; offset++) {
    const digit = (buffer[offset] as number) - zero
    if (digit < 0 || digit > 9) throw notAnInteger()
    value = value * 10 + digit
  }
  return negative && value !== 0 ? -value : value
}

function readLongInteger(buffer: Buffer, start: number, end: number): number {
  checkInteger(buffer, start, end)
  const value = Number(readAscii(buffer, start, end))
  if (Number.isSafeInteger(value)) return value
  throw new ValueError(
    'an integer is beyond ±(2^53 − 1), which a number cannot hold exactly; read it as a bigint: t.bigint(), or t.id({ as: "bigint" })',
  )
}

/** An integer as a bigint. */
export function readBigInt(buffer: Buffer, start: number, end: number): bigint {
  if (end - start <= 15) return BigInt(readInteger(buffer, start, end))
  checkInteger(buffer, start, end)
  return BigInt(readAscii(buffer, start, end))
}

function checkInteger(buffer: Buffer, start: number, end: number): void {
  // An int8 has at most 20 characters; a numeric may have 131,072 digits, and BigInt is quadratic.
  if (end - start > 40) throw notAnInteger()
  for (let offset = buffer[start] === minus ? start + 1 : start; offset < end; offset++) {
    const code = buffer[offset] as number
    if (code < zero || code > nine) throw notAnInteger()
  }
}

/**
 * A double, NaN and the infinities included. Exact for what the server writes with
 * extra_float_digits 1, which is its default and what a session of this driver begins with.
 */
export function readFloat(buffer: Buffer, start: number, end: number): number {
  for (let offset = start; offset < end; offset++) {
    const code = buffer[offset] as number
    const plain = (code >= zero && code <= nine) || code === minus || code === point
    if (!plain && code !== plus && code !== lowerE) return readNamedFloat(buffer, start, end)
  }
  const value = Number(readAscii(buffer, start, end))
  if (start === end || Number.isNaN(value)) throw notAFloat()
  return value
}

function readNamedFloat(buffer: Buffer, start: number, end: number): number {
  switch (end - start > 9 ? '' : readAscii(buffer, start, end)) {
    case 'NaN':
      return Number.NaN
    case 'Infinity':
      return Number.POSITIVE_INFINITY
    case '-Infinity':
      return Number.NEGATIVE_INFINITY
  }
  throw notAFloat()
}

/** A double from a column that may be of another type: only what a double holds exactly. */
export function readExactFloat(buffer: Buffer, start: number, end: number): number {
  const value = readFloat(buffer, start, end)
  if (end - start <= 15 || !Number.isFinite(value)) {
    if (Number.isFinite(value) || end - start <= 9) return value
  } else if (isExactNumber(value, readAscii(buffer, start, end))) return value
  throw new ValueError(
    'a number has more digits than a double holds exactly; read the column as a decimal: t.decimal()',
  )
}

function notAnInteger(): ValueError {
  return new ValueError(
    'the stored value is not an integer; read the column by the type it has, or cast it in the SQL',
  )
}

function notAFloat(): ValueError {
  return new ValueError(
    'the stored value is not a floating-point number; read the column by the type it has, or cast it in the SQL',
  )
}

const plus = 0x2b
const minus = 0x2d
const point = 0x2e
const zero = 0x30
const nine = 0x39
const lowerE = 0x65
