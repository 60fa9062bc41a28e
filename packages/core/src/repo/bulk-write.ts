import { isPromise, type MaybePromise } from '../contract/index.ts'
import { AdapterError, MisuseError } from '../errors/index.ts'
import { type Answer, type AnyTable, SlotList } from '../query/index.ts'
import { type BulkWrite, bulkReadingBack } from './bulk-returning.ts'
import { keyOf, parseChanges } from './changes.ts'
import { parseReturning } from './insert.ts'
import type { WrittenRows } from './insert-all.ts'
import { returningKey } from './insert-operation.ts'
import type { Runtime } from './runtime.ts'
import { type Caller, cached } from './select.ts'
import { parametersOf, type TablePlan } from './table-plan.ts'
import { type ParsedWhere, parseWhere } from './where.ts'

type Options = { readonly [name: string]: unknown }

/** `updateAll`: every row that fits. */
export function updateAll(
  runtime: Runtime,
  caller: Caller,
  table: AnyTable,
  options: Options | undefined,
): MaybePromise<WrittenRows> {
  const plan = runtime.plan(table, caller.prefix)
  const call = runtime.calls.parse(
    options,
    ['where', 'all', 'set', 'inc', 'returning'],
    'updateAll',
  )
  const where = targetOf(runtime, caller, plan, options, 'updateAll')
  const { set, inc, returning = false } = options ?? {}
  const returned = parseReturning(runtime, plan, returning, 'update')
  const changes = parseChanges(
    runtime,
    caller,
    plan,
    { set, inc },
    { set: 'updateAll.set', inc: 'updateAll.inc' },
  )
  if (changes.length === 0) {
    throw new MisuseError('EMPTY_UPDATE', 'updateAll was given neither set nor inc')
  }
  return bulk(runtime, caller, { kind: 'update', plan, where, changes, returned, call })
}

/** `deleteAll`: every row that fits. */
export function deleteAll(
  runtime: Runtime,
  caller: Caller,
  table: AnyTable,
  options: Options | undefined,
): MaybePromise<WrittenRows> {
  const plan = runtime.plan(table, caller.prefix)
  const call = runtime.calls.parse(options, ['where', 'all', 'returning'], 'deleteAll')
  const where = targetOf(runtime, caller, plan, options, 'deleteAll')
  const { returning = false } = options ?? {}
  const returned = parseReturning(runtime, plan, returning, 'delete')
  return bulk(runtime, caller, { kind: 'delete', plan, where, changes: [], returned, call })
}

/** A condition, or every row by name; neither is a mistake that would touch the whole table. */
function targetOf(
  runtime: Runtime,
  caller: Caller,
  plan: TablePlan,
  options: Options | undefined,
  name: string,
): ParsedWhere {
  const { where, all } = options ?? {}
  if (all !== undefined && all !== true) {
    throw new MisuseError('OPTION_INVALID', `${name}'s all takes true, or is left out`)
  }
  if ((all === true) === (where !== undefined)) {
    throw new MisuseError(
      'TARGET_MISSING',
      `${name} takes where, or { all: true } for every row; ${all ? 'both were' : 'neither was'} given`,
    )
  }
  const parsed = parseWhere(plan, where, runtime.compiler(caller.prefix))
  if (all === undefined && parsed.key === '') {
    throw new MisuseError(
      'TARGET_MISSING',
      `${name}'s where is empty and would fit every row; say { all: true } if that is meant`,
    )
  }
  return parsed
}

function bulk(runtime: Runtime, caller: Caller, write: BulkWrite): MaybePromise<WrittenRows> {
  const { kind, plan, where, changes, returned, call } = write
  if (returned !== undefined && runtime.adapter.capabilities.returning[kind] === 'emulated') {
    return bulkReadingBack(runtime, caller, { ...write, returned })
  }
  const slots = new SlotList()
  const set = changes.map((change) => change.assignment(slots))
  const condition = where.expression(slots)
  const changesKey = keyOf(changes)
  const operation = cached(
    plan,
    where.key === undefined || changesKey === undefined
      ? undefined
      : `${changesKey} ${where.key} ${returningKey(plan, returned)}`,
    `${kind}All`,
    () => {
      const rest = {
        table: plan.name,
        where: condition,
        returning: returned?.map((column) => column.source),
      }
      return runtime.build(
        kind === 'update' ? { kind, set, ...rest } : { kind, ...rest },
        slots,
        'write',
        returned === undefined ? undefined : plan.shape(returned),
      )
    },
  )
  const written = ({ affected, rows }: Answer): WrittenRows => {
    const count = affected ?? (returned === undefined ? undefined : rows.length)
    if (count === undefined) {
      throw new AdapterError('the driver did not count the rows of a write (affected is null)')
    }
    return returned === undefined ? { count } : { count, rows }
  }
  const parameters = parametersOf(operation, slots.values)
  const answer = runtime.run(caller.scope, operation.query, parameters, call)
  return isPromise(answer) ? answer.then(written) : written(answer)
}
