import {
  type Expression,
  isPromise,
  type MaybePromise,
  type SelectOperation,
} from '../contract/index.ts'
import { CardinalityError, MisuseError } from '../errors/index.ts'
import { type Answer, type AnyTable, SlotList, tableInfo } from '../query/index.ts'
import type { Scope } from '../transaction/index.ts'
import { parseOrder } from './order-by.ts'
import { primaryKeyValues } from './primary-key.ts'
import type { SelectOptions } from './repo.ts'
import { lockKey, parseLock } from './row-lock.ts'
import type { Runtime } from './runtime.ts'
import { type ColumnPlan, parametersOf, type TablePlan } from './table-plan.ts'
import { and, equals, parseWhere } from './where.ts'

/** Where a call comes from: its scope, if any, and the schema of its handle. */
export interface Caller {
  readonly scope: Scope | undefined
  readonly prefix: string | undefined
}

type Options = SelectOptions<AnyTable, never> & { readonly [name: string]: unknown }

const selectNames = ['where', 'orderBy', 'limit', 'offset', 'select', 'lock']

/** `all`: every row that fits. */
export function all(
  runtime: Runtime,
  caller: Caller,
  table: AnyTable,
  options: Options | undefined,
): MaybePromise<object[]> {
  const answer = select(runtime, caller, table, options, undefined, 'all')
  return isPromise(answer) ? answer.then(rowsOf) : answer.rows
}

/** `one`: the row that fits. A second one is asked for only to see whether it is there. */
export function one(
  runtime: Runtime,
  caller: Caller,
  table: AnyTable,
  options: Options | undefined,
): MaybePromise<object | undefined> {
  const answer = select(runtime, caller, table, options, 2, 'one')
  const only = ({ rows }: Answer): object | undefined => {
    if (rows.length > 1) {
      throw new CardinalityError(
        `one() found more than one row of ${table[tableInfo].name}; narrow the condition, or use all() with a limit`,
      )
    }
    return rows[0]
  }
  return isPromise(answer) ? answer.then(only) : only(answer)
}

/** `get`: the row of a primary key. */
export function get(
  runtime: Runtime,
  caller: Caller,
  table: AnyTable,
  id: unknown,
  options: Options | undefined,
): MaybePromise<object | undefined> {
  const plan = runtime.plan(table, caller.prefix)
  const call = runtime.calls.parse(options, ['select', 'lock'], 'get')
  const values = primaryKeyValues(plan, id, 'get')
  const columns = selected(plan, options)
  const lock = options === undefined ? undefined : parseLock(runtime, options.lock)
  const key =
    options === undefined ? 'get' : `get ${columns.map((c) => c.index).join()} ${lockKey(lock)}`
  const operation = plan.operation(key, () => {
    const slots = new SlotList()
    return runtime.build(
      {
        kind: 'select',
        table: plan.name,
        columns: names(columns),
        where: and(plan.primaryKey.map((column, i) => equals(column, values[i], slots))),
        lock,
      },
      slots,
      lock === undefined ? 'read' : 'write',
      plan.shape(columns),
    )
  })
  const answer = runtime.run(caller.scope, operation.query, parametersOf(operation, values), call)
  return isPromise(answer) ? answer.then(firstRow) : answer.rows[0]
}

/** `exists`: whether a row fits. */
export function exists(
  runtime: Runtime,
  caller: Caller,
  table: AnyTable,
  options: Options | undefined,
): MaybePromise<boolean> {
  const plan = runtime.plan(table, caller.prefix)
  const call = runtime.calls.parse(options, ['where'], 'exists')
  const where = parseWhere(plan, options?.where, runtime.compiler(caller.prefix))
  const slots = new SlotList()
  const condition = where.expression(slots)
  const operation = cached(plan, where.key, 'exists', () =>
    runtime.build(
      {
        kind: 'exists',
        select: {
          kind: 'select',
          table: plan.name,
          columns: [{ kind: 'literal', value: 1 }],
          where: condition,
        },
      },
      slots,
      'read',
      undefined,
    ),
  )
  const parameters = parametersOf(operation, slots.values)
  const found = ({ rows }: Answer): boolean => Boolean(Number(Object.values(rows[0] ?? {})[0]))
  const answer = runtime.run(caller.scope, operation.query, parameters, call)
  return isPromise(answer) ? answer.then(found) : found(answer)
}

/** `count`: how many rows fit. */
export function count(
  runtime: Runtime,
  caller: Caller,
  table: AnyTable,
  options: Options | undefined,
): MaybePromise<number> {
  const plan = runtime.plan(table, caller.prefix)
  const call = runtime.calls.parse(options, ['where'], 'count')
  const where = parseWhere(plan, options?.where, runtime.compiler(caller.prefix))
  const slots = new SlotList()
  const condition = where.expression(slots)
  const operation = cached(plan, where.key, 'count', () =>
    runtime.build(
      { kind: 'select', table: plan.name, columns: [{ kind: 'count' }], where: condition },
      slots,
      'read',
      undefined,
    ),
  )
  const parameters = parametersOf(operation, slots.values)
  const counted = ({ rows }: Answer): number => Number(Object.values(rows[0] ?? {})[0])
  const answer = runtime.run(caller.scope, operation.query, parameters, call)
  return isPromise(answer) ? answer.then(counted) : counted(answer)
}

/** Columns as expressions. */
export function names(columns: readonly ColumnPlan[]): Expression[] {
  return columns.map((column) => ({ kind: 'column', name: column.source }))
}

function select(
  runtime: Runtime,
  caller: Caller,
  table: AnyTable,
  options: Options | undefined,
  atMost: number | undefined,
  name: string,
): MaybePromise<Answer> {
  const plan = runtime.plan(table, caller.prefix)
  const call = runtime.calls.parse(options, selectNames, name)
  const compiler = runtime.compiler(caller.prefix)
  const columns = selected(plan, options)
  const where = parseWhere(plan, options?.where, compiler)
  const lock = parseLock(runtime, options?.lock)
  const slots = new SlotList()
  const condition = where.expression(slots)
  const orderBy = parseOrder(plan, options?.orderBy, compiler, slots)
  const given = rowNumber('limit', options?.limit)
  const limit = atMost === undefined ? given : Math.min(atMost, given ?? atMost)
  const offset = rowNumber('offset', options?.offset)
  const shapeKey =
    where.key === undefined || orderBy.key === undefined
      ? undefined
      : `${columns.map((c) => c.index).join()} ${where.key} ${orderBy.key} ${limit !== undefined} ${offset !== undefined} ${lockKey(lock)}`
  const operation = (): SelectOperation => ({
    kind: 'select',
    table: plan.name,
    columns: names(columns),
    where: condition,
    orderBy: orderBy.terms,
    limit: limitSlot,
    offset: offsetSlot,
    lock,
  })
  const limitSlot = limit === undefined ? undefined : rowSlot(runtime, limit, slots)
  const offsetSlot = offset === undefined ? undefined : rowSlot(runtime, offset, slots)
  const access = lock === undefined ? 'read' : 'write'
  const built = cached(plan, shapeKey, 'select', () =>
    runtime.build(operation(), slots, access, plan.shape(columns)),
  )
  return runtime.run(caller.scope, built.query, parametersOf(built, slots.values), call)
}

/** A row count as a parameter. */
function rowSlot(runtime: Runtime, value: number, slots: SlotList): Expression {
  const codec = runtime.encoder.codec({ name: 'integer' }, undefined, 'limit')
  return slots.add(codec.encode(value), { name: 'integer' })
}

/** An operation by its shape where that has a key, or made for this call. */
export function cached(
  plan: TablePlan,
  key: string | undefined,
  kind: string,
  build: () => ReturnType<Runtime['build']>,
): ReturnType<Runtime['build']> {
  return key === undefined ? build() : plan.operation(`${kind} ${key}`, build)
}

function selected(plan: TablePlan, options: Options | undefined): readonly ColumnPlan[] {
  return options?.select === undefined ? plan.columns : plan.columnsOf(options.select, 'select')
}

function rowNumber(option: string, value: number | undefined): number | undefined {
  if (value !== undefined && (!Number.isSafeInteger(value) || value < 0)) {
    throw new MisuseError('OPTION_INVALID', `${option} takes a whole number from 0`)
  }
  return value
}

function rowsOf(answer: Answer): object[] {
  return answer.rows
}

function firstRow(answer: Answer): object | undefined {
  return answer.rows[0]
}
