import { AdapterError, MisuseError, UnsupportedError } from '../errors/index.ts'
import type { Answer, AnyTable, Call } from '../query/index.ts'
import type { Scope } from '../transaction/index.ts'
import { type InsertOptions, parseReturning } from './insert.ts'
import { insertOperation } from './insert-operation.ts'
import { type ParsedConflict, parseConflict } from './on-conflict.ts'
import { type EncodedRow, encodeRow } from './row-values.ts'
import type { Runtime } from './runtime.ts'
import type { Caller } from './select.ts'
import { isShared } from './shared.ts'
import { type ColumnPlan, parametersOf, type TablePlan } from './table-plan.ts'
import { atomically } from './transaction-call.ts'

/** The options of `insertAll`, as they come. */
export interface InsertAllOptions extends InsertOptions {
  readonly duplicates?: unknown
}

/** What `insertAll` answers; rows only where they were asked for. */
export interface WrittenRows {
  readonly count: number
  readonly rows?: object[]
}

/** Rows of one statement where the parameter limit allows more: longer ones gain nothing. */
const rowsPerStatement = 128

/** `insertAll`: many rows, in the order given, all or none. */
export async function insertAll(
  runtime: Runtime,
  caller: Caller,
  table: AnyTable,
  rows: readonly unknown[],
  options: InsertAllOptions | undefined,
): Promise<WrittenRows> {
  const plan = runtime.plan(table, caller.prefix)
  const call = runtime.calls.parse(options, [
    'onConflict',
    'conflictTarget',
    'returning',
    'duplicates',
  ])
  const conflict = parseConflict(
    runtime,
    caller,
    plan,
    options?.onConflict,
    options?.conflictTarget,
  )
  const returning = parseReturning(runtime, plan, options?.returning ?? false, 'insert')
  if (returning !== undefined && runtime.adapter.capabilities.returning.insert === 'emulated') {
    throw new UnsupportedError(
      'returning.insert',
      `${runtime.adapter.name} emulates returning for single rows only; insert one by one, or leave returning out`,
    )
  }
  if (!Array.isArray(rows)) throw new MisuseError('ROW_INVALID', 'insertAll takes a list of rows')
  const encoded = keepOne(
    rows.map((row, i) => encodeRow(plan, withoutShared(row), `insertAll row ${i}`)),
    conflict,
    options?.duplicates,
  )
  if (encoded.length === 0) return returning === undefined ? { count: 0 } : { count: 0, rows: [] }
  const statements = split(plan, encoded, conflict, runtime.adapter.capabilities.maxParameters)
  const [only] = statements
  if (statements.length === 1 && only !== undefined) {
    const built = insertOperation(runtime, plan, only, conflict, returning)
    const answer = await runtime.run(
      caller.scope,
      built.operation.query,
      parametersOf(built.operation, built.values),
      call,
    )
    return written([answer], returning)
  }
  return atomically(runtime, caller, call, async (scope) =>
    written(await send(runtime, scope, plan, statements, conflict, returning, call), returning),
  )
}

async function send(
  runtime: Runtime,
  scope: Scope,
  plan: TablePlan,
  statements: readonly EncodedRow[][],
  conflict: ParsedConflict,
  returning: readonly ColumnPlan[] | undefined,
  call: Call,
): Promise<Answer[]> {
  // Sent without waiting between, so that a pipelining driver needs one round trip for many.
  const answers: (Answer | Promise<Answer>)[] = []
  for (const rows of statements) {
    const { operation, values } = insertOperation(runtime, plan, rows, conflict, returning)
    answers.push(runtime.runIn(scope, operation.query, parametersOf(operation, values), call))
  }
  return Promise.all(answers)
}

function written(
  answers: readonly Answer[],
  returning: readonly ColumnPlan[] | undefined,
): WrittenRows {
  let count = 0
  for (const { affected } of answers) {
    if (affected === null) {
      throw new AdapterError('the driver did not count the rows of an insert (affected is null)')
    }
    count += affected
  }
  return returning === undefined ? { count } : { count, rows: answers.flatMap(({ rows }) => rows) }
}

/**
 * The rows by statement: neighbours with one set of columns, within the parameter limit. Lengths
 * are powers of two, so that any number of rows needs few different statements.
 */
function split(
  plan: TablePlan,
  rows: readonly EncodedRow[],
  conflict: ParsedConflict,
  maxParameters: number,
): EncodedRow[][] {
  const statements: EncodedRow[][] = []
  for (let start = 0; start < rows.length; ) {
    const first = rows[start] as EncodedRow
    let end = start + 1
    while (end < rows.length && (rows[end] as EncodedRow).key === first.key) end++
    const reserved = conflict.parameterCount
    const most =
      first.values.length === 0
        ? 1
        : Math.min(rowsPerStatement, Math.floor((maxParameters - reserved) / first.values.length))
    if (most < 1) {
      throw new MisuseError(
        'TOO_MANY_PARAMETERS',
        `one row of ${plan.info.name} alone has more parameters than the database takes (${maxParameters})`,
      )
    }
    while (start < end) {
      const length = 2 ** Math.floor(Math.log2(Math.min(end - start, most)))
      statements.push(rows.slice(start, start + length))
      start += length
    }
  }
  return statements
}

/** A row with its shared values taken out of their wrappers. */
function withoutShared(row: unknown): unknown {
  if (typeof row !== 'object' || row === null || Array.isArray(row)) return row
  let plain: Record<string, unknown> | undefined
  for (const [property, value] of Object.entries(row)) {
    if (!isShared(value)) continue
    plain ??= { ...row }
    plain[property] = value.value
  }
  return plain ?? row
}

/**
 * Sees to rows of one batch that propose one key twice, which databases answer differently: an
 * error on PostgreSQL, the last one on SQLite, depending on how the batch was split.
 *
 * Only columns are compared, by their encoded values; what a collation or an expression index
 * takes for equal beyond that is the database's to find.
 */
function keepOne(
  rows: EncodedRow[],
  conflict: ParsedConflict,
  duplicates: unknown = 'raise',
): EncodedRow[] {
  if (duplicates !== 'raise' && duplicates !== 'first' && duplicates !== 'last') {
    throw new MisuseError('OPTION_INVALID', "duplicates takes 'raise', 'first' or 'last'")
  }
  const { targetColumns, updates } = conflict
  if (!updates || targetColumns === undefined) return rows
  const seen = new Map<string, number>()
  const dropped = new Set<number>()
  rows.forEach((row, i) => {
    const key = keyOf(row, targetColumns)
    if (key === undefined) return
    const earlier = seen.get(key)
    if (earlier === undefined) seen.set(key, i)
    else if (duplicates === 'raise') {
      throw new MisuseError(
        'DUPLICATE_KEY_IN_BATCH',
        `rows ${earlier} and ${i} of insertAll propose the same ${targetColumns.map((c) => c.ref.property).join(', ')}; send one of them, or pass duplicates: 'first' or 'last'`,
      )
    } else if (duplicates === 'first') dropped.add(i)
    else {
      dropped.add(earlier)
      seen.set(key, i)
    }
  })
  return dropped.size === 0 ? rows : rows.filter((_row, i) => !dropped.has(i))
}

/** The key a row proposes, as text; undefined where it leaves a column out or gives null. */
function keyOf(row: EncodedRow, target: readonly ColumnPlan[]): string | undefined {
  let key = ''
  for (const column of target) {
    const place = row.columns.indexOf(column)
    const value = place < 0 ? null : row.values[place]
    if (value === null) return undefined
    key += `${typeof value}:${value instanceof Uint8Array ? Buffer.from(value).toString('hex') : String(value)}\0`
  }
  return key
}
