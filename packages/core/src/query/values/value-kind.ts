import { isDate, isPromise, isUint8Array } from 'node:util/types'
import { ValueError } from '../../errors/index.ts'

/** Names what sort of value it is, for messages: never the value itself. */
export function kindOf(value: unknown): string {
  switch (typeof value) {
    case 'number':
      return describeNumber(value)
    case 'object':
      return describeObject(value)
    case 'undefined':
      return 'undefined'
    default:
      return `a ${typeof value}`
  }
}

/** The refusal of a value of the wrong kind. */
export function wrongKind(expected: string, value: unknown, hint?: string): ValueError {
  return new ValueError(
    `takes ${expected}, got ${kindOf(value)}${hint === undefined ? '' : `; ${hint}`}`,
  )
}

function describeNumber(value: number): string {
  if (Number.isNaN(value)) return 'NaN'
  if (!Number.isFinite(value)) return 'an infinite number'
  if (Object.is(value, -0)) return 'negative zero'
  if (!Number.isInteger(value)) return 'a number with a fraction'
  return Number.isSafeInteger(value) ? 'a number' : 'a number beyond the safe integers'
}

function describeObject(value: object | null): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'an array'
  if (isDate(value))
    return Number.isNaN(Date.prototype.getTime.call(value)) ? 'an invalid Date' : 'a Date'
  if (isUint8Array(value)) return 'a Uint8Array'
  if (isPromise(value)) return 'a Promise'
  const tag = temporalTag(value)
  return tag === undefined ? 'an object' : `a ${tag}`
}

/** `Temporal.Instant` and its siblings by their tag, so that a polyfill's count too. */
export function temporalTag(value: unknown): `Temporal.${string}` | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  const tag = (value as { [Symbol.toStringTag]?: unknown })[Symbol.toStringTag]
  return typeof tag === 'string' && temporalTags.has(tag)
    ? (tag as `Temporal.${string}`)
    : undefined
}

const temporalTags: ReadonlySet<string> = new Set([
  'Temporal.Duration',
  'Temporal.Instant',
  'Temporal.PlainDate',
  'Temporal.PlainDateTime',
  'Temporal.PlainMonthDay',
  'Temporal.PlainTime',
  'Temporal.PlainYearMonth',
  'Temporal.ZonedDateTime',
])
