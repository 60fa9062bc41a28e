import {
  type Expression,
  isPromise,
  type LockMode,
  type MaybePromise,
  type OrderTerm,
  type RowLock,
  type SelectOperation,
} from '../contract/index.ts'
import { CardinalityError, MisuseError, UnsupportedError } from '../errors/index.ts'
import {
  type Answer,
  type AnyTable,
  isColumn,
  isSql,
  SlotList,
  type SqlCompiler,
} from '../query/index.ts'
import type { Scope } from '../transaction/index.ts'
import type { OrderBy, SelectOptions } from './repo.ts'
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
  const answer = select(runtime, caller, table, options, undefined)
  return isPromise(answer) ? answer.then(rowsOf) : answer.rows
}

/** `one`: the row that fits. A second one is asked for only to see whether it is there. */
export function one(
  runtime: Runtime,
  caller: Caller,
  table: AnyTable,
  options: Options | undefined,
): MaybePromise<object | undefined> {
  const answer = select(runtime, caller, table, options, 2)
  const only = ({ rows }: Answer): object | undefined => {
    if (rows.length > 1) {
      throw new CardinalityError(
        'one() found more than one row; narrow the condition, or use all() with a limit',
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
  const call = runtime.calls.parse(options, ['select', 'lock'])
  const values = primaryKeyValues(plan, id)
  const columns = options === undefined ? plan.columns : plan.columnsOf(options.select, 'select')
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
  const call = runtime.calls.parse(options, ['where'])
  const compiler = runtime.compiler(caller.prefix)
  const where = parseWhere(plan, options?.where, compiler)
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
  const call = runtime.calls.parse(options, ['where'])
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

/** The encoded values of a primary key: one value, or an object of them. */
export function primaryKeyValues(plan: TablePlan, id: unknown): unknown[] {
  const { primaryKey, info } = plan
  if (primaryKey.length === 0) {
    throw new MisuseError(
      'NO_PRIMARY_KEY',
      `${info.name} has no primary key, so no single row can be named; use one() with a where`,
    )
  }
  if (primaryKey.length === 1) return [(primaryKey[0] as ColumnPlan).encode(id)]
  if (typeof id !== 'object' || id === null) {
    throw new MisuseError(
      'PRIMARY_KEY_INVALID',
      `the primary key of ${info.name} takes an object with ${primaryKey.map((c) => c.ref.property).join(', ')}`,
    )
  }
  for (const property of Object.keys(id)) {
    if (!primaryKey.some((column) => column.ref.property === property)) {
      throw new MisuseError(
        'PRIMARY_KEY_INVALID',
        `"${property}" is not part of the primary key of ${info.name}`,
      )
    }
  }
  return primaryKey.map((column) =>
    column.encode((id as Record<string, unknown>)[column.ref.property]),
  )
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
): MaybePromise<Answer> {
  const plan = runtime.plan(table, caller.prefix)
  const call = runtime.calls.parse(options, selectNames)
  const compiler = runtime.compiler(caller.prefix)
  const columns = plan.columnsOf(options?.select as readonly string[] | undefined, 'select')
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

function parseOrder(
  plan: TablePlan,
  orderBy: OrderBy<AnyTable> | undefined,
  compiler: SqlCompiler,
  slots: SlotList,
): { readonly key: string | undefined; readonly terms: OrderTerm[] | undefined } {
  if (orderBy === undefined) return { key: '', terms: undefined }
  const terms: OrderTerm[] = []
  let key: string | undefined = ''
  const add = (column: ColumnPlan, direction: unknown, nulls: unknown): void => {
    if (direction !== 'asc' && direction !== 'desc') {
      throw new MisuseError('OPTION_INVALID', "orderBy takes the directions 'asc' and 'desc'")
    }
    if (nulls !== undefined && nulls !== 'first' && nulls !== 'last') {
      throw new MisuseError('OPTION_INVALID', "orderBy's nulls takes 'first' and 'last'")
    }
    terms.push({ by: { kind: 'column', name: column.source }, direction, nulls })
    if (key !== undefined) key += `${column.index}${direction}${nulls ?? ''},`
  }
  const list: readonly unknown[] = Array.isArray(orderBy) ? orderBy : [orderBy]
  for (const term of list) {
    if (typeof term === 'string') add(plan.column(term, 'orderBy'), 'asc', undefined)
    else if (isSql(term)) {
      terms.push({ by: compiler.expression(term, slots), direction: 'asc' })
      key = undefined
    } else if (isColumn(term)) {
      const column = plan.column(term.property, 'orderBy')
      if (column.ref !== term) {
        throw new MisuseError(
          'UNKNOWN_COLUMN',
          `orderBy: ${term.table.name}.${term.property} is a column of another table`,
        )
      }
      add(column, 'asc', undefined)
    } else if (typeof term === 'object' && term !== null) {
      for (const [property, direction] of Object.entries(term)) {
        const column = plan.column(property, 'orderBy')
        if (typeof direction === 'object' && direction !== null) {
          add(column, direction.direction ?? 'asc', direction.nulls)
        } else add(column, direction, undefined)
      }
    } else {
      throw new MisuseError(
        'OPTION_INVALID',
        'orderBy takes column names, { column: direction }, fragments, or a list of them',
      )
    }
  }
  return { key, terms: terms.length === 0 ? undefined : terms }
}

function parseLock(runtime: Runtime, lock: unknown): RowLock | undefined {
  if (lock === undefined) return undefined
  const given = (typeof lock === 'string' ? { mode: lock } : lock) as RowLock
  const modes = ['update', 'no key update', 'share', 'key share']
  if (typeof given !== 'object' || given === null || !modes.includes(given.mode)) {
    throw new MisuseError(
      'OPTION_INVALID',
      `lock takes ${modes.join(', ')}, or { mode, skipLocked, noWait }`,
    )
  }
  const { rowLocks } = runtime.adapter.capabilities
  if (!rowLocks.includes(given.mode as LockMode)) {
    throw new UnsupportedError(
      'rowLocks',
      `${runtime.adapter.name} has no row lock "${given.mode}" (its manifest lists ${rowLocks.length === 0 ? 'none' : rowLocks.join(', ')})`,
    )
  }
  if (given.skipLocked && given.noWait) {
    throw new MisuseError('OPTION_INVALID', 'lock takes skipLocked or noWait, not both')
  }
  if (given.skipLocked) runtime.need('skipLocked')
  if (given.noWait) runtime.need('noWait')
  return given
}

function lockKey(lock: RowLock | undefined): string {
  return lock === undefined ? '' : `${lock.mode} ${lock.skipLocked} ${lock.noWait}`
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
