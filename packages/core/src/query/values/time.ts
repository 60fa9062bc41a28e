import { ValueError } from '../../errors/index.ts'
import type { Conversion } from './conversion.ts'
import { endOfDigits, fractionMicros, twoDigits } from './iso-digits.ts'
import { isTemporal, type PlainTimeLike, plainTimeText, requireTemporal } from './temporal.ts'
import type { ValueForm } from './value-form.ts'
import { wrongKind } from './value-kind.ts'

/**
 * `time`: `HH:MM:SS` with up to six digits of a fraction, or a `Temporal.PlainTime`; from 00:00:00
 * to 23:59:59.999999. Its canonical text has no fraction or six digits of one, so that one time has
 * one text, and text sorts as time.
 */
export function timeConversion(form: ValueForm | undefined, place: string | undefined): Conversion {
  if (form !== 'temporal') return { toCanonical: toTimeText, toApplication: storedTime }
  const { PlainTime } = requireTemporal('time', place)
  return {
    toCanonical: toTimeText,
    toApplication(canonical) {
      const text = storedTime(canonical)
      const micros = text.length === 8 ? 0 : fractionMicros(text, 9, text.length)
      return new PlainTime(
        twoDigits(text, 0),
        twoDigits(text, 3),
        twoDigits(text, 6),
        Math.floor(micros / 1000),
        micros % 1000,
      )
    },
  }
}

function toTimeText(value: unknown): string {
  if (typeof value === 'string') return normalise(value) ?? refuse(value)
  if (isTemporal<PlainTimeLike>(value, 'Temporal.PlainTime')) return plainTimeText(value)
  throw wrongKind(
    'a string HH:MM:SS[.ffffff] or a Temporal.PlainTime',
    value,
    'a Date is an instant: choose the time zone and write its time',
  )
}

function refuse(text: string): never {
  throw new ValueError(
    normalise(text.slice(0, 15)) !== undefined
      ? 'is finer than a microsecond; round it first'
      : 'is not a time of day written as HH:MM:SS[.ffffff], from 00:00:00 to 23:59:59.999999',
  )
}

function storedTime(canonical: unknown): string {
  const text = typeof canonical === 'string' ? normalise(canonical) : undefined
  if (text !== undefined) return text
  throw new ValueError(
    'the stored value is not a time of day from 00:00:00 to 23:59:59.999999; read the column as text',
  )
}

function normalise(text: string): string | undefined {
  if (!isClock(text)) return undefined
  if (text.length === 8) return text
  const end = endOfDigits(text, 9)
  if (text.charCodeAt(8) !== 46 || end === 9 || end !== text.length) return undefined
  const micros = fractionMicros(text, 9, end)
  if (micros < 0) return undefined
  if (micros === 0) return text.slice(0, 8)
  return text.length === 15 ? text : `${text.slice(0, 8)}.${String(micros).padStart(6, '0')}`
}

function isClock(text: string): boolean {
  const hour = twoDigits(text, 0)
  const minute = twoDigits(text, 3)
  const second = twoDigits(text, 6)
  return (
    hour >= 0 &&
    hour < 24 &&
    minute >= 0 &&
    minute < 60 &&
    second >= 0 &&
    second < 60 &&
    text.charCodeAt(2) === 58 &&
    text.charCodeAt(5) === 58
  )
}
