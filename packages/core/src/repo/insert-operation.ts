import { SlotList } from '../query/index.ts'
import type { ParsedConflict } from './on-conflict.ts'
import type { EncodedRow } from './row-values.ts'
import type { Runtime } from './runtime.ts'
import { cached } from './select.ts'
import type { BuiltOperation, ColumnPlan, TablePlan } from './table-plan.ts'

/** The statement for rows of one key set, and its values. */
export function insertOperation(
  runtime: Runtime,
  plan: TablePlan,
  rows: readonly EncodedRow[],
  conflict: ParsedConflict,
  returning: readonly ColumnPlan[] | undefined,
): { readonly operation: BuiltOperation; readonly values: readonly unknown[] } {
  const [first] = rows as [EncodedRow]
  const plain = conflict.key === 'raise'
  const key =
    conflict.key === undefined
      ? undefined
      : `${first.key}${rows.length} ${conflict.key} ${returningKey(plan, returning)}`
  const slots = new SlotList()
  const values = plain && rows.length === 1 ? first.values : slots.values
  if (values === slots.values) addValues(rows, slots)
  const action = conflict.action(slots)
  const operation = cached(plan, key, 'insert', () => {
    if (slots.values.length === 0) addValues(rows, slots)
    const width = first.columns.length
    return runtime.build(
      {
        kind: 'insert',
        table: plan.name,
        columns: first.columns.map((column) => column.source),
        rows: rows.map((row, r) =>
          row.columns.map((column, c) => ({
            kind: 'slot',
            slot: r * width + c,
            type: column.ref.settings.type,
          })),
        ),
        onConflict: action,
        returning: returning?.map((column) => column.source),
        primaryKey: plan.primaryKey.map((column) => column.source),
      },
      slots,
      'write',
      returning === undefined ? undefined : plan.shape(returning),
    )
  })
  return { operation, values }
}

function addValues(rows: readonly EncodedRow[], slots: SlotList): void {
  for (const row of rows) {
    for (let i = 0; i < row.values.length; i++) {
      slots.add(row.values[i], (row.columns[i] as ColumnPlan).ref.settings.type)
    }
  }
}

/** Names a `returning` in an operation's key. */
export function returningKey(
  plan: TablePlan,
  returning: readonly ColumnPlan[] | undefined,
): string {
  if (returning === undefined) return 'none'
  return returning === plan.columns ? 'all' : returning.map((column) => column.index).join()
}
