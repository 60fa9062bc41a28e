import { existsSync } from 'node:fs'
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite'
import type { ConnectContext, Connection, Request, Result } from '@mortise/core/adapter'
import { checkCount, readText, type StatementText } from './statement-text.ts'
import { toNumber } from './type-table.ts'

/** Opens one session. */
export function openConnection(filename: string, { role }: ConnectContext): Connection {
  const database = openDatabase(filename, role)
  return {
    execute: (request) => run(database, prepare(database, request.sql), request),
    close() {
      if (database.isOpen) database.close()
    },
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
  readonly statement: StatementSync
}

/** Compiles a statement whose rows are arrays and whose integers are bigints. */
export function prepare(database: DatabaseSync, sql: string): Prepared {
  const statement = database.prepare(sql)
  statement.setReturnArrays(true)
  statement.setReadBigInts(true)
  return { statement, ...readText(sql, statement.sourceSQL) }
}

/** Runs a statement and collects its whole result. */
export function run(database: DatabaseSync, prepared: Prepared, request: Request): Result {
  const { statement, places, counts } = prepared
  const { parameters, shape } = request
  checkCount(places, parameters.length)
  const rows = statement.all(...(parameters as SQLInputValue[])) as unknown as unknown[][]
  return {
    columns: columnsOf(statement),
    rows: shape === undefined ? rows.map(withNumbers) : rows,
    affected: counts ? (database.prepare('select changes() as n').get()?.n as number) : null,
  }
}

/** The columns of a statement, as the schema was when it last ran. */
export function columnsOf(statement: StatementSync): Result['columns'] {
  return statement.columns().map(({ name }) => ({ name }))
}

/** A row without a shape: its integers are numbers, as an application expects them. */
export function withNumbers(row: readonly unknown[]): readonly unknown[] {
  return row.map((value) => (typeof value === 'bigint' ? toNumber(value) : value))
}
