import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite'
import { type Column, UnsupportedError } from '@mortise/core/adapter'
import type { Driver, DriverDatabase, DriverStatement, RowIterator, RunResult } from './driver.ts'
import { checkKinds, holdsSmallestInteger, type StoredKinds } from './exact-rows.ts'
import type { Bindings } from './parameter-plan.ts'

/** node:sqlite, loaded when the first database is opened: on Node 22 loading it prints a warning. */
export const nodeSqlite: Driver = {
  open(path) {
    const library = process.getBuiltinModule('node:sqlite')
    if (library === undefined) {
      throw new UnsupportedError(
        'driver',
        "this runtime was built without node:sqlite; use driver: 'better-sqlite3'",
      )
    }
    if (!readsNul(library.DatabaseSync)) {
      throw new UnsupportedError(
        'driver',
        `node:sqlite of Node.js ${process.versions.node} cuts text at NUL characters, so it is not exact; use Node.js 24.16 or later, or driver: 'better-sqlite3'`,
      )
    }
    const database = new library.DatabaseSync(path, { timeout: 0, allowExtension: false })
    // From Node 24.12 on; better-sqlite3 always sets it.
    const { enableDefensive } = database as { enableDefensive?: (active: boolean) => void }
    enableDefensive?.call(database, true)
    return new NodeSqliteDatabase(database)
  },
}

/** Whether text comes back whole. Not before Node.js 24.16, and on no Node.js 22. */
function readsNul(Database: typeof DatabaseSync): boolean {
  const database = new Database(':memory:')
  try {
    return database.prepare('select char(97, 0) as text').get()?.text === 'a\0'
  } finally {
    database.close()
  }
}

class NodeSqliteDatabase implements DriverDatabase {
  readonly #database: DatabaseSync

  constructor(database: DatabaseSync) {
    this.#database = database
  }

  get inTransaction(): boolean {
    return this.#database.isOpen && this.#database.isTransaction
  }

  prepare(sql: string): DriverStatement {
    return new NodeSqliteStatement(this.#database.prepare(sql))
  }

  exec(sql: string): void {
    this.#database.exec(sql)
  }

  close(): void {
    if (this.#database.isOpen) this.#database.close()
  }
}

type Rows = unknown[][]

class NodeSqliteStatement implements DriverStatement {
  readonly returnsRows: boolean
  readonly #statement: StatementSync
  #exact = false

  constructor(statement: StatementSync) {
    this.#statement = statement
    this.returnsRows = statement.columns().length > 0
    statement.setReturnArrays(true)
  }

  columns(): readonly Column[] {
    return this.#statement.columns().map(({ name, type }) => ({ name, type: type ?? undefined }))
  }

  readFast(bindings: Bindings, kinds: StoredKinds | undefined): unknown[][] | undefined {
    if (this.#exact) this.#setExact(false)
    let rows: Rows
    try {
      rows = this.#all(bindings)
    } catch (error) {
      if ((error as { readonly code?: unknown }).code === 'ERR_OUT_OF_RANGE') return undefined
      throw error
    }
    if (holdsSmallestInteger(rows)) return undefined
    if (kinds !== undefined) checkKinds(rows, kinds)
    return rows
  }

  readExact(bindings: Bindings): unknown[][] {
    if (!this.#exact) this.#setExact(true)
    return this.#all(bindings)
  }

  iterate(bindings: Bindings): RowIterator {
    if (!this.#exact) this.#setExact(true)
    const rows = isList(bindings)
      ? this.#statement.iterate(...bindings)
      : this.#statement.iterate(byNumber(bindings))
    return new NodeSqliteIterator(rows as unknown as Iterator<unknown[]>)
  }

  run(bindings: Bindings): RunResult {
    if (this.#exact) this.#setExact(false)
    return (
      isList(bindings) ? this.#statement.run(...bindings) : this.#statement.run(byNumber(bindings))
    ) as RunResult
  }

  #all(bindings: Bindings): Rows {
    return (isList(bindings)
      ? this.#statement.all(...bindings)
      : this.#statement.all(byNumber(bindings))) as unknown as Rows
  }

  #setExact(exact: boolean): void {
    this.#statement.setReadBigInts(exact)
    this.#exact = exact
  }
}

class NodeSqliteIterator implements RowIterator {
  readonly #rows: Iterator<unknown[]>

  constructor(rows: Iterator<unknown[]>) {
    this.#rows = rows
  }

  next(): unknown[] | undefined {
    const { done, value } = this.#rows.next()
    return done === true ? undefined : value
  }

  return(): void {
    this.#rows.return?.()
  }
}

function isList(bindings: Bindings): bindings is readonly SQLInputValue[] & unknown[] {
  return Array.isArray(bindings)
}

function byNumber(bindings: Bindings): Record<string, SQLInputValue> {
  return bindings as Record<string, SQLInputValue>
}
