import { MisuseError } from '../errors/index.ts'
import type { TargetIndex } from './conflict-target.ts'
import { membership, proposedValue } from './index-membership.ts'
import type { ParsedConflict } from './on-conflict.ts'
import type { EncodedRow } from './row-values.ts'

/**
 * Sees to rows of one `insertAll` that propose one key twice to an upsert that updates. Databases
 * answer that differently: an error on PostgreSQL, the last row on SQLite, and either way it would
 * depend on how the rows were split into statements.
 *
 * Columns are compared by their encoded values. What a collation or an expression index takes for
 * equal beyond that, and what a default of the database gives, is the database's to find.
 *
 * @throws MisuseError `DUPLICATE_KEY_IN_BATCH`, naming the rows and columns and no value
 */
export function withoutDuplicates(
  rows: readonly EncodedRow[],
  conflict: ParsedConflict,
  duplicates: unknown,
): readonly EncodedRow[] {
  if (duplicates !== undefined && !['raise', 'first', 'last'].includes(duplicates as string)) {
    throw new MisuseError('OPTION_INVALID', "duplicates takes 'raise', 'first' or 'last'")
  }
  const { index, updates } = conflict
  if (!updates || index === undefined) {
    if (duplicates === undefined || duplicates === 'raise') return rows
    throw new MisuseError(
      'OPTION_UNUSED',
      `duplicates: '${duplicates}' needs an onConflict that updates and a conflictTarget of columns, by which rows are compared`,
    )
  }
  const seen = new Map<string, number>()
  const dropped = new Set<number>()
  rows.forEach((row, i) => {
    const key = proposedKey(row, index)
    if (key === undefined) return
    const earlier = seen.get(key)
    if (earlier !== undefined && duplicates === 'first') {
      dropped.add(i)
      return
    }
    if (earlier !== undefined) {
      if (duplicates !== 'last') throw duplicateKey(earlier, i, index)
      dropped.add(earlier)
    }
    seen.set(key, i)
  })
  return dropped.size === 0 ? rows : rows.filter((_row, i) => !dropped.has(i))
}

function duplicateKey(earlier: number, later: number, { columns }: TargetIndex): MisuseError {
  return new MisuseError(
    'DUPLICATE_KEY_IN_BATCH',
    `rows[${earlier}] and rows[${later}] of insertAll propose the same ${columns.map((column) => column.ref.property).join(', ')}; send one of them, or pass duplicates: 'first' or 'last'`,
  )
}

/** The key a row proposes to an index, as text; undefined where it proposes none for certain. */
function proposedKey(row: EncodedRow, index: TargetIndex): string | undefined {
  if (membership(row, index) !== 'in') return undefined
  const key = index.columns.map((column) => comparable(proposedValue(row, column)))
  return key.includes(undefined) ? undefined : JSON.stringify(key)
}

/** A value as text that equals another's where the values do; undefined where that is not known. */
function comparable(value: unknown): string | undefined {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('hex')
  if (value instanceof Date) return String(value.getTime())
  return typeof value === 'object' ? undefined : String(value)
}
