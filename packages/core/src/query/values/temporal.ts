import { MisuseError, ValueError } from '../../errors/index.ts'
import { maxYear, pad2, yearText } from './calendar.ts'
import { temporalTag } from './value-kind.ts'

/** What is used of `Temporal.PlainDate`. */
export interface PlainDateLike {
  readonly year: number
  readonly month: number
  readonly day: number
  readonly calendarId: string
}

/** What is used of `Temporal.PlainTime`. */
export interface PlainTimeLike {
  readonly hour: number
  readonly minute: number
  readonly second: number
  readonly millisecond: number
  readonly microsecond: number
  readonly nanosecond: number
}

/** What is used of `Temporal.Instant`. */
export interface InstantLike {
  readonly epochNanoseconds: bigint
}

interface TemporalLike {
  readonly PlainDate: new (year: number, month: number, day: number) => PlainDateLike
  readonly PlainTime: new (
    hour: number,
    minute: number,
    second: number,
    millisecond: number,
    microsecond: number,
  ) => PlainTimeLike
  readonly Instant: new (epochNanoseconds: bigint) => InstantLike
}

/** Whether the value is of this Temporal class, the runtime's own or a polyfill's. */
export function isTemporal<T>(value: unknown, tag: `Temporal.${string}`): value is T {
  return temporalTag(value) === tag
}

/** The runtime's Temporal; a `MisuseError` where it has none. Needed to read, not to write. */
export function requireTemporal(typeName: string, place: string | undefined): TemporalLike {
  const { Temporal } = globalThis as { readonly Temporal?: TemporalLike }
  if (Temporal !== undefined) return Temporal
  throw new MisuseError(
    'TEMPORAL_MISSING',
    `${place === undefined ? '' : `${place}: `}the form 'temporal' of ${typeName} needs globalThis.Temporal, which this runtime does not have; run Node 26 or later, install a polyfill before this, or use the form 'string'`,
  )
}

/** Canonical text of a `Temporal.PlainDate`. */
export function plainDateText(date: PlainDateLike): string {
  if (date.calendarId !== 'iso8601') {
    throw new ValueError(
      "is a date of another calendar than ISO 8601, which would be lost; convert it with withCalendar('iso8601')",
    )
  }
  if (date.year > maxYear || date.year < -maxYear) {
    throw new ValueError('is out of range: a date holds the years -9999 to 9999')
  }
  return `${yearText(date.year)}-${pad2(date.month)}-${pad2(date.day)}`
}

/** Canonical text of a `Temporal.PlainTime`. */
export function plainTimeText(time: PlainTimeLike): string {
  if (time.nanosecond !== 0) throw finerThanMicroseconds()
  const clock = `${pad2(time.hour)}:${pad2(time.minute)}:${pad2(time.second)}`
  const micros = time.millisecond * 1000 + time.microsecond
  return micros === 0 ? clock : `${clock}.${String(micros).padStart(6, '0')}`
}

/** The refusal of nanoseconds. */
export function finerThanMicroseconds(): ValueError {
  return new ValueError(
    "is finer than a microsecond; round it first with round({ smallestUnit: 'microsecond' })",
  )
}
