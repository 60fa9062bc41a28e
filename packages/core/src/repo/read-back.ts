import { AdapterError, UnsupportedError } from '../errors/index.ts'
import { membership, proposedValue } from './index-membership.ts'
import type { ParsedConflict } from './on-conflict.ts'
import type { RowKey } from './row-key.ts'
import type { EncodedRow } from './row-values.ts'
import type { Runtime } from './runtime.ts'
import type { ColumnPlan, TablePlan } from './table-plan.ts'

/** How a written row is found again: by values it was given, or by the id that was made for it. */
export type ReadBack = { readonly key: RowKey } | { readonly madeFor: ColumnPlan }

/**
 * Decides how the row of an insert will be found again where the database has no RETURNING.
 *
 * A row that an upsert changes is found by its conflict target, since its primary key need not be
 * the proposed one. A new row is found by its primary key, else by its conflict target, else by
 * the id that the database made.
 *
 * @throws UnsupportedError where nothing is certain to name the row
 */
export function readBackBy(
  runtime: Runtime,
  plan: TablePlan,
  row: EncodedRow,
  conflict: ParsedConflict,
): ReadBack {
  const { index, updates, changed } = conflict
  const byIndex = index === undefined ? 'unknown' : membership(row, index)
  if (updates && byIndex !== 'out') {
    if (index === undefined || byIndex === 'unknown') {
      throw unsupported(
        runtime,
        plan,
        'a row that onConflict changes is found by a conflictTarget of columns, which must have values in the row',
      )
    }
    const named = [...index.columns, ...index.predicate.map(({ column }) => column)]
    if (named.some((column) => changed.includes(column))) {
      throw unsupported(runtime, plan, 'onConflict changes a column of the conflictTarget')
    }
    return { key: keyOfRow(row, named) }
  }
  const { primaryKey } = plan
  const [only] = primaryKey
  if (only !== undefined && primaryKey.every((column) => proposedValue(row, column) != null)) {
    return { key: keyOfRow(row, primaryKey) }
  }
  if (index !== undefined && byIndex === 'in') {
    return { key: keyOfRow(row, [...index.columns, ...index.predicate.map((each) => each.column)]) }
  }
  if (only !== undefined && primaryKey.length === 1 && isMadeByDatabase(runtime, only)) {
    return { madeFor: only }
  }
  throw unsupported(
    runtime,
    plan,
    'the row has no primary key of its own, and the database does not tell the id it makes',
  )
}

/** The key itself, once the row is written. */
export function keyAfter(
  readBack: ReadBack,
  lastInsertId: number | bigint | undefined,
  runtime: Runtime,
): RowKey {
  if ('key' in readBack) return readBack.key
  if (lastInsertId === undefined) {
    throw new AdapterError(
      `${runtime.adapter.name} declares lastInsertId and gave none for an insert, so the row cannot be read back`,
    )
  }
  const column = readBack.madeFor
  const asNumber = column.ref.settings.type.name === 'integer' && typeof lastInsertId === 'bigint'
  const value = column.encode(
    asNumber ? Number(lastInsertId) : lastInsertId,
    'the last inserted id',
  )
  return [{ column, value }]
}

function keyOfRow(row: EncodedRow, columns: readonly ColumnPlan[]): RowKey {
  return columns.map((column) => ({ column, value: proposedValue(row, column) }))
}

function isMadeByDatabase(runtime: Runtime, { ref }: ColumnPlan): boolean {
  const { generated, type } = ref.settings
  return (
    runtime.adapter.capabilities.lastInsertId !== 'absent' &&
    generated !== undefined &&
    (type.name === 'integer' || type.name === 'bigint')
  )
}

function unsupported(runtime: Runtime, plan: TablePlan, reason: string): UnsupportedError {
  return new UnsupportedError(
    'returning.insert',
    `${runtime.adapter.name} has no RETURNING, and the row of ${plan.info.name} could not be read back for certain: ${reason}; pass returning: false`,
  )
}
