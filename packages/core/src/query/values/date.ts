import { ValueError } from '../../errors/index.ts'
import { isCalendarDate } from './calendar.ts'
import type { Conversion } from './conversion.ts'
import { fourDigits, twoDigits } from './iso-digits.ts'
import { isTemporal, type PlainDateLike, plainDateText, requireTemporal } from './temporal.ts'
import type { ValueForm } from './value-form.ts'
import { wrongKind } from './value-kind.ts'

/**
 * `date`: `YYYY-MM-DD` of a day that exists, years −9999 to 9999 (`-0043-03-15` is in 44 BC), or a
 * `Temporal.PlainDate` of the ISO calendar.
 */
export function dateConversion(form: ValueForm | undefined, place: string | undefined): Conversion {
  if (form !== 'temporal') return { toCanonical: toDateText, toApplication: storedDate }
  const { PlainDate } = requireTemporal('date', place)
  return {
    toCanonical: toDateText,
    toApplication(canonical) {
      const text = storedDate(canonical)
      const start = text.length - 6
      return new PlainDate(
        Number(text.slice(0, start)),
        twoDigits(text, start + 1),
        twoDigits(text, start + 4),
      )
    },
  }
}

function toDateText(value: unknown): string {
  if (typeof value === 'string') {
    if (isDateText(value)) return value
    throw new ValueError('is not a day of the calendar written as YYYY-MM-DD, years -9999 to 9999')
  }
  if (isTemporal<PlainDateLike>(value, 'Temporal.PlainDate')) return plainDateText(value)
  throw wrongKind(
    'a string YYYY-MM-DD or a Temporal.PlainDate',
    value,
    'a Date is an instant: choose the time zone and write its day',
  )
}

function storedDate(canonical: unknown): string {
  if (typeof canonical === 'string' && isDateText(canonical)) return canonical
  throw new ValueError(
    'the stored value is not a day of the years -9999 to 9999; read the column as text',
  )
}

function isDateText(text: string): boolean {
  const sign = text.charCodeAt(0) === 45 ? 1 : 0
  if (text.length !== 10 + sign) return false
  const year = fourDigits(text, sign)
  if (year < 0 || (year === 0 && sign === 1)) return false
  if (text.charCodeAt(sign + 4) !== 45 || text.charCodeAt(sign + 7) !== 45) return false
  const signed = sign === 1 ? -year : year
  return isCalendarDate(signed, twoDigits(text, sign + 5), twoDigits(text, sign + 8))
}
