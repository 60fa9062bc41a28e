import type { Dialect, Slot } from '../contract/index.ts'
import { MisuseError } from '../errors/index.ts'
import type { ParsedConflict } from './on-conflict.ts'
import { sharedByAll } from './row-layout.ts'
import type { EncodedRow } from './row-values.ts'
import type { Runtime } from './runtime.ts'
import type { TablePlan } from './table-plan.ts'

/** Rows of one statement where the parameter limit allows more: longer ones gain nothing. */
const rowsPerStatement = 128

/** Up to here any number of rows is a statement of its own, so that it needs no transaction. */
const fewRows = 16

/**
 * The rows by statement: neighbours with one set of columns, within the parameter limit. Longer
 * statements have powers of two for lengths, so that any number of rows needs few different ones.
 *
 * @throws MisuseError `TOO_MANY_PARAMETERS` where a single row is beyond the limit
 */
export function splitRows(
  runtime: Runtime,
  plan: TablePlan,
  rows: readonly EncodedRow[],
  conflict: ParsedConflict,
): EncodedRow[][] {
  const statements: EncodedRow[][] = []
  for (let start = 0; start < rows.length; ) {
    const { key } = rows[start] as EncodedRow
    let end = start + 1
    while (end < rows.length && (rows[end] as EncodedRow).key === key) end++
    const most = mostRows(runtime, plan, rows.slice(start, end), conflict)
    while (start < end) {
      const fitting = Math.min(end - start, most)
      const length = fitting <= fewRows ? fitting : 2 ** Math.floor(Math.log2(fitting))
      statements.push(rows.slice(start, start + length))
      start += length
    }
  }
  return statements
}

/** How many rows of one key set fit into a statement. */
function mostRows(
  runtime: Runtime,
  plan: TablePlan,
  rows: readonly EncodedRow[],
  conflict: ParsedConflict,
): number {
  const width = (rows[0] as EncodedRow).values.length
  if (width === 0) return 1
  const { capabilities, dialect } = runtime.adapter
  const { maxParameters } = capabilities
  const shared = sharedByAll(rows).length
  const once = shared > 0 && reusesSlots(dialect) ? shared : 0
  const room = maxParameters - conflict.parameterCount - once
  const fitting = width === once ? rowsPerStatement : Math.floor(room / (width - once))
  if (room >= 0 && fitting >= 1) return Math.min(rowsPerStatement, fitting)
  throw new MisuseError(
    'TOO_MANY_PARAMETERS',
    `one row of ${plan.info.name} takes ${width + conflict.parameterCount} parameters in its insert, and the database takes at most ${maxParameters} in a statement; leave columns to the database's defaults`,
  )
}

/** Whether a slot that stands twice is one parameter: not where placeholders are positional. */
function reusesSlots(dialect: Dialect): boolean {
  const slot: Slot = { kind: 'slot', slot: 0 }
  return dialect.compile({ kind: 'raw', parts: [slot, ', ', slot] }).slots.length === 1
}
