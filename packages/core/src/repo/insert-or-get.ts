import { MisuseError, TransactionError } from '../errors/index.ts'
import { type AnyTable, SlotList } from '../query/index.ts'
import { type InsertOptions, insert } from './insert.ts'
import { parseConflict } from './on-conflict.ts'
import { encodeRow } from './row-values.ts'
import type { Runtime } from './runtime.ts'
import { type Caller, cached, names } from './select.ts'
import { parametersOf } from './table-plan.ts'
import { and, equals } from './where.ts'

/** Rounds before it is clear that the row cannot be seen. */
const rounds = 8

/**
 * `insertOrGet`: inserts, and where the key is taken reads the row that has it, each in a statement
 * of its own, since one statement with both reads an old snapshot and can find neither.
 */
export async function insertOrGet(
  runtime: Runtime,
  caller: Caller,
  table: AnyTable,
  values: unknown,
  options: InsertOptions,
): Promise<{ row: object; inserted: boolean }> {
  const plan = runtime.plan(table, caller.prefix)
  const { conflictTarget, ...rest } = options ?? {}
  const call = runtime.calls.parse(rest)
  const conflict = parseConflict(runtime, caller, plan, 'nothing', conflictTarget)
  const target = conflict.targetColumns
  if (target === undefined) {
    throw new MisuseError(
      'CONFLICT_TARGET_MISSING',
      'insertOrGet needs a conflictTarget of columns: it reads the row that is there by their values',
    )
  }
  const tree = conflict.action(new SlotList())?.target
  const predicate = tree?.kind === 'columns' ? tree.where : undefined
  const row = encodeRow(plan, values, 'insertOrGet')
  const key = target.map((column) => {
    const place = row.columns.indexOf(column)
    if (place < 0 || row.values[place] === null) {
      throw new MisuseError(
        'COLUMN_MISSING',
        `insertOrGet needs a value that is not null for ${plan.info.name}.${column.ref.property}, which its conflictTarget names`,
      )
    }
    return { column, value: row.values[place] }
  })
  for (let round = 0; round < rounds; round++) {
    const inserted = await insert(runtime, caller, table, values, {
      ...rest,
      onConflict: 'nothing',
      conflictTarget,
    })
    if (inserted !== undefined) return { row: inserted, inserted: true }
    const slots = new SlotList()
    const terms = key.map(({ column, value }) => equals(column, value, slots))
    if (predicate !== undefined) terms.push(predicate)
    const where = and(terms)
    const found = cached(plan, conflict.key, 'by', () =>
      runtime.build(
        { kind: 'select', table: plan.name, columns: names(plan.columns), where },
        slots,
        // On the writer, which has seen what the insert has seen.
        'write',
        plan.shape(plan.columns),
      ),
    )
    const { rows } = await runtime.run(
      caller.scope,
      found.query,
      parametersOf(found, slots.values),
      call,
    )
    if (rows[0] !== undefined) return { row: rows[0], inserted: false }
  }
  throw new TransactionError(
    'ROW_NOT_VISIBLE',
    `insertOrGet on ${plan.info.name} neither inserted nor found the row in ${rounds} rounds: it is not visible to this transaction's snapshot, or is deleted again and again`,
  )
}
