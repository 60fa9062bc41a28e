import { existsSync } from 'node:fs'
import { DatabaseSync, type StatementSync } from 'node:sqlite'
import type { ConnectContext, Connection, Request, Result } from '@mortise/core/adapter'
import { readText, type StatementText, valuesFor } from './statement-text.ts'
import { toNumber } from './type-table.ts'

/** Opens one session. */
export function openConnection(filename: string, { role }: ConnectContext): Connection {
  const database = openDatabase(filename, role)
  return {
    execute: (request) => run(prepare(database, request.sql), request),
    close: () => database[Symbol.dispose](),
  }
}

/** Opens the file and makes it if it is missing. A `reader` cannot write to it. */
export function openDatabase(filename: string, role: ConnectContext['role']): DatabaseSync {
  const readOnly = role === 'reader'
  if (readOnly && !existsSync(filename)) openDatabase(filename, 'writer').close()
  const database = new DatabaseSync(filename, { readOnly })
  if (role === 'writer') database.exec('pragma journal_mode = wal')
  return database
}

/** A compiled statement, and what its text says. */
export interface Prepared extends StatementText {
  readonly database: DatabaseSync
  readonly statement: StatementSync
}

/** Compiles a statement whose rows are arrays and whose integers are bigints. */
export function prepare(database: DatabaseSync, sql: string): Prepared {
  const statement = database.prepare(sql)
  statement.setReturnArrays(true)
  statement.setReadBigInts(true)
  return { database, statement, ...readText(sql, statement.sourceSQL) }
}

/** Runs a statement and collects its whole result. */
export function run(prepared: Prepared, request: Request): Result {
  const { statement, counts } = prepared
  const values = valuesFor(prepared, request)
  const width = statement.columns().length
  const rows = statement.all(...values)
  // Node 22 reads as many columns as the table had before SQLite saw that it was changed.
  const stale = !counts && statement.columns().length !== width
  return resultOf(prepared, request, stale ? statement.all(...values) : rows)
}

/** The answer to a request, of the rows that its statement gave. */
export function resultOf(prepared: Prepared, { shape }: Request, rows: unknown[]): Result {
  const { database, statement, counts } = prepared
  return {
    columns: statement.columns().map(({ name }) => ({ name })),
    rows: (shape === undefined ? rows.map(withNumbers) : rows) as unknown[][],
    affected: counts ? (database.prepare('select changes() as n').get()?.n as number) : null,
  }
}

/** A row without a shape: its integers are numbers, as an application expects them. */
function withNumbers(row: unknown): unknown {
  return (row as unknown[]).map((value) => (typeof value === 'bigint' ? toNumber(value) : value))
}
