import { ValueError } from '@mortise/core/adapter'
import { readAscii } from './read-text.ts'

/**
 * The text of a date, timestamp or timestamptz as the server writes it with DateStyle ISO: every
 * digit, `BC`, `infinity` and the offset of the session's time zone included. No other style begins
 * with a year of four digits or more and a hyphen, so none of them is taken for it.
 *
 * @throws ValueError where the session has another DateStyle
 */
export function readIsoText(buffer: Buffer, start: number, end: number): string {
  const text = readAscii(buffer, start, end)
  if (yearEnd(buffer, start, end) < 0 && text !== 'infinity' && text !== '-infinity') {
    throw notIso()
  }
  return text
}

/** An instant to the microsecond, in parts that are exact. */
export interface Instant {
  /** Milliseconds since 1970 in UTC, floored. */
  readonly epochMs: number
  /** 0 to 999 microseconds beyond. */
  readonly micros: number
}

/**
 * A timestamptz in ISO form. Infinity is a number of that name, as an instant that is later or
 * earlier than all others.
 */
export function readInstant(buffer: Buffer, start: number, end: number): Instant | number {
  const hyphen = yearEnd(buffer, start, end)
  if (hyphen < 0) return readInfinity(buffer, start, end)
  const bc =
    end - start > 3 && buffer[end - 1] === upperC && buffer[end - 2] === upperB ? end - 3 : end
  let year = 0
  for (let offset = start; offset < hyphen; offset++) {
    year = year * 10 + (buffer[offset] as number) - zero
  }
  if (bc !== end) year = 1 - year
  const month = twoDigits(buffer, hyphen + 1, bc)
  const day = twoDigits(buffer, hyphen + 4, bc)
  const hour = twoDigits(buffer, hyphen + 7, bc)
  const minute = twoDigits(buffer, hyphen + 10, bc)
  const second = twoDigits(buffer, hyphen + 13, bc)
  if ((month | day | hour | minute | second) < 0) throw notIso()
  let offset = hyphen + 15
  let micros = 0
  if (buffer[offset] === point) {
    let scale = 100_000
    for (offset++; offset < bc; offset++) {
      const digit = (buffer[offset] as number) - zero
      if (digit < 0 || digit > 9) break
      micros += digit * scale
      scale = Math.floor(scale / 10)
    }
  }
  const seconds =
    daysFromDate(year, month, day) * 86_400 +
    hour * 3600 +
    minute * 60 +
    second -
    readOffset(buffer, offset, bc)
  const milliseconds = Math.floor(micros / 1000)
  return { epochMs: seconds * 1000 + milliseconds, micros: micros - milliseconds * 1000 }
}

/**
 * A timestamptz as a Date, floored to the milliseconds that a Date holds; ±Infinity for the
 * server's infinities, which compare with Dates as they should.
 */
export function readDate(buffer: Buffer, start: number, end: number): Date | number {
  const instant = readInstant(buffer, start, end)
  if (typeof instant === 'number') return instant
  const date = new Date(instant.epochMs)
  if (!Number.isNaN(date.getTime())) return date
  throw new ValueError(
    "the stored timestamp is beyond what a Date can hold; read it as text with the types preset 'exact'",
  )
}

/** `infinity` and `-infinity`; anything else is refused. */
function readInfinity(buffer: Buffer, start: number, end: number): number {
  const text = end - start > 9 ? '' : readAscii(buffer, start, end)
  if (text === 'infinity') return Number.POSITIVE_INFINITY
  if (text === '-infinity') return Number.NEGATIVE_INFINITY
  throw notIso()
}

/** Where the hyphen behind a year stands, or −1 where no ISO date begins. */
function yearEnd(buffer: Buffer, start: number, end: number): number {
  let offset = start
  while (offset < end && offset - start < 7) {
    const code = buffer[offset] as number
    if (code < zero || code > zero + 9) break
    offset++
  }
  return offset - start >= 4 && offset < end && buffer[offset] === minus ? offset : -1
}

/** `+HH`, `-HH:MM` or `+HH:MM:SS` in seconds; it must end the text. */
function readOffset(buffer: Buffer, start: number, end: number): number {
  const sign = buffer[start]
  const length = end - start
  if ((sign !== plus && sign !== minus) || (length !== 3 && length !== 6 && length !== 9)) {
    throw notIso()
  }
  const hours = twoDigits(buffer, start + 1, end)
  const minutes = length > 3 ? twoDigits(buffer, start + 4, end) : 0
  const seconds = length > 6 ? twoDigits(buffer, start + 7, end) : 0
  if ((hours | minutes | seconds) < 0) throw notIso()
  const offset = hours * 3600 + minutes * 60 + seconds
  return sign === minus ? -offset : offset
}

function twoDigits(buffer: Buffer, at: number, end: number): number {
  if (at + 2 > end) return -1
  const tens = (buffer[at] as number) - zero
  const ones = (buffer[at + 1] as number) - zero
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : -1
}

/** Days since 1970 of a day in the proleptic Gregorian calendar; year 0 is 1 BC. */
function daysFromDate(year: number, month: number, day: number): number {
  const shifted = month <= 2 ? year - 1 : year
  const era = Math.floor(shifted / 400)
  const yearOfEra = shifted - era * 400
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100)
  return era * 146_097 + dayOfEra + dayOfYear - 719_468
}

function notIso(): ValueError {
  return new ValueError(
    "a date or timestamp did not come in the ISO format; the session's DateStyle must be ISO, as the driver sets it: take back the SET DateStyle, or read the value as text (to_char)",
  )
}

const plus = 0x2b
const minus = 0x2d
const point = 0x2e
const zero = 0x30
const upperB = 0x42
const upperC = 0x43
