import { isPromise, type MaybePromise } from '../contract/index.ts'
import { MisuseError } from '../errors/index.ts'
import type { Answer, AnyTable, Call } from '../query/index.ts'
import { insertOperation } from './insert-operation.ts'
import { type ParsedConflict, parseConflict } from './on-conflict.ts'
import { emulatedInsert } from './returning-emulation.ts'
import { type EncodedRow, encodeRow } from './row-values.ts'
import type { Runtime } from './runtime.ts'
import type { Caller } from './select.ts'
import { type ColumnPlan, parametersOf, type TablePlan } from './table-plan.ts'

/** The options of `insert`, as they come. */
export interface InsertOptions {
  readonly onConflict?: unknown
  readonly conflictTarget?: unknown
  readonly returning?: unknown
}

const insertNames = ['onConflict', 'conflictTarget', 'returning']

/** `insert`: one row, given back as the database stored it. */
export function insert(
  runtime: Runtime,
  caller: Caller,
  table: AnyTable,
  values: unknown,
  options: InsertOptions | undefined,
): MaybePromise<object | undefined> {
  const plan = runtime.plan(table, caller.prefix)
  const call = runtime.calls.parse(options, insertNames)
  const conflict = parseConflict(
    runtime,
    caller,
    plan,
    options?.onConflict,
    options?.conflictTarget,
  )
  const returning = parseReturning(runtime, plan, options?.returning ?? true, 'insert')
  const row = encodeRow(plan, values, 'insert')
  if (returning !== undefined && runtime.adapter.capabilities.returning.insert === 'emulated') {
    return emulatedInsert(runtime, caller, plan, row, conflict, returning, call)
  }
  const answer = runInsert(runtime, caller, plan, row, conflict, returning, call)
  if (returning === undefined) return isPromise(answer) ? answer.then(nothing) : undefined
  return isPromise(answer) ? answer.then(firstRow) : answer.rows[0]
}

/** Sends one row. */
export function runInsert(
  runtime: Runtime,
  caller: Caller,
  plan: TablePlan,
  row: EncodedRow,
  conflict: ParsedConflict,
  returning: readonly ColumnPlan[] | undefined,
  call: Call,
): MaybePromise<Answer> {
  const { operation, values } = insertOperation(runtime, plan, [row], conflict, returning)
  return runtime.run(caller.scope, operation.query, parametersOf(operation, values), call)
}

/** Parses `returning`: all columns, some, or (undefined) none. */
export function parseReturning(
  runtime: Runtime,
  plan: TablePlan,
  returning: unknown,
  operation: 'insert' | 'update' | 'delete',
): readonly ColumnPlan[] | undefined {
  if (returning === false) return undefined
  if (returning !== true && !Array.isArray(returning)) {
    throw new MisuseError('OPTION_INVALID', 'returning takes true, false, or a list of columns')
  }
  const columns = returning === true ? plan.columns : plan.columnsOf(returning, 'returning')
  runtime.need(`returning.${operation}`)
  return columns
}

function nothing(): undefined {
  return undefined
}

function firstRow(answer: Answer): object | undefined {
  return answer.rows[0]
}
