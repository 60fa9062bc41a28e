import { isPromise, type MaybePromise } from '../contract/index.ts'
import { MisuseError } from '../errors/index.ts'
import { type Answer, type AnyTable, type Call, SlotList } from '../query/index.ts'
import { type ParsedConflict, parseConflict } from './on-conflict.ts'
import { emulatedInsert } from './returning-emulation.ts'
import { type EncodedRow, encodeRow } from './row-values.ts'
import type { Runtime } from './runtime.ts'
import { type Caller, cached } from './select.ts'
import { type BuiltOperation, type ColumnPlan, parametersOf, type TablePlan } from './table-plan.ts'

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

/** The statement for rows of one key set, and its values. */
export function insertOperation(
  runtime: Runtime,
  plan: TablePlan,
  rows: readonly EncodedRow[],
  conflict: ParsedConflict,
  returning: readonly ColumnPlan[] | undefined,
): { readonly operation: BuiltOperation; readonly values: readonly unknown[] } {
  const [first] = rows as [EncodedRow]
  const plain = conflict.key === 'raise'
  const key =
    conflict.key === undefined
      ? undefined
      : `${first.key}${rows.length} ${conflict.key} ${returningKey(plan, returning)}`
  const slots = new SlotList()
  const values = plain && rows.length === 1 ? first.values : slots.values
  if (values === slots.values) addValues(rows, slots)
  const action = conflict.action(slots)
  const operation = cached(plan, key, 'insert', () => {
    if (slots.values.length === 0) addValues(rows, slots)
    const width = first.columns.length
    return runtime.build(
      {
        kind: 'insert',
        table: plan.name,
        columns: first.columns.map((column) => column.source),
        rows: rows.map((row, r) =>
          row.columns.map((column, c) => ({
            kind: 'slot',
            slot: r * width + c,
            type: column.ref.settings.type,
          })),
        ),
        onConflict: action,
        returning: returning?.map((column) => column.source),
        primaryKey: plan.primaryKey.map((column) => column.source),
      },
      slots,
      'write',
      returning === undefined ? undefined : plan.shape(returning),
    )
  })
  return { operation, values }
}

function addValues(rows: readonly EncodedRow[], slots: SlotList): void {
  for (const row of rows) {
    for (let i = 0; i < row.values.length; i++) {
      slots.add(row.values[i], (row.columns[i] as ColumnPlan).ref.settings.type)
    }
  }
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

/** Names a `returning` in an operation's key. */
export function returningKey(
  plan: TablePlan,
  returning: readonly ColumnPlan[] | undefined,
): string {
  if (returning === undefined) return 'none'
  return returning === plan.columns ? 'all' : returning.map((column) => column.index).join()
}

function nothing(): undefined {
  return undefined
}

function firstRow(answer: Answer): object | undefined {
  return answer.rows[0]
}
