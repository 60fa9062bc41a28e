import { isPromise, type MaybePromise } from '../contract/index.ts'
import { CardinalityError, MisuseError, UnsupportedError } from '../errors/index.ts'
import type { Answer, AnyTable, Call } from '../query/index.ts'
import { insertOperation } from './insert-operation.ts'
import { type ParsedConflict, parseConflict } from './on-conflict.ts'
import { emulatedInsert } from './returning-emulation.ts'
import { type EncodedRow, RowEncoder } from './row-values.ts'
import type { Runtime } from './runtime.ts'
import type { Caller } from './select.ts'
import type { ColumnPlan, TablePlan } from './table-plan.ts'

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
  const call = runtime.calls.parse(options, insertNames, 'insert')
  const { onConflict, conflictTarget, returning = true } = options ?? {}
  const conflict = parseConflict(runtime, caller, plan, onConflict, conflictTarget)
  const returned = parseReturning(runtime, plan, returning, 'insert')
  const row = new RowEncoder(plan).encode(values, 'insert')
  return insertRow(runtime, caller, plan, row, conflict, returned, call)
}

/** Sends one row and gives back what the database made of it, where that was asked for. */
export function insertRow(
  runtime: Runtime,
  caller: Caller,
  plan: TablePlan,
  row: EncodedRow,
  conflict: ParsedConflict,
  returning: readonly ColumnPlan[] | undefined,
  call: Call,
): MaybePromise<object | undefined> {
  if (returning !== undefined && runtime.adapter.capabilities.returning.insert === 'emulated') {
    return emulatedInsert(runtime, caller, plan, row, conflict, returning, call)
  }
  const { query, parameters } = insertOperation(runtime, plan, [row], conflict, returning)
  const answer = runtime.run(caller.scope, query, parameters, call)
  const written = ({ rows }: Answer): object | undefined =>
    returning === undefined ? undefined : returnedRow(plan, rows[0], conflict)
  return isPromise(answer) ? answer.then(written) : written(answer)
}

/** The row that an insert gave back. None is a mistake where no conflict can be the reason. */
export function returnedRow(
  plan: TablePlan,
  row: object | undefined,
  conflict: ParsedConflict,
): object | undefined {
  if (row !== undefined || conflict.maySkip) return row
  throw new CardinalityError(
    `insert into ${plan.info.name} gave no row back: a trigger or rule of the database kept it out; pass returning: false where that is meant`,
  )
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
  const { name, capabilities } = runtime.adapter
  if (capabilities.returning[operation] === 'absent') {
    throw new UnsupportedError(
      `returning.${operation}`,
      `${name} cannot give back the row of an ${operation} (its manifest declares returning.${operation} absent); pass returning: false`,
    )
  }
  return columns
}
