const timeText = /^(\d\d:\d\d:\d\d)(?:\.(\d{1,6}))?$/
const timestampText =
  /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:\.(\d{1,6}))?(?:Z|([+-])(\d\d)(?::?(\d\d))?(?::(\d\d))?)?$/

/**
 * The canonical text of a time or a timestamp, whichever of the texts that core takes from `decode`
 * it is: fewer digits, a blank for the T, no zone, an offset. Everything else is left as it is.
 */
export function canonical(value: unknown): unknown {
  if (typeof value !== 'string') return value
  const [, time, digits = ''] = timeText.exec(value) ?? []
  if (time !== undefined) {
    return /[1-9]/.test(digits) ? `${time}.${digits.padEnd(6, '0')}` : time
  }
  const [, date, clock, fraction = '', sign, hours = 0, minutes = 0, seconds = 0] =
    timestampText.exec(value) ?? []
  if (date === undefined) return value
  const offset = Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds)
  const utc = Date.parse(`${date}T${clock}Z`) - (sign === '-' ? -offset : offset) * 1000
  return `${new Date(utc).toISOString().slice(0, 19)}.${fraction.padEnd(6, '0')}Z`
}
