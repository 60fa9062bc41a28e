/**
 * The proleptic Gregorian calendar with astronomical years (ISO 8601): year 0 is 1 BC, −1 is 2 BC.
 * The conversions are Howard Hinnant's (`days_from_civil`, `civil_from_days`).
 */

/** The years that canonical text can say; see the contract's logical types. */
export const maxYear = 9999

/** Whether the day exists. */
export function isCalendarDate(year: number, month: number, day: number): boolean {
  return month >= 1 && month <= 12 && day >= 1 && (day <= 28 || day <= daysInMonth(year, month))
}

function daysInMonth(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31
}

/** Days from 1970-01-01 to a day. */
export function daysFromDate(year: number, month: number, day: number): number {
  const y = month <= 2 ? year - 1 : year
  const era = Math.floor(y / 400)
  const yearOfEra = y - era * 400
  const dayOfYear = (((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5) | 0) + day - 1
  const dayOfEra = yearOfEra * 365 + (yearOfEra >> 2) - ((yearOfEra / 100) | 0) + dayOfYear
  return era * 146_097 + dayOfEra - 719_468
}

/** The day that is `days` after 1970-01-01, as canonical text; the year must be within ±9999. */
export function dateText(days: number): string {
  const shifted = days + 719_468
  const era = Math.floor(shifted / 146_097)
  const dayOfEra = shifted - era * 146_097
  const yearOfEra =
    ((dayOfEra - ((dayOfEra / 1460) | 0) + ((dayOfEra / 36_524) | 0) - ((dayOfEra / 146_096) | 0)) /
      365) |
    0
  const dayOfYear = dayOfEra - (365 * yearOfEra + (yearOfEra >> 2) - ((yearOfEra / 100) | 0))
  const shiftedMonth = ((5 * dayOfYear + 2) / 153) | 0
  const day = dayOfYear - (((153 * shiftedMonth + 2) / 5) | 0) + 1
  const month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
  return `${yearText(yearOfEra + era * 400 + (month <= 2 ? 1 : 0))}-${pad2(month)}-${pad2(day)}`
}

/** A year within ±9999 in four digits, with a minus before 0000. */
export function yearText(year: number): string {
  if (year < 0) return `-${yearText(-year)}`
  return pad2((year / 100) | 0) + pad2(year % 100)
}

const pairs = Object.freeze(Array.from({ length: 100 }, (_, n) => String(n).padStart(2, '0')))

/** A number from 0 to 99 in two digits. */
export function pad2(number: number): string {
  return pairs[number]!
}

/** A number from 0 to 999 in three digits. */
export function pad3(number: number): string {
  return number < 100 ? `0${pairs[number]}` : String(number)
}
