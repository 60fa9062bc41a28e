import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite'
import {
  type ConnectContext,
  type Connection,
  type Request,
  type Result,
  ValueError,
} from '@mortise/core/adapter'
import { checkCount, readText, type StatementText } from './statement-text.ts'

/** Opens one session. */
export function openConnection(filename: string, context: ConnectContext): Connection {
  const database = openDatabase(filename, context)
  return {
    execute: (request) => run(database, prepare(database, request.sql), request),
    close: () => closeDatabase(database),
  }
}

/** Opens the file. A `reader` cannot write to it. */
export function openDatabase(filename: string, { role }: ConnectContext): DatabaseSync {
  const database = new DatabaseSync(filename, { readOnly: role === 'reader' })
  if (role === 'writer') database.exec('pragma journal_mode = wal')
  return database
}

/** Closes the session; one that is closed already stays so. */
export function closeDatabase(database: DatabaseSync): void {
  if (database.isOpen) database.close()
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

/** A row of a raw query holds numbers; an integer that no number can hold is refused. */
export function withNumbers(row: readonly unknown[]): readonly unknown[] {
  return row.map((value) => {
    if (typeof value !== 'bigint') return value
    const number = Number(value)
    if (Number.isSafeInteger(number)) return number
    throw new ValueError(
      'the result holds an integer beyond ±(2^53 − 1); cast it to text in the statement, or read it through a table, as a bigint column',
    )
  })
}
