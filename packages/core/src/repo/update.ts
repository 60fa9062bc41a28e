import { isPromise, type MaybePromise } from '../contract/index.ts'
import { MisuseError } from '../errors/index.ts'
import { type Answer, type AnyTable, SlotList } from '../query/index.ts'
import { keyOf, parseChanges } from './changes.ts'
import { parseReturning } from './insert.ts'
import { returningKey } from './insert-operation.ts'
import { primaryKeyOf } from './primary-key.ts'
import { emulatedDelete, emulatedUpdate } from './returning-emulation.ts'
import type { Runtime } from './runtime.ts'
import { type Caller, cached } from './select.ts'
import { parametersOf } from './table-plan.ts'
import { and, equals } from './where.ts'

type Options = { readonly returning?: unknown }

/** `update`: the row of a primary key. */
export function update(
  runtime: Runtime,
  caller: Caller,
  table: AnyTable,
  id: unknown,
  changes: unknown,
  options: Options | undefined,
): MaybePromise<object | undefined> {
  const plan = runtime.plan(table, caller.prefix)
  const call = runtime.calls.parse(options, ['returning'], 'update')
  const { returning = true } = options ?? {}
  const returned = parseReturning(runtime, plan, returning, 'update')
  const key = primaryKeyOf(plan, id, 'update')
  const set = parseChanges(runtime, caller, plan, { set: changes }, { set: 'update', inc: '' })
  if (set.length === 0) {
    throw new MisuseError('EMPTY_UPDATE', 'update was given nothing to change')
  }
  for (const { column } of set) {
    if (!column.ref.settings.primaryKey) continue
    throw new MisuseError(
      'COLUMN_NOT_WRITABLE',
      `update leaves the primary key alone, and "${column.ref.property}" is part of it; change a key by a query of your own`,
    )
  }
  const slots = new SlotList()
  const assignments = set.map((change) => change.assignment(slots))
  const where = and(key.map(({ column, value }) => equals(column, value, slots)))
  const emulated = runtime.adapter.capabilities.returning.update === 'emulated'
  const native = emulated ? undefined : returned
  const shape = keyOf(set)
  const operation = cached(
    plan,
    shape === undefined ? undefined : `${shape} ${returningKey(plan, native)}`,
    'update',
    () =>
      runtime.build(
        {
          kind: 'update',
          table: plan.name,
          set: assignments,
          where,
          returning: native?.map((column) => column.source),
        },
        slots,
        'write',
        native === undefined ? undefined : plan.shape(native),
      ),
  )
  const parameters = parametersOf(operation, slots.values)
  if (returned !== undefined && emulated) {
    return emulatedUpdate(runtime, caller, plan, key, returned, call, (scope) =>
      runtime.runIn(scope, operation.query, parameters, call),
    )
  }
  return firstOf(runtime.run(caller.scope, operation.query, parameters, call))
}

/** `delete`: the row of a primary key. */
export function deleteOne(
  runtime: Runtime,
  caller: Caller,
  table: AnyTable,
  id: unknown,
  options: Options | undefined,
): MaybePromise<object | undefined> {
  const plan = runtime.plan(table, caller.prefix)
  const call = runtime.calls.parse(options, ['returning'], 'delete')
  const { returning = true } = options ?? {}
  const returned = parseReturning(runtime, plan, returning, 'delete')
  const key = primaryKeyOf(plan, id, 'delete')
  const slots = new SlotList()
  const where = and(key.map(({ column, value }) => equals(column, value, slots)))
  const emulated = runtime.adapter.capabilities.returning.delete === 'emulated'
  const native = emulated ? undefined : returned
  const operation = cached(plan, returningKey(plan, native), 'delete', () =>
    runtime.build(
      {
        kind: 'delete',
        table: plan.name,
        where,
        returning: native?.map((column) => column.source),
      },
      slots,
      'write',
      native === undefined ? undefined : plan.shape(native),
    ),
  )
  const parameters = parametersOf(operation, slots.values)
  if (returned !== undefined && emulated) {
    return emulatedDelete(runtime, caller, plan, key, returned, call, (scope) =>
      runtime.runIn(scope, operation.query, parameters, call),
    )
  }
  return firstOf(runtime.run(caller.scope, operation.query, parameters, call))
}

function firstOf(answer: MaybePromise<Answer>): MaybePromise<object | undefined> {
  return isPromise(answer) ? answer.then(({ rows }) => rows[0]) : answer.rows[0]
}
