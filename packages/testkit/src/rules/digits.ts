import type { RuleContext } from '../context/index.ts'
import { type Caller, column, createTable, insertInto } from '../contract/index.ts'

/** The quoted name of a new table with a column `n` that holds the digits. */
export async function digits(context: RuleContext, caller: Caller): Promise<string> {
  const table = context.table([column('n', 'integer')])
  await caller.run(createTable(table))
  const rows = Array.from({ length: 10 }, (_, i) => [i])
  const { operation, values } = insertInto(table, ['n'], rows)
  await caller.run(operation, values)
  return context.adapter.dialect.quoteIdentifier(table.table.name)
}
