import type { Expression } from '../contract/index.ts'
import { type Answer, type Call, SlotList } from '../query/index.ts'
import type { Scope } from '../transaction/index.ts'
import { insertOperation } from './insert-operation.ts'
import { type ParsedConflict, raise } from './on-conflict.ts'
import { keyAfter, type ReadBack, readBackBy } from './read-back.ts'
import type { RowKey } from './row-key.ts'
import type { EncodedRow } from './row-values.ts'
import type { Runtime } from './runtime.ts'
import { type Caller, names } from './select.ts'
import { type ColumnPlan, parametersOf, type TablePlan } from './table-plan.ts'
import { atomically } from './transaction-call.ts'
import { and, equals, isNull } from './where.ts'

/**
 * `insert … returning` for databases without RETURNING: inserts the row and reads it back, in one
 * transaction.
 *
 * @throws UnsupportedError before anything is sent, where the row could not be found for certain
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
  const readBack = readBackBy(runtime, plan, row, conflict)
  return atomically(runtime, caller, call, (scope) =>
    insertAndRead(runtime, scope, plan, row, readBack, conflict, returning, call),
  )
}

/** Inserts one row in a scope and reads it back; undefined where a conflict wrote none. */
export async function insertAndRead(
  runtime: Runtime,
  scope: Scope,
  plan: TablePlan,
  row: EncodedRow,
  readBack: ReadBack,
  conflict: ParsedConflict,
  returning: readonly ColumnPlan[],
  call: Call,
): Promise<object | undefined> {
  // A row that cannot meet another one is inserted plainly: the id that the database tells for an
  // upsert may be an older one.
  const sent = 'madeFor' in readBack && conflict.updates ? raise : conflict
  const { query, parameters } = insertOperation(runtime, plan, [row], sent, undefined)
  const answer = await runtime.runIn(scope, query, parameters, call)
  if (answer.affected === 0 && conflict.maySkip) return undefined
  const key = keyAfter(readBack, answer.lastInsertId, runtime)
  return await readByKey(runtime, scope, plan, key, returning, call)
}

/** `update … returning` of one row. */
export function emulatedUpdate(
  runtime: Runtime,
  caller: Caller,
  plan: TablePlan,
  key: RowKey,
  returning: readonly ColumnPlan[],
  call: Call,
  send: (scope: Scope) => Answer | Promise<Answer>,
): Promise<object | undefined> {
  return atomically(runtime, caller, call, async (scope) => {
    const { affected } = await send(scope)
    if (affected === 0 && runtime.adapter.capabilities.affected === 'matched') return undefined
    return await readByKey(runtime, scope, plan, key, returning, call)
  })
}

/** `delete … returning` of one row: the row is read first, and locked where that can be. */
export function emulatedDelete(
  runtime: Runtime,
  caller: Caller,
  plan: TablePlan,
  key: RowKey,
  returning: readonly ColumnPlan[],
  call: Call,
  send: (scope: Scope) => Answer | Promise<Answer>,
): Promise<object | undefined> {
  return atomically(runtime, caller, call, async (scope) => {
    const row = await readByKey(runtime, scope, plan, key, returning, call, true)
    if (row === undefined) return undefined
    const { affected } = await send(scope)
    return affected === 0 ? undefined : row
  })
}

/** Reads one row by its key in a scope. */
async function readByKey(
  runtime: Runtime,
  scope: Scope,
  plan: TablePlan,
  key: RowKey,
  returning: readonly ColumnPlan[],
  call: Call,
  lock = false,
): Promise<object | undefined> {
  const slots = new SlotList()
  const where = and(
    key.map(
      ({ column, value }): Expression =>
        value === null ? isNull(column) : equals(column, value, slots),
    ),
  )
  const locked = lock && runtime.adapter.capabilities.rowLocks.includes('update')
  const built = runtime.build(
    {
      kind: 'select',
      table: plan.name,
      columns: names(returning),
      where,
      lock: locked ? { mode: 'update' } : undefined,
    },
    slots,
    'write',
    plan.shape(returning),
  )
  const found = await runtime.runIn(scope, built.query, parametersOf(built, slots.values), call)
  return found.rows[0]
}
