import { isPromise, type MaybePromise } from '../contract/index.ts'
import { AdapterError, MisuseError } from '../errors/index.ts'
import { type Answer, type AnyTable, type Call, SlotList } from '../query/index.ts'
import { parseReturning } from './insert.ts'
import type { WrittenRows } from './insert-all.ts'
import { returningKey } from './insert-operation.ts'
import { parseChanges } from './on-conflict.ts'
import { readByKey } from './returning-emulation.ts'
import type { Runtime } from './runtime.ts'
import { type Caller, cached, primaryKeyValues } from './select.ts'
import { type ColumnPlan, parametersOf, type TablePlan } from './table-plan.ts'
import { atomically } from './transaction-call.ts'
import { and, equals, parseWhere } from './where.ts'

type Options = { readonly [name: string]: unknown }

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
  const call = runtime.calls.parse(options, ['returning'])
  const returning = parseReturning(runtime, plan, options?.returning ?? true, 'update')
  const key = primaryKeyValues(plan, id)
  const set = parseChanges(runtime, caller, plan, changes, undefined, 'update')
  if (set.length === 0) {
    throw new MisuseError('EMPTY_UPDATE', 'update was given nothing to change')
  }
  for (const { ref } of plan.primaryKey) {
    if (Object.hasOwn(changes as object, ref.property)) {
      throw new MisuseError(
        'COLUMN_NOT_WRITABLE',
        `update leaves the primary key alone, and "${ref.property}" is part of it; use updateAll to change a key`,
      )
    }
  }
  const slots = new SlotList()
  const assignments = set.map((change) => change.assignment(slots))
  const where = and(plan.primaryKey.map((column, i) => equals(column, key[i], slots)))
  const emulated = runtime.adapter.capabilities.returning.update === 'emulated'
  const native = returning === undefined || !emulated ? returning : undefined
  const operation = cached(
    plan,
    set.some((change) => change.key === undefined)
      ? undefined
      : `${set.map((change) => change.key).join()} ${returningKey(plan, native)}`,
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
  if (returning !== undefined && emulated) {
    return atomically(runtime, caller, call, async (scope) => {
      await runtime.runIn(scope, operation.query, parameters, call)
      return await readByKey(runtime, scope, plan, keyOf(plan, key), returning, call)
    })
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
  const call = runtime.calls.parse(options, ['returning'])
  const returning = parseReturning(runtime, plan, options?.returning ?? true, 'delete')
  const key = primaryKeyValues(plan, id)
  const slots = new SlotList()
  const where = and(plan.primaryKey.map((column, i) => equals(column, key[i], slots)))
  const emulated = runtime.adapter.capabilities.returning.delete === 'emulated'
  const native = returning === undefined || !emulated ? returning : undefined
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
  if (returning !== undefined && emulated) {
    return atomically(runtime, caller, call, async (scope) => {
      const row = await readByKey(runtime, scope, plan, keyOf(plan, key), returning, call)
      await runtime.runIn(scope, operation.query, parameters, call)
      return row
    })
  }
  return firstOf(runtime.run(caller.scope, operation.query, parameters, call))
}

/** `updateAll`: every row that fits. */
export function updateAll(
  runtime: Runtime,
  caller: Caller,
  table: AnyTable,
  options: Options,
): MaybePromise<WrittenRows> {
  const plan = runtime.plan(table, caller.prefix)
  const call = runtime.calls.parse(options, ['where', 'all', 'set', 'inc', 'returning'])
  const where = targetOf(runtime, caller, plan, options, 'updateAll')
  const returning = bulkReturning(runtime, plan, options.returning, 'update')
  const changes = parseChanges(runtime, caller, plan, options.set, options.inc, 'updateAll')
  if (changes.length === 0) {
    throw new MisuseError('EMPTY_UPDATE', 'updateAll was given neither set nor inc')
  }
  const slots = new SlotList()
  const set = changes.map((change) => change.assignment(slots))
  const condition = where.expression(slots)
  const operation = cached(
    plan,
    where.key === undefined || changes.some((change) => change.key === undefined)
      ? undefined
      : `${changes.map((change) => change.key).join()} ${where.key} ${returningKey(plan, returning)}`,
    'updateAll',
    () =>
      runtime.build(
        {
          kind: 'update',
          table: plan.name,
          set,
          where: condition,
          returning: returning?.map((column) => column.source),
        },
        slots,
        'write',
        returning === undefined ? undefined : plan.shape(returning),
      ),
  )
  return bulk(runtime, caller, operation, slots, returning, call)
}

/** `deleteAll`: every row that fits. */
export function deleteAll(
  runtime: Runtime,
  caller: Caller,
  table: AnyTable,
  options: Options,
): MaybePromise<WrittenRows> {
  const plan = runtime.plan(table, caller.prefix)
  const call = runtime.calls.parse(options, ['where', 'all', 'returning'])
  const where = targetOf(runtime, caller, plan, options, 'deleteAll')
  const returning = bulkReturning(runtime, plan, options.returning, 'delete')
  const slots = new SlotList()
  const condition = where.expression(slots)
  const operation = cached(
    plan,
    where.key === undefined ? undefined : `${where.key} ${returningKey(plan, returning)}`,
    'deleteAll',
    () =>
      runtime.build(
        {
          kind: 'delete',
          table: plan.name,
          where: condition,
          returning: returning?.map((column) => column.source),
        },
        slots,
        'write',
        returning === undefined ? undefined : plan.shape(returning),
      ),
  )
  return bulk(runtime, caller, operation, slots, returning, call)
}

/** A condition, or every row by name; neither is a mistake that would touch the whole table. */
function targetOf(
  runtime: Runtime,
  caller: Caller,
  plan: TablePlan,
  options: Options | undefined,
  name: string,
): ReturnType<typeof parseWhere> {
  const given = options ?? {}
  const everything = given.all === true
  if (given.all !== undefined && !everything) {
    throw new MisuseError('OPTION_INVALID', `${name}'s all takes true`)
  }
  if (everything === (given.where !== undefined)) {
    throw new MisuseError(
      'TARGET_MISSING',
      `${name} takes where, or { all: true } for every row; ${everything ? 'both were given' : 'neither was given'}`,
    )
  }
  const where = parseWhere(plan, given.where, runtime.compiler(caller.prefix))
  if (!everything && where.key === '') {
    throw new MisuseError(
      'TARGET_MISSING',
      `${name}'s where is empty and would fit every row; say { all: true } if that is meant`,
    )
  }
  return where
}

function bulkReturning(
  runtime: Runtime,
  plan: TablePlan,
  returning: unknown,
  operation: 'update' | 'delete',
): readonly ColumnPlan[] | undefined {
  const columns = parseReturning(runtime, plan, returning ?? false, operation)
  if (columns !== undefined && runtime.adapter.capabilities.returning[operation] === 'emulated') {
    throw new MisuseError(
      'OPTION_INVALID',
      `${runtime.adapter.name} emulates returning for single rows only; leave it out of ${operation}All`,
    )
  }
  return columns
}

function bulk(
  runtime: Runtime,
  caller: Caller,
  operation: ReturnType<Runtime['build']>,
  slots: SlotList,
  returning: readonly ColumnPlan[] | undefined,
  call: Call,
): MaybePromise<WrittenRows> {
  const written = ({ affected, rows }: Answer): WrittenRows => {
    const count = affected ?? (returning === undefined ? undefined : rows.length)
    if (count === undefined) {
      throw new AdapterError('the driver did not count the rows of a write (affected is null)')
    }
    return returning === undefined ? { count } : { count, rows }
  }
  const parameters = parametersOf(operation, slots.values)
  const answer = runtime.run(caller.scope, operation.query, parameters, call)
  return isPromise(answer) ? answer.then(written) : written(answer)
}

function keyOf(
  plan: TablePlan,
  values: readonly unknown[],
): { readonly column: ColumnPlan; readonly value: unknown }[] {
  return plan.primaryKey.map((column, i) => ({ column, value: values[i] }))
}

function firstOf(answer: MaybePromise<Answer>): MaybePromise<object | undefined> {
  return isPromise(answer) ? answer.then(({ rows }) => rows[0]) : answer.rows[0]
}
