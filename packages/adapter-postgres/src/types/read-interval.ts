import { ValueError } from '@mortise/core/adapter'
import { PostgresInterval } from './interval.ts'
import { readAscii } from './read-text.ts'

const postgresStyle =
  /^(?:([+-]?\d+) years? ?)?(?:([+-]?\d+) mons? ?)?(?:([+-]?\d+) days? ?)?(?:([+-]?)(\d+):(\d\d):(\d\d)(?:\.(\d{1,6}))?)?$/
const isoStyle =
  /^P(?:(-?\d+)Y)?(?:(-?\d+)M)?(?:(-?\d+)D)?(?:T(?:(-?\d+)H)?(?:(-?\d+)M)?(?:(-?)(\d+)(?:\.(\d{1,6}))?S)?)?$/

/**
 * An interval in the styles `postgres` (what a session of this driver begins with) and `iso_8601`;
 * ±Infinity for the infinities of PostgreSQL 17.
 *
 * @throws ValueError for the other styles, in which a sign may stand for several fields
 */
export function readInterval(
  buffer: Buffer,
  start: number,
  end: number,
): PostgresInterval | number {
  const text = end - start > longest ? '' : readAscii(buffer, start, end)
  if (text === 'infinity') return Number.POSITIVE_INFINITY
  if (text === '-infinity') return Number.NEGATIVE_INFINITY
  const interval =
    text === '' ? undefined : text.startsWith('P') ? fromIso(text) : fromPostgres(text)
  if (interval !== undefined) return interval
  throw new ValueError(
    "an interval did not come in the style postgres or iso_8601; the session's IntervalStyle must be postgres, as the driver sets it: take back the SET IntervalStyle, or cast the interval to text",
  )
}

/** Longer than any interval in these styles. */
const longest = 100

function fromPostgres(text: string): PostgresInterval | undefined {
  const match = postgresStyle.exec(text)
  if (match === null) return undefined
  const [, years = '0', months = '0', days = '0', sign, hours = '0', minutes, seconds, digits] =
    match
  const microseconds = clock(hours, minutes, seconds, digits)
  return new PostgresInterval({
    months: Number(years) * 12 + Number(months),
    days: Number(days),
    microseconds: sign === '-' ? -microseconds : microseconds,
  })
}

function fromIso(text: string): PostgresInterval | undefined {
  const match = isoStyle.exec(text)
  if (match === null) return undefined
  const [, years = '0', months = '0', days = '0', hours, minutes, sign, seconds, digits] = match
  const rest = clock('0', '0', seconds, digits)
  return new PostgresInterval({
    months: Number(years) * 12 + Number(months),
    days: Number(days),
    microseconds: clock(hours, minutes, '0', '') + (sign === '-' ? -rest : rest),
  })
}

function clock(hours = '0', minutes = '0', seconds = '0', digits = ''): bigint {
  const whole = (BigInt(hours) * 60n + BigInt(minutes)) * 60n + BigInt(seconds)
  return whole * 1_000_000n + BigInt(digits.padEnd(6, '0'))
}
