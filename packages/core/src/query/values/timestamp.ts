import { isDate } from 'node:util/types'
import { ValueError } from '../../errors/index.ts'
import type { Conversion } from './conversion.ts'
import { finerThanMicroseconds, type InstantLike, isTemporal, requireTemporal } from './temporal.ts'
import { isCanonicalTimestamp, parseTimestamp, timestampText } from './timestamp-text.ts'
import type { ValueForm } from './value-form.ts'
import { wrongKind } from './value-kind.ts'

/**
 * `timestamp`: an instant, years −9999 to 9999. Takes a valid `Date`, text
 * `YYYY-MM-DDTHH:MM:SS[.ffffff]` with `Z` or an offset, or a `Temporal.Instant` of whole
 * microseconds. Read as a `Date` it is floored to milliseconds; the other forms are exact.
 */
export function timestampConversion(
  form: ValueForm | undefined,
  place: string | undefined,
): Conversion {
  if (form === 'string') return { toCanonical: toTimestampText, toApplication: storedText }
  if (form !== 'temporal') return { toCanonical: toTimestampText, toApplication: storedDate }
  const { Instant } = requireTemporal('timestamp', place)
  return {
    toCanonical: toTimestampText,
    toApplication(canonical) {
      const { epochMs, micros } = parseTimestamp(textOf(canonical), 'stored')
      return new Instant(BigInt(epochMs) * 1_000_000n + BigInt(micros * 1000))
    },
  }
}

function toTimestampText(value: unknown): string {
  if (value instanceof Date || isDate(value)) return dateInstantText(value)
  if (typeof value === 'string') {
    const { epochMs, micros } = parseTimestamp(value, 'given')
    return isCanonicalTimestamp(value) ? value : timestampText(epochMs, micros)
  }
  if (isTemporal<InstantLike>(value, 'Temporal.Instant')) return temporalInstantText(value)
  throw wrongKind(
    'a Date, an ISO 8601 string or a Temporal.Instant',
    value,
    'a Temporal.ZonedDateTime converts with toInstant(), milliseconds since 1970 with new Date()',
  )
}

function dateInstantText(date: Date): string {
  const epochMs = date.getTime()
  if (Number.isNaN(epochMs)) {
    throw new ValueError('is an invalid Date; check it with Number.isNaN(date.getTime())')
  }
  return timestampText(epochMs, 0)
}

function temporalInstantText({ epochNanoseconds }: InstantLike): string {
  if (epochNanoseconds % 1000n !== 0n) throw finerThanMicroseconds()
  const nanoseconds = ((epochNanoseconds % 1_000_000n) + 1_000_000n) % 1_000_000n
  return timestampText(
    Number((epochNanoseconds - nanoseconds) / 1_000_000n),
    Number(nanoseconds / 1000n),
  )
}

function storedDate(canonical: unknown): Date {
  return new Date(parseTimestamp(textOf(canonical), 'stored').epochMs)
}

function storedText(canonical: unknown): string {
  const text = textOf(canonical)
  const { epochMs, micros } = parseTimestamp(text, 'stored')
  return isCanonicalTimestamp(text) ? text : timestampText(epochMs, micros)
}

function textOf(canonical: unknown): string {
  if (typeof canonical === 'string') return canonical
  throw wrongKind('the text of a timestamp from the database', canonical)
}
