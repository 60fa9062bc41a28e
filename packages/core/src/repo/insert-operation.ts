import type { ConflictAction } from '../contract/index.ts'
import { type Query, SlotList } from '../query/index.ts'
import type { ParsedConflict } from './on-conflict.ts'
import { layOut } from './row-layout.ts'
import type { EncodedRow } from './row-values.ts'
import type { Runtime } from './runtime.ts'
import { cached } from './select.ts'
import { type ColumnPlan, parametersOf, type TablePlan } from './table-plan.ts'

/** A statement with its parameters. */
export interface Sendable {
  readonly query: Query
  readonly parameters: readonly unknown[]
}

/** The statement for rows of one key set. Its slots are the rows' values, then the conflict's. */
export function insertOperation(
  runtime: Runtime,
  plan: TablePlan,
  rows: readonly EncodedRow[],
  conflict: ParsedConflict,
  returning: readonly ColumnPlan[] | undefined,
): Sendable {
  const { columns, key: columnsKey } = rows[0] as EncodedRow
  const layout = layOut(rows)
  const key =
    conflict.key === undefined || layout.key === undefined
      ? undefined
      : `${columnsKey}${rows.length}${layout.key} ${conflict.key} ${returningKey(plan, returning)}`
  const slots = new SlotList()
  const slotAt = (row: number, place: number): number =>
    layout.slots[row * columns.length + place] as number
  /** After the rows' values, because the conflict's follow them. */
  const takeSlots = (): ConflictAction | undefined => {
    rows.forEach((_row, r) => {
      columns.forEach(({ ref }, c) => {
        const slot = slotAt(r, c)
        if (slot === slots.values.length) slots.add(layout.values[slot], ref.settings.type)
      })
    })
    return conflict.action(slots)
  }
  const action = conflict.parameterCount > 0 ? takeSlots() : undefined
  const operation = cached(plan, key, 'insert', () => {
    const onConflict = action ?? takeSlots()
    return runtime.build(
      {
        kind: 'insert',
        table: plan.name,
        columns: columns.map((column) => column.source),
        rows: rows.map((_row, r) =>
          columns.map(({ ref }, c) => ({
            kind: 'slot',
            slot: slotAt(r, c),
            type: ref.settings.type,
          })),
        ),
        onConflict,
        returning: returning?.map((column) => column.source),
        primaryKey: plan.primaryKey.map((column) => column.source),
      },
      slots,
      'write',
      returning === undefined ? undefined : plan.shape(returning),
    )
  })
  const values = action === undefined ? layout.values : slots.values
  return { query: operation.query, parameters: parametersOf(operation, values) }
}

/** Names a `returning` in an operation's key. */
export function returningKey(
  plan: TablePlan,
  returning: readonly ColumnPlan[] | undefined,
): string {
  if (returning === undefined) return 'none'
  return returning === plan.columns ? 'all' : returning.map((column) => column.index).join()
}
