import { type Adapter, ValueError } from '@mortise/core/adapter'
import { RuleFailure, show } from '../check/index.ts'
import { type Caller, ddlOf, type TestTable, type Value } from '../contract/index.ts'
import type { RuleContext } from './rule-context.ts'

/**
 * A value as the server itself writes it: a quoted literal, cast where the type has no literal of
 * its own. Undefined where there is no such text for every database, or the dialect refuses it.
 */
export function literalOf(adapter: Adapter, { type, value }: Value): string | undefined {
  if (value === null) return 'null'
  try {
    switch (type.name) {
      case 'boolean':
      case 'integer':
      case 'bigint':
      case 'float':
      case 'text':
      case 'enum':
        return adapter.dialect.quoteLiteral(value as string)
      case 'bytes':
      case 'array':
      case 'json':
        return undefined
      default:
        return `cast(${adapter.dialect.quoteLiteral(value as string)} as ${ddlOf(adapter, type)})`
    }
  } catch (error) {
    if (error instanceof ValueError) return undefined
    throw error
  }
}

/**
 * Asks a question that the adapter cannot answer in the server's place: through the fixture's
 * reference connection where there is one, else as text through the adapter. The rows' values come
 * as text; null stays null.
 */
export async function askServer(
  context: RuleContext,
  caller: Caller,
  sql: string,
): Promise<(string | null)[][]> {
  const { reference } = context
  const rows =
    reference === undefined
      ? ((await caller.text(sql, { access: 'read' })).rows as readonly (readonly unknown[])[])
      : await reference.query(sql)
  return rows.map((row) => row.map((value) => (value === null ? null : String(value))))
}

/** Fails the rule unless the server counts `expected` rows that satisfy a condition. */
export async function checkOnServer(
  context: RuleContext,
  caller: Caller,
  { table }: Pick<TestTable, 'table'>,
  condition: string,
  expected: number,
  what: string,
): Promise<void> {
  const from = context.adapter.dialect.quoteIdentifier(table.name)
  const sql = `select count(*) from ${from} where ${condition}`
  const seen = (await askServer(context, caller, sql))[0]?.[0]
  if (seen !== String(expected)) {
    throw new RuleFailure(what, `${expected} rows where ${condition}`, show(seen))
  }
}
