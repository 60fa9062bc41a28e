import type { Column, MaybePromise } from '@mortise/core/adapter'
import type { StoredKinds } from './exact-rows.ts'
import type { Bindings } from './parameter-plan.ts'

/** A SQLite library, as this adapter needs it. */
export interface Driver {
  /** Opens a database by an absolute path, `:memory:` or `''`; never waits for a lock. */
  open(path: string): MaybePromise<DriverDatabase>
}

/** One open database. */
export interface DriverDatabase {
  readonly inTransaction: boolean
  /** Compiles one statement, which the text is known to hold. */
  prepare(sql: string): DriverStatement
  /** Runs statements without parameters or rows. */
  exec(sql: string): void
  close(): void
}

/** One compiled statement. Its methods run it from the beginning to the end, `iterate` aside. */
export interface DriverStatement {
  readonly returnsRows: boolean
  /** The columns of the last run: SQLite compiles anew by itself when the schema changed. */
  columns(): readonly Column[]
  /**
   * All rows, integers as numbers, blobs as `Uint8Array` with a buffer of their own; every value of
   * its column's kind where the kinds are given. Undefined where an integer may not be safe: then
   * the rows have to be read exactly.
   *
   * @throws ValueError a value is not of its column's kind.
   */
  readFast(bindings: Bindings, kinds: StoredKinds | undefined): unknown[][] | undefined
  /**
   * All rows as plain objects, integers as numbers that may be rounded, blobs as the library gives
   * them. Absent where the library has no such objects.
   */
  readObjects?(bindings: Bindings): object[]
  /** All rows, integers as bigint. */
  readExact(bindings: Bindings): unknown[][]
  /** The rows one by one, integers as bigint. `return` must be called unless the end was reached. */
  iterate(bindings: Bindings): RowIterator
  run(bindings: Bindings): RunResult
}

/** Rows that are read one by one. */
export interface RowIterator {
  /** The next row, or undefined at the end. */
  next(): unknown[] | undefined
  /** Ends the statement. May be repeated. */
  return(): void
}

/** What a statement without rows did. */
export interface RunResult {
  readonly changes: number
  /** `sqlite3_last_insert_rowid()`, rounded where it is not a safe integer. */
  readonly lastInsertRowid: number
}
