import type { Column } from '@mortise/core/adapter'
import type BetterSqlite3 from 'better-sqlite3'
import type { Driver, DriverDatabase, DriverStatement, RowIterator, RunResult } from './driver.ts'
import { plainBytes, type StoredKinds, unrounded, unroundedOfKind } from './exact-rows.ts'
import { CannotOpenError, nativeError } from './native-error.ts'
import type { Bindings } from './parameter-plan.ts'

/** better-sqlite3. The package is loaded when the first database is opened. */
export const betterSqlite3: Driver = {
  async open(path) {
    const { default: Database } = await import('better-sqlite3')
    try {
      return new BetterSqlite3Database(new Database(path, { timeout: 0 }))
    } catch (error) {
      // It checks the directory itself, with a TypeError that has no code.
      if (!(error instanceof TypeError) || nativeError(error) !== undefined) throw error
      throw new CannotOpenError(error.message, { cause: error })
    }
  },
}

class BetterSqlite3Database implements DriverDatabase {
  readonly #database: BetterSqlite3.Database

  constructor(database: BetterSqlite3.Database) {
    this.#database = database
  }

  get inTransaction(): boolean {
    return this.#database.inTransaction
  }

  prepare(sql: string): DriverStatement {
    return new BetterSqlite3Statement(this.#database.prepare(sql))
  }

  exec(sql: string): void {
    this.#database.exec(sql)
  }

  close(): void {
    this.#database.close()
  }
}

class BetterSqlite3Statement implements DriverStatement {
  readonly returnsRows: boolean
  readonly #statement: BetterSqlite3.Statement<unknown[], unknown>
  #exact = false
  #arrays: boolean

  constructor(statement: BetterSqlite3.Statement<unknown[], unknown>) {
    this.#statement = statement
    this.returnsRows = statement.reader
    this.#arrays = statement.reader
    if (statement.reader) statement.raw(true)
  }

  columns(): readonly Column[] {
    return this.#statement.columns().map(({ name, type }) => ({ name, type: type ?? undefined }))
  }

  readFast(bindings: Bindings, kinds: StoredKinds | undefined): unknown[][] | undefined {
    if (this.#exact) this.#setExact(false)
    if (!this.#arrays) this.#setArrays(true)
    const rows = this.#all(bindings) as unknown[][]
    const good = kinds === undefined ? unrounded(rows) : unroundedOfKind(rows, kinds)
    return good ? rows : undefined
  }

  readObjects(bindings: Bindings): object[] {
    if (this.#exact) this.#setExact(false)
    if (this.#arrays) this.#setArrays(false)
    return this.#all(bindings) as object[]
  }

  readExact(bindings: Bindings): unknown[][] {
    if (!this.#exact) this.#setExact(true)
    if (!this.#arrays) this.#setArrays(true)
    const rows = this.#all(bindings) as unknown[][]
    for (let r = 0; r < rows.length; r++) plain(rows[r] as unknown[])
    return rows
  }

  iterate(bindings: Bindings): RowIterator {
    if (!this.#exact) this.#setExact(true)
    if (!this.#arrays) this.#setArrays(true)
    return new BetterSqlite3Iterator(this.#statement.iterate(bindings) as Iterator<unknown[]>)
  }

  run(bindings: Bindings): RunResult {
    if (this.#exact) this.#setExact(false)
    return this.#statement.run(bindings) as RunResult
  }

  /** One value by itself is bound faster than in a list; an object would be taken for names. */
  #all(bindings: Bindings): unknown[] {
    const only = bindings.length === 1 ? (bindings as readonly unknown[])[0] : null
    return typeof only === 'object' ? this.#statement.all(bindings) : this.#statement.all(only)
  }

  #setExact(exact: boolean): void {
    this.#statement.safeIntegers(exact)
    this.#exact = exact
  }

  #setArrays(arrays: boolean): void {
    this.#statement.raw(arrays)
    this.#arrays = arrays
  }
}

class BetterSqlite3Iterator implements RowIterator {
  readonly #rows: Iterator<unknown[]>

  constructor(rows: Iterator<unknown[]>) {
    this.#rows = rows
  }

  next(): unknown[] | undefined {
    const { done, value } = this.#rows.next()
    if (done === true) return undefined
    plain(value)
    return value
  }

  return(): void {
    this.#rows.return?.()
  }
}

function plain(row: unknown[]): void {
  for (let c = 0; c < row.length; c++) {
    const value = row[c]
    if (typeof value === 'object' && value !== null) row[c] = plainBytes(value)
  }
}
