import { DatabaseSync, type SQLInputValue } from 'node:sqlite'
import {
  type DialectDescription,
  type Operation,
  type StandardDialect,
  standardDialect,
  type TypeTable,
} from '../contract/index.ts'

const types: TypeTable = {
  codecs: {
    integer: { ddl: 'integer' },
    text: { ddl: ({ length }) => (length === undefined ? 'text' : `varchar(${length})`) },
    boolean: { ddl: 'boolean' },
  },
}

/** Nothing but what must be given. */
export const plainDescription: DialectDescription = { name: 'plain', types }

/** As SQLite's grammar has it. */
export const sqliteDescription: DialectDescription = {
  name: 'sqlite',
  types,
  maxIdentifierBytes: 1000,
  returning: true,
  upsert: 'on_conflict',
  cellDefault: false,
  emptyInsert: 'rowid',
  limitForOffset: '-1',
  begin: ({ readOnly }) => [readOnly ? 'begin' : 'begin immediate'],
  cursor: 'temporary_table',
  identity: 'integer_primary_key',
  prefixes: 'attached',
}

/** As PostgreSQL's grammar has it. */
export const postgresDescription: DialectDescription = {
  name: 'postgresql',
  types,
  maxIdentifierBytes: 63,
  placeholders: { style: 'numbered', prefix: '$' },
  stringEscapes: 'e_string',
  returning: true,
  upsert: 'on_conflict',
  rowLocks: ['update', 'no key update', 'share', 'key share'],
  cursor: 'declare',
}

/** As MySQL's grammar has it. */
export const mysqlDescription: DialectDescription = {
  name: 'mysql',
  types,
  maxIdentifierBytes: 64,
  quotes: '`',
  stringEscapes: 'backslash',
  upsert: 'on_duplicate_key',
  emptyInsert: 'empty_lists',
  limitForOffset: '18446744073709551615',
  nullsOrder: 'case',
  rowLocks: ['update', 'share'],
  begin: 'set_first',
  identity: 'auto_increment',
}

export const sqlite = standardDialect(sqliteDescription)
export const postgres = standardDialect(postgresDescription)
export const mysql = standardDialect(mysqlDescription)

/** A fresh database in memory with the tables of `schema`. */
export function memoryDatabase(schema: string): DatabaseSync {
  const database = new DatabaseSync(':memory:')
  database.exec(schema)
  return database
}

/** Compiles an operation and runs it with `values`, one a slot. */
export function run(
  database: DatabaseSync,
  operation: Operation,
  values: readonly SQLInputValue[] = [],
  dialect: StandardDialect = sqlite,
): Record<string, unknown>[] {
  const { sql, slots } = dialect.compile(operation)
  const rows = database.prepare(sql).all(...slots.map((slot) => values[slot] ?? null))
  return rows.map((row) => ({ ...row }))
}
