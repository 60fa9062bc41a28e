import type { TargetIndex } from './conflict-target.ts'
import type { EncodedRow } from './row-values.ts'
import type { ColumnPlan } from './table-plan.ts'

/**
 * Whether a proposed row has an entry in a unique index that may meet another row's: `out` where a
 * key column is NULL or made anew by the database, or the row does not fit a partial index;
 * `unknown` where that depends on a default or an expression of the database.
 */
export function membership(
  row: EncodedRow,
  { columns, predicate }: TargetIndex,
): 'in' | 'out' | 'unknown' {
  let known: 'in' | 'unknown' = 'in'
  for (const { column, value } of predicate) {
    const proposed = proposedValue(row, column)
    if (proposed === undefined) known = 'unknown'
    else if (proposed !== value) return 'out'
  }
  for (const column of columns) {
    const proposed = proposedValue(row, column)
    if (proposed === null) return 'out'
    if (proposed !== undefined) continue
    if (column.ref.settings.generated === 'byDefault') return 'out'
    known = 'unknown'
  }
  return known
}

/** The encoded value that a row proposes for a column; undefined where the database makes it. */
export function proposedValue(row: EncodedRow, column: ColumnPlan): unknown {
  const place = row.columns.indexOf(column)
  if (place >= 0) return row.values[place]
  const { dbDefault, generated } = column.ref.settings
  return dbDefault || generated !== undefined ? undefined : null
}
