import { MisuseError, ValueError } from '@mortise/core/adapter'
import { PostgresInterval } from './interval.ts'
import { readInstant, readIsoText } from './read-date-time.ts'
import { readInterval } from './read-interval.ts'
import { type ReadValue, readAscii } from './read-text.ts'

/** What is used of the runtime's Temporal. */
interface TemporalLike {
  readonly Instant: new (epochNanoseconds: bigint) => object
  readonly PlainDate: { from(text: string): object }
  readonly PlainTime: { from(text: string): object }
  readonly PlainDateTime: { from(text: string): object }
  readonly Duration: {
    from(parts: {
      readonly months: number
      readonly days: number
      readonly seconds: number
      readonly microseconds: number
    }): object
  }
}

/** Readers of dates, times, timestamps and intervals into the runtime's Temporal. */
export interface TemporalReaders {
  readonly date: ReadValue
  readonly time: ReadValue
  readonly timestamp: ReadValue
  readonly timestamptz: ReadValue
  readonly interval: ReadValue
}

/**
 * The readers of the preset `temporal`. Infinite values are ±Infinity; what Temporal cannot hold
 * (the time 24:00:00, an interval of mixed signs, years beyond ±271,821) is refused.
 *
 * @throws MisuseError `TEMPORAL_MISSING` where the runtime has no Temporal
 */
export function temporalReaders(): TemporalReaders {
  const { Temporal } = globalThis as { readonly Temporal?: TemporalLike }
  if (Temporal === undefined) {
    throw new MisuseError(
      'TEMPORAL_MISSING',
      "the types preset 'temporal' needs globalThis.Temporal, which this runtime does not have; run Node 26 or later, install a polyfill before this, or use the preset 'exact'",
    )
  }
  return {
    date: guarded((buffer, start, end) =>
      fromIso(readIsoText(buffer, start, end), (text) => Temporal.PlainDate.from(text)),
    ),
    time: guarded((buffer, start, end) => {
      const text = readAscii(buffer, start, end)
      // Temporal would read it as midnight, or refuse it, depending on its age.
      if (text.startsWith('24')) throw new RangeError()
      return Temporal.PlainTime.from(text)
    }),
    timestamp: guarded((buffer, start, end) =>
      fromIso(readIsoText(buffer, start, end), (text) => Temporal.PlainDateTime.from(text)),
    ),
    timestamptz: guarded((buffer, start, end) => {
      const instant = readInstant(buffer, start, end)
      return typeof instant === 'number'
        ? instant
        : new Temporal.Instant(BigInt(instant.epochMs) * 1_000_000n + BigInt(instant.micros * 1000))
    }),
    interval: guarded((buffer, start, end) => {
      const interval = readInterval(buffer, start, end)
      return interval instanceof PostgresInterval ? duration(interval, Temporal) : interval
    }),
  }
}

function guarded(read: ReadValue): ReadValue {
  return (buffer, start, end) => {
    try {
      return read(buffer, start, end)
    } catch (error) {
      if (error instanceof ValueError) throw error
      // A RangeError of Temporal quotes the value, so it does not become the cause.
      throw new ValueError(
        "the stored value is beyond what Temporal can hold; read it with the types preset 'exact'",
      )
    }
  }
}

/** Puts the year into ISO 8601's form: signed and of six digits where four do not do. */
function fromIso(text: string, make: (text: string) => object): object | number {
  if (text === 'infinity') return Number.POSITIVE_INFINITY
  if (text === '-infinity') return Number.NEGATIVE_INFINITY
  const hyphen = text.indexOf('-')
  const beforeChrist = text.endsWith(' BC')
  const year = beforeChrist ? 1 - Number(text.slice(0, hyphen)) : Number(text.slice(0, hyphen))
  const digits = String(Math.abs(year))
  const written =
    year < 0
      ? `-${digits.padStart(6, '0')}`
      : year > 9999
        ? `+${digits.padStart(6, '0')}`
        : digits.padStart(4, '0')
  return make(`${written}${text.slice(hyphen, beforeChrist ? -3 : undefined)}`.replace(' ', 'T'))
}

function duration(interval: PostgresInterval, { Duration }: TemporalLike): object {
  const { months, days, microseconds } = interval
  return Duration.from({
    months,
    days,
    seconds: Number(microseconds / 1_000_000n),
    microseconds: Number(microseconds % 1_000_000n),
  })
}
