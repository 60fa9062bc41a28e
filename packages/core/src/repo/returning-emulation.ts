import { AdapterError } from '../errors/index.ts'
import { type Call, SlotList } from '../query/index.ts'
import type { Scope } from '../transaction/index.ts'
import { insertOperation } from './insert-operation.ts'
import type { ParsedConflict } from './on-conflict.ts'
import type { EncodedRow } from './row-values.ts'
import type { Runtime } from './runtime.ts'
import { type Caller, names } from './select.ts'
import { type ColumnPlan, parametersOf, type TablePlan } from './table-plan.ts'
import { atomically } from './transaction-call.ts'
import { and, equals } from './where.ts'

/**
 * `insert … returning` for databases without RETURNING: inserts and reads the row back by its key,
 * in one transaction. The key is the row's own where it gives one, else the conflict target's, else
 * the id that the database made.
 */
export function emulatedInsert(
  runtime: Runtime,
  caller: Caller,
  plan: TablePlan,
  row: EncodedRow,
  conflict: ParsedConflict,
  returning: readonly ColumnPlan[],
  call: Call,
): Promise<object | undefined> {
  return atomically(runtime, caller, call, async (scope) => {
    const { operation, values } = insertOperation(runtime, plan, [row], conflict, undefined)
    const answer = await runtime.runIn(
      scope,
      operation.query,
      parametersOf(operation, values),
      call,
    )
    if (answer.affected === 0 && conflict.maySkip) return undefined
    const key =
      givenKey(plan.primaryKey, row) ??
      (conflict.targetColumns && givenKey(conflict.targetColumns, row)) ??
      madeKey(plan, answer.lastInsertId)
    return await readByKey(runtime, scope, plan, key, returning, call)
  })
}

type Key = readonly { readonly column: ColumnPlan; readonly value: unknown }[]

function givenKey(columns: readonly ColumnPlan[], row: EncodedRow): Key | undefined {
  if (columns.length === 0) return undefined
  const key = columns.map((column) => {
    const place = row.columns.indexOf(column)
    return { column, value: place < 0 ? null : row.values[place] }
  })
  return key.some(({ value }) => value === null) ? undefined : key
}

function madeKey(plan: TablePlan, lastInsertId: number | bigint | undefined): Key {
  const [column] = plan.primaryKey
  if (plan.primaryKey.length !== 1 || column === undefined || lastInsertId === undefined) {
    throw new AdapterError(
      `the inserted row of ${plan.info.name} cannot be read back: it has no key of its own and the driver gave no lastInsertId; pass returning: false`,
    )
  }
  return [{ column, value: lastInsertId }]
}

/** Reads one row by its key in a scope. */
export async function readByKey(
  runtime: Runtime,
  scope: Scope,
  plan: TablePlan,
  key: Key,
  returning: readonly ColumnPlan[],
  call: Call,
): Promise<object | undefined> {
  const slots = new SlotList()
  const built = runtime.build(
    {
      kind: 'select',
      table: plan.name,
      columns: names(returning),
      where: and(key.map(({ column, value }) => equals(column, value, slots))),
    },
    slots,
    'write',
    plan.shape(returning),
  )
  const found = await runtime.runIn(scope, built.query, parametersOf(built, slots.values), call)
  return found.rows[0]
}
