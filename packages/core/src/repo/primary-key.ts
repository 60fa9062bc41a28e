import { MisuseError } from '../errors/index.ts'
import type { RowKey } from './row-key.ts'
import type { ColumnPlan, TablePlan } from './table-plan.ts'

/**
 * The encoded primary key that a call names one row by: a value, or an object of values where the
 * key is composite. `call` is what messages call it.
 *
 * @throws MisuseError `NO_PRIMARY_KEY`, `PRIMARY_KEY_INVALID`
 * @throws ValueError for a value that is none of the column's type
 */
export function primaryKeyValues(plan: TablePlan, id: unknown, call: string): unknown[] {
  const { primaryKey, info } = plan
  const [only] = primaryKey
  if (only === undefined) {
    throw new MisuseError(
      'NO_PRIMARY_KEY',
      `${call}: ${info.name} has no primary key, so no single row can be named; ${call === 'get' ? 'use one() with a where' : `use ${call}All() with a where`}`,
    )
  }
  if (primaryKey.length === 1) {
    if (typeof id !== 'object' || !isPlain(id) || only.ref.settings.type.name === 'json') {
      return [part(plan, only, id, call)]
    }
    throw new MisuseError(
      'PRIMARY_KEY_INVALID',
      `${call}: the primary key of ${info.name} is one column; give its value itself, not an object`,
    )
  }
  const names = primaryKey.map((column) => column.ref.property).join(', ')
  if (!isPlain(id)) {
    throw new MisuseError(
      'PRIMARY_KEY_INVALID',
      `${call}: the primary key of ${info.name} takes an object with ${names}`,
    )
  }
  for (const property of Object.keys(id)) {
    if (primaryKey.some((column) => column.ref.property === property)) continue
    throw new MisuseError(
      'PRIMARY_KEY_INVALID',
      `${call}: "${property}" is not part of the primary key of ${info.name}, which is ${names}`,
    )
  }
  return primaryKey.map((column) => part(plan, column, id[column.ref.property], call))
}

/** As `primaryKeyValues`, each value with its column. */
export function primaryKeyOf(plan: TablePlan, id: unknown, call: string): RowKey {
  const values = primaryKeyValues(plan, id, call)
  return plan.primaryKey.map((column, i) => ({ column, value: values[i] }))
}

function part(plan: TablePlan, column: ColumnPlan, value: unknown, call: string): unknown {
  if (value !== undefined && value !== null) return column.encode(value, call)
  throw new MisuseError(
    'PRIMARY_KEY_INVALID',
    `${call}: the primary key ${plan.info.name}.${column.ref.property} is ${value}; a row is named by a value`,
  )
}

function isPlain(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}
