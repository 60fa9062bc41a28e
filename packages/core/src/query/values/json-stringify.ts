import { isDate } from 'node:util/types'
import { ValueError } from '../../errors/index.ts'
import { isWellFormed } from './text.ts'
import { kindOf } from './value-kind.ts'

/** The deepest nesting that is written: what databases read back (SQLite's JSON stops there). */
export const maxJsonDepth = 1000

// JSON.rawJSON is in every supported runtime, but in no TypeScript library yet.
const { isRawJSON } = JSON as unknown as {
  isRawJSON(value: object): value is { readonly rawJSON: string }
}

// Anything but what stands in JSON as it is: quotes, backslashes, controls and surrogates.
const needsCare = /[^ !#-[\]-\ud7ff\ue000-\uffff]/

/**
 * The JSON text of a value, as `JSON.stringify` writes it, but what JSON cannot say is refused
 * where `JSON.stringify` would change or drop it: NaN and infinities, bigints, functions, symbols,
 * undefined in an array, invalid dates, Map, Set and other class instances without `toJSON`, lone
 * surrogates, circles. −0 is written `-0`.
 *
 * As in `JSON.stringify`, a property whose value is undefined is left out, and so are properties
 * with symbol keys and those that are not enumerable; `toJSON` (that of a Date, say) and
 * `JSON.rawJSON` are honoured.
 */
export function stringifyJson(value: unknown): string {
  const text = write(value, '', [])
  if (text === undefined) throw notJson('undefined', 'use null')
  return text
}

/** Undefined where the value is undefined: its property is left out. */
function write(value: unknown, key: string | number, ancestors: object[]): string | undefined {
  switch (typeof value) {
    case 'string':
      return quote(value)
    case 'number':
      if (!Number.isFinite(value)) throw notJson(kindOf(value), 'use null or a string')
      return Object.is(value, -0) ? '-0' : String(value)
    case 'boolean':
      return value ? 'true' : 'false'
    case 'undefined':
      return undefined
    case 'object':
      return value === null ? 'null' : writeObject(value, key, ancestors)
    case 'bigint':
      throw notJson('a bigint', 'write it as a string, or as a number if it is safe')
    default:
      throw notJson(kindOf(value), 'leave it out')
  }
}

function writeObject(given: object, key: string | number, ancestors: object[]): string | undefined {
  const { toJSON } = given as { readonly toJSON?: unknown }
  let value = given
  if (typeof toJSON === 'function') {
    if (isDate(given) && Number.isNaN(Date.prototype.getTime.call(given))) {
      throw notJson('an invalid Date', 'use null')
    }
    const said: unknown = toJSON.call(given, String(key))
    if (typeof said !== 'object' || said === null) return write(said, key, ancestors)
    value = said
  }
  if (ancestors.includes(value)) throw notJson('a circle', 'leave the reference back out')
  if (ancestors.length === maxJsonDepth) {
    throw notJson(`more than ${maxJsonDepth} levels of nesting`, 'flatten it')
  }
  ancestors.push(value)
  const text = Array.isArray(value) ? writeArray(value, ancestors) : writeMembers(value, ancestors)
  ancestors.pop()
  return text
}

function writeArray(array: readonly unknown[], ancestors: object[]): string {
  let text = '['
  for (let index = 0; index < array.length; index++) {
    const element = write(array[index], index, ancestors)
    if (element === undefined) throw notJson('undefined in an array', 'use null')
    text += index === 0 ? element : `,${element}`
  }
  return `${text}]`
}

function writeMembers(object: object, ancestors: object[]): string {
  const prototype: object | null = Object.getPrototypeOf(object)
  if (prototype === null && isRawJSON(object)) {
    if (holdsLoneSurrogate(object.rawJSON)) throw loneSurrogate()
    return object.rawJSON
  }
  // Another realm's Object.prototype is the end of its chain too.
  if (prototype !== Object.prototype && prototype !== null && Object.getPrototypeOf(prototype)) {
    throw notJson(
      'an object of a class without toJSON',
      'pass a plain object or array, or give the class a toJSON method',
    )
  }
  let text = '{'
  for (const key of Object.keys(object)) {
    const member = write((object as Record<string, unknown>)[key], key, ancestors)
    if (member === undefined) continue
    text += `${text === '{' ? '' : ','}${quote(key)}:${member}`
  }
  return `${text}}`
}

function quote(text: string): string {
  if (!needsCare.test(text)) return `"${text}"`
  if (!isWellFormed(text)) throw loneSurrogate()
  return JSON.stringify(text)
}

function loneSurrogate(): ValueError {
  return notJson('half of a surrogate pair', 'repair the string with toWellFormed()')
}

function notJson(what: string, hint: string): ValueError {
  return new ValueError(`has ${what}, which JSON cannot say; ${hint}`)
}

const surrogateEscape = /\\u[dD][89a-fA-F]/

/**
 * Whether a string or a key of JSON text is not well formed. `parsed` is the parsed text, where
 * the caller has it.
 */
export function holdsLoneSurrogate(text: string, parsed?: unknown): boolean {
  if (!isWellFormed(text)) return true
  return surrogateEscape.test(text) && !isWellFormedValue(parsed ?? JSON.parse(text))
}

function isWellFormedValue(root: unknown): boolean {
  const pending: unknown[] = [root]
  while (pending.length > 0) {
    const value = pending.pop()
    if (typeof value === 'string') {
      if (!isWellFormed(value)) return false
    } else if (typeof value === 'object' && value !== null) {
      for (const key of Object.keys(value)) {
        pending.push(key, (value as Record<string, unknown>)[key])
      }
    }
  }
  return true
}
