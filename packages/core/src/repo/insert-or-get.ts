import { MisuseError, TransactionError } from '../errors/index.ts'
import { type AnyTable, type Call, SlotList } from '../query/index.ts'
import type { TargetIndex } from './conflict-target.ts'
import { proposedValue } from './index-membership.ts'
import { insertRow } from './insert.ts'
import { parseConflict } from './on-conflict.ts'
import { type EncodedRow, RowEncoder } from './row-values.ts'
import type { Runtime } from './runtime.ts'
import { type Caller, cached, names } from './select.ts'
import { parametersOf, type TablePlan } from './table-plan.ts'
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
  options: { readonly conflictTarget?: unknown } | undefined,
): Promise<{ row: object; inserted: boolean }> {
  const plan = runtime.plan(table, caller.prefix)
  const call = runtime.calls.parse(options, ['conflictTarget'], 'insertOrGet')
  const conflict = parseConflict(runtime, caller, plan, 'nothing', options?.conflictTarget)
  const { index } = conflict
  if (index === undefined) {
    throw new MisuseError(
      'CONFLICT_TARGET_MISSING',
      'insertOrGet needs a conflictTarget of columns: it reads the row that is there by their values',
    )
  }
  runtime.need('returning.insert')
  const row = new RowEncoder(plan).encode(values, 'insertOrGet')
  requireKey(plan, row, index)
  const target = { key: conflict.key, index }
  for (let round = 0; round < rounds; round++) {
    const inserted = await insertRow(runtime, caller, plan, row, conflict, plan.columns, call)
    if (inserted !== undefined) return { row: inserted, inserted: true }
    const found = await readWinner(runtime, caller, plan, row, target, call)
    if (found !== undefined) return { row: found, inserted: false }
  }
  throw new TransactionError(
    'ROW_NOT_VISIBLE',
    `insertOrGet on ${plan.info.name} neither inserted nor found the row in ${rounds} rounds: it is not visible to this transaction's snapshot, or is deleted again and again`,
  )
}

function requireKey(plan: TablePlan, row: EncodedRow, { columns }: TargetIndex): void {
  const missing = columns.find((column) => proposedValue(row, column) == null)
  if (missing === undefined) return
  throw new MisuseError(
    'COLUMN_MISSING',
    `insertOrGet needs a value that is not null for ${plan.info.name}.${missing.ref.property}, which its conflictTarget names`,
  )
}

/** Reads the row that has the key, on the writer, which has seen what the insert has seen. */
async function readWinner(
  runtime: Runtime,
  caller: Caller,
  plan: TablePlan,
  row: EncodedRow,
  target: { readonly key: string | undefined; readonly index: TargetIndex },
  call: Call,
): Promise<object | undefined> {
  const { columns, where } = target.index
  const slots = new SlotList()
  const terms = columns.map((column) => equals(column, proposedValue(row, column), slots))
  if (where !== undefined) terms.push(where)
  const found = cached(plan, target.key, 'by', () =>
    runtime.build(
      { kind: 'select', table: plan.name, columns: names(plan.columns), where: and(terms) },
      slots,
      'write',
      plan.shape(plan.columns),
    ),
  )
  const answer = runtime.run(caller.scope, found.query, parametersOf(found, slots.values), call)
  return (await answer).rows[0]
}
