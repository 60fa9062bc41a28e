import { ValueError } from '../../errors/index.ts'
import { dateText, daysFromDate, isCalendarDate, maxYear, pad2, pad3 } from './calendar.ts'
import { endOfDigits, fourDigits, fractionMicros, twoDigits } from './iso-digits.ts'

/** An instant to the microsecond: `epochMs` floored, and 0 to 999 microseconds beyond. */
export interface Instant {
  readonly epochMs: number
  readonly micros: number
}

const dayMs = 86_400_000
const minEpochMs = daysFromDate(-maxYear, 1, 1) * dayMs
const maxEpochMs = daysFromDate(maxYear + 1, 1, 1) * dayMs - 1

/**
 * Reads `YYYY-MM-DDTHH:MM:SS[.ffffff]` with `Z` or an offset `±HH:MM`.
 *
 * `given`, an application's text, must be exactly so. `stored`, a database's, may have a blank for
 * the T, no zone (it is UTC then) and offsets `±HH` and `±HH:MM:SS`.
 */
export function parseTimestamp(text: string, origin: 'given' | 'stored'): Instant {
  const sign = text.charCodeAt(0) === 45 ? 1 : 0
  const year = fourDigits(text, sign)
  const month = twoDigits(text, sign + 5)
  const day = twoDigits(text, sign + 8)
  const hour = twoDigits(text, sign + 11)
  const minute = twoDigits(text, sign + 14)
  const second = twoDigits(text, sign + 17)
  const separator = text.charCodeAt(sign + 10)
  if (
    (year | month | day | hour | minute | second) < 0 ||
    text.charCodeAt(sign + 4) !== 45 ||
    text.charCodeAt(sign + 7) !== 45 ||
    (separator !== 84 && (separator !== 32 || origin === 'given')) ||
    text.charCodeAt(sign + 13) !== 58 ||
    text.charCodeAt(sign + 16) !== 58
  ) {
    throw malformed(origin)
  }
  const signedYear = sign === 0 ? year : -year
  if (
    !isCalendarDate(signedYear, month, day) ||
    hour > 23 ||
    minute > 59 ||
    second > 59 ||
    (sign === 1 && year === 0)
  ) {
    throw refusal(origin, 'names a day or a time of day that does not exist')
  }
  const days = daysFromDate(signedYear, month, day)
  const epochMs = days * dayMs + hour * 3_600_000 + minute * 60_000 + second * 1000
  let at = sign + 19
  let fraction = 0
  if (text.charCodeAt(at) === 46) {
    const end = endOfDigits(text, at + 1)
    if (end === at + 1) throw malformed(origin)
    fraction = fractionMicros(text, at + 1, end)
    if (fraction < 0) throw refusal(origin, 'is finer than a microsecond; round it first')
    at = end
  }
  const milliseconds = (fraction / 1000) | 0
  const local = epochMs + milliseconds
  const offsetMs = parseZone(text, at, origin)
  if (offsetMs !== 0) checkRange(local - offsetMs)
  return { epochMs: local - offsetMs, micros: fraction - milliseconds * 1000 }
}

/** The offset from UTC at the end of the text, in milliseconds. */
function parseZone(text: string, at: number, origin: 'given' | 'stored'): number {
  const first = text.charCodeAt(at)
  if (first === 90 && text.length === at + 1) return 0
  if (text.length === at) {
    if (origin === 'stored') return 0
    throw new ValueError(
      'has no time zone, so it names no instant; append Z if it is UTC, or its offset such as +02:00',
    )
  }
  if (first !== 43 && first !== 45) throw malformed(origin)
  const hours = twoDigits(text, at + 1)
  const minutes = text.length > at + 3 ? colonAndTwo(text, at + 3) : 0
  const seconds = text.length > at + 6 ? colonAndTwo(text, at + 6) : 0
  const length = text.length - at
  const wellFormed = length === 6 || (origin === 'stored' && (length === 3 || length === 9))
  if (!wellFormed || (hours | minutes | seconds) < 0) throw malformed(origin)
  if (hours > 23 || minutes > 59 || seconds > 59) {
    throw refusal(origin, 'has an offset that does not exist')
  }
  const offset = hours * 3_600_000 + minutes * 60_000 + seconds * 1000
  return first === 45 ? -offset : offset
}

function colonAndTwo(text: string, at: number): number {
  return text.charCodeAt(at) === 58 ? twoDigits(text, at + 1) : -1
}

/**
 * Canonical text of an instant, always with six digits of a fraction: one instant has one text, and
 * from the year 0 on text sorts as time.
 */
export function timestampText(epochMs: number, micros: number): string {
  checkRange(epochMs)
  const days = Math.floor(epochMs / dayMs)
  let rest = epochMs - days * dayMs
  const hour = (rest / 3_600_000) | 0
  rest -= hour * 3_600_000
  const minute = (rest / 60_000) | 0
  rest -= minute * 60_000
  const second = (rest / 1000) | 0
  const milliseconds = rest - second * 1000
  return `${dateText(days)}T${pad2(hour)}:${pad2(minute)}:${pad2(second)}.${pad3(milliseconds)}${pad3(micros)}Z`
}

/** Whether a text that was read without an error is the canonical text of its instant. */
export function isCanonicalTimestamp(text: string): boolean {
  return text.length === 27 && text.charCodeAt(10) === 84 && text.charCodeAt(26) === 90
}

function checkRange(epochMs: number): void {
  if (epochMs < minEpochMs || epochMs > maxEpochMs) {
    throw new ValueError('is out of range: a timestamp holds the years -9999 to 9999 in UTC')
  }
}

function malformed(origin: 'given' | 'stored'): ValueError {
  return refusal(
    origin,
    origin === 'given'
      ? 'is not a timestamp; write YYYY-MM-DDTHH:MM:SS[.ffffff] followed by Z or an offset such as +02:00'
      : 'is not a timestamp of the years -9999 to 9999; read the column as text',
  )
}

function refusal(origin: 'given' | 'stored', message: string): ValueError {
  return new ValueError(origin === 'given' ? message : `the stored value ${message}`)
}
