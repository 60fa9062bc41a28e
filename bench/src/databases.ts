import { DatabaseSync } from 'node:sqlite'
import { sqlite } from '@mortise/adapter-sqlite'
import { type Adapter, type Columns, createRepo, type Repo, type Table } from '@mortise/core'
import Database from 'better-sqlite3'
import { createTableSql, storedValues } from './tables.ts'

export type Driver = 'better-sqlite3' | 'node:sqlite'

/** The drivers that this Node.js can run: before 24.16, node:sqlite cuts text at a NUL. */
export const drivers: readonly Driver[] = isAtLeast(24, 16)
  ? ['better-sqlite3', 'node:sqlite']
  : ['better-sqlite3']

function isAtLeast(major: number, minor: number): boolean {
  const [ours = 0, ourMinor = 0] = process.versions.node.split('.').map(Number)
  return ours > major || (ours === major && ourMinor >= minor)
}

/** A repo on a database in memory. */
export function memoryRepo(driver: Driver = 'better-sqlite3'): Repo {
  return createRepo<Adapter>({ adapter: sqlite({ filename: ':memory:', driver }) })
}

/** A SQLite library by itself, at its best: what a program without us would call. */
export interface RawDatabase {
  exec(sql: string): void
  prepare(sql: string): RawStatement
  close(): void
}

export interface RawStatement {
  all(...parameters: unknown[]): unknown[]
  get(...parameters: unknown[]): unknown
  run(...parameters: unknown[]): unknown
  iterate(...parameters: unknown[]): Iterable<unknown>
  /** Integers as bigint from now on. */
  exact(): RawStatement
}

/** A raw database in memory. */
export function rawDatabase(driver: Driver): RawDatabase {
  if (driver === 'better-sqlite3') {
    const database = new Database(':memory:')
    return {
      exec: (sql) => void database.exec(sql),
      prepare(sql) {
        const statement = database.prepare<unknown[], unknown>(sql)
        return Object.assign(statement, { exact: () => statement.safeIntegers(true) }) as never
      },
      close: () => void database.close(),
    }
  }
  const database = new DatabaseSync(':memory:')
  return {
    exec: (sql) => database.exec(sql),
    prepare(sql) {
      const statement = database.prepare(sql)
      return Object.assign(statement, {
        exact() {
          statement.setReadBigInts(true)
          return statement
        },
      }) as never
    },
    close: () => database.close(),
  }
}

/** Makes the same table in a raw database, with the values as the repo stored them. */
export async function copyTable(
  repo: Repo,
  table: Table<Columns>,
  database: RawDatabase,
): Promise<void> {
  database.exec(createTableSql(repo.adapter, table))
  const insert = database.prepare(insertSql(table))
  const rows = await storedValues(repo, table)
  database.exec('begin')
  for (const row of rows) insert.run(...row)
  database.exec('commit')
}

/** `insert into t (…) values (?, …)`; `id` is left to the database unless asked for. */
export function insertSql(
  table: Table<Columns>,
  options: { readonly id?: boolean; readonly rows?: number } = {},
): string {
  const { id = true, rows = 1 } = options
  const columns = Object.values(table).filter(({ source }) => id || source !== 'id')
  const row = `(${columns.map(() => '?').join(', ')})`
  return `insert into ${columns[0]?.table.name} (${columns.map(({ source }) => source).join(', ')}) values ${new Array(rows).fill(row).join(', ')}`
}
