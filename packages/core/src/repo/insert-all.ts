import { AdapterError, MisuseError, UnsupportedError } from '../errors/index.ts'
import type { Answer, AnyTable, Call } from '../query/index.ts'
import { sendTogether } from './batch.ts'
import { withoutDuplicates } from './duplicate-keys.ts'
import { type InsertOptions, parseReturning, returnedRow } from './insert.ts'
import { insertOperation, type Sendable } from './insert-operation.ts'
import { splitRows } from './insert-split.ts'
import { type ParsedConflict, parseConflict } from './on-conflict.ts'
import { readBackBy } from './read-back.ts'
import { insertAndRead } from './returning-emulation.ts'
import { type EncodedRow, RowEncoder } from './row-values.ts'
import type { Runtime } from './runtime.ts'
import type { Caller } from './select.ts'
import type { ColumnPlan, TablePlan } from './table-plan.ts'
import { atomically } from './transaction-call.ts'

/** The options of `insertAll`, as they come. */
export interface InsertAllOptions extends InsertOptions {
  readonly duplicates?: unknown
}

/** What the bulk writes answer; rows only where they were asked for. */
export interface WrittenRows {
  readonly count: number
  readonly rows?: object[]
}

const optionNames = ['onConflict', 'conflictTarget', 'returning', 'duplicates']

/** `insertAll`: many rows, in the order given, all or none. */
export async function insertAll(
  runtime: Runtime,
  caller: Caller,
  table: AnyTable,
  rows: unknown,
  options: InsertAllOptions | undefined,
): Promise<WrittenRows> {
  const plan = runtime.plan(table, caller.prefix)
  const call = runtime.calls.parse(options, optionNames, 'insertAll')
  const { onConflict, conflictTarget, returning = false, duplicates } = options ?? {}
  const conflict = parseConflict(runtime, caller, plan, onConflict, conflictTarget)
  const returned = parseReturning(runtime, plan, returning, 'insert')
  if (!Array.isArray(rows)) throw new MisuseError('ROW_INVALID', 'insertAll takes a list of rows')
  const encoder = new RowEncoder(plan)
  const encoded = withoutDuplicates(
    Array.from(rows, (row: unknown, i) => encoder.encode(row, `rows[${i}]`)),
    conflict,
    duplicates,
  )
  if (encoded.length === 0) return returned === undefined ? { count: 0 } : { count: 0, rows: [] }
  if (returned !== undefined && runtime.adapter.capabilities.returning.insert === 'emulated') {
    return oneByOne(runtime, caller, plan, encoded, conflict, returned, call)
  }
  // All are built before the first is sent, so that a mistake in the last one sends nothing.
  const statements = splitRows(runtime, plan, encoded, conflict).map((some) =>
    insertOperation(runtime, plan, some, conflict, returned),
  )
  return written(await send(runtime, caller, statements, call), returned)
}

async function send(
  runtime: Runtime,
  caller: Caller,
  statements: readonly Sendable[],
  call: Call,
): Promise<Answer[]> {
  const [only] = statements
  if (statements.length === 1 && only !== undefined) {
    return [await runtime.run(caller.scope, only.query, only.parameters, call)]
  }
  const { name, capabilities } = runtime.adapter
  if (capabilities.transactions === 'none') {
    throw new UnsupportedError(
      'transactions',
      `this insertAll takes ${statements.length} statements, and ${name} has no transactions to make them all or nothing; insert fewer rows in one call, all with the same columns`,
    )
  }
  const together = await sendTogether(runtime, caller, statements, call)
  if (together !== undefined) return together
  return atomically(runtime, caller, call, (scope) =>
    // Sent without waiting between, so that a pipelining driver needs one round trip for many.
    Promise.all(
      statements.map(async ({ query, parameters }) =>
        runtime.runIn(scope, query, parameters, call),
      ),
    ),
  )
}

/** For databases without RETURNING: each row is inserted and read back. */
function oneByOne(
  runtime: Runtime,
  caller: Caller,
  plan: TablePlan,
  rows: readonly EncodedRow[],
  conflict: ParsedConflict,
  returning: readonly ColumnPlan[],
  call: Call,
): Promise<WrittenRows> {
  const keys = rows.map((row) => readBackBy(runtime, plan, row, conflict))
  return atomically(runtime, caller, call, async (scope) => {
    const written: object[] = []
    for (const [i, row] of rows.entries()) {
      const key = keys[i] as (typeof keys)[number]
      const read = await insertAndRead(runtime, scope, plan, row, key, conflict, returning, call)
      const given = returnedRow(plan, read, conflict)
      if (given !== undefined) written.push(given)
    }
    return { count: written.length, rows: written }
  })
}

function written(
  answers: readonly Answer[],
  returning: readonly ColumnPlan[] | undefined,
): WrittenRows {
  let count = 0
  for (const { affected, rows } of answers) {
    const some = affected ?? (returning === undefined ? undefined : rows.length)
    if (some === undefined) {
      throw new AdapterError('the driver did not count the rows of an insert (affected is null)')
    }
    count += some
  }
  return returning === undefined ? { count } : { count, rows: answers.flatMap(({ rows }) => rows) }
}
