import { isDate, isPromise, isUint8Array } from 'node:util/types'
import type { LogicalType, LogicalTypeName, TypeTable } from '../../contract/index.ts'
import { ValueError } from '../../errors/index.ts'
import { kindOf } from './value-kind.ts'

/**
 * The type of a parameter that came without one, from its JavaScript value alone. The value is
 * never null. `types.infer` is asked first; where it has no answer: boolean → `boolean`, safe
 * integer → `integer`, any other number (−0 too) → `float`, bigint → `bigint`, string → `text`,
 * valid Date → `timestamp`, Uint8Array → `bytes`. The same answer is the same object.
 *
 * Anything else is refused with a `ValueError`; undefined always is. Without a `place` the message
 * names none, for `atPlace` to add.
 */
export function inferType(value: unknown, types: TypeTable, place?: string): LogicalType {
  if (value === undefined) {
    throw refusal('is undefined', "use null for SQL's NULL, or leave it out", place)
  }
  const type = types.infer?.(value) ?? defaultType(value)
  if (type !== undefined) return type
  throw refusal(`has no type of its own, being ${kindOf(value)}`, hintFor(value), place)
}

function refusal(what: string, hint: string, place: string | undefined): ValueError {
  return new ValueError(`${place === undefined ? '' : `${place}: `}${what}; ${hint}`)
}

type Inferred = 'boolean' | 'integer' | 'float' | 'bigint' | 'text' | 'timestamp' | 'bytes'

const inferred: { readonly [name in Inferred & LogicalTypeName]: LogicalType } = Object.freeze({
  boolean: Object.freeze({ name: 'boolean' }),
  integer: Object.freeze({ name: 'integer' }),
  float: Object.freeze({ name: 'float' }),
  bigint: Object.freeze({ name: 'bigint' }),
  text: Object.freeze({ name: 'text' }),
  timestamp: Object.freeze({ name: 'timestamp' }),
  bytes: Object.freeze({ name: 'bytes' }),
})

function defaultType(value: unknown): LogicalType | undefined {
  switch (typeof value) {
    case 'string':
      return inferred.text
    case 'number':
      return Number.isSafeInteger(value) && !Object.is(value, -0)
        ? inferred.integer
        : inferred.float
    case 'boolean':
      return inferred.boolean
    case 'bigint':
      return inferred.bigint
    case 'object':
      if (isDate(value)) return Number.isNaN(value.getTime()) ? undefined : inferred.timestamp
      return isUint8Array(value) ? inferred.bytes : undefined
    default:
      return undefined
  }
}

function hintFor(value: unknown): string {
  switch (typeof value) {
    case 'function':
      return 'did you mean to call it?'
    case 'symbol':
      return 'a database holds no symbols'
  }
  if (isPromise(value)) return 'await it first'
  if (isDate(value)) return 'check it with Number.isNaN(date.getTime())'
  return Array.isArray(value)
    ? 'say its type: sql.typed(value, t.json()) or sql.typed(value, t.array(t.text())); sql.list(value) for a list of parameters'
    : 'say its type, such as sql.typed(value, t.json())'
}
