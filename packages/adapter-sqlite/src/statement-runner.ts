import {
  type Column,
  DatabaseError,
  type MaybePromise,
  type Request,
  type Result,
  type RowShape,
  ValueError,
} from '@mortise/core/adapter'
import type { CallLimits } from './call-limits.ts'
import type { ColumnWatch } from './column-watch.ts'
import type { DriverDatabase, DriverStatement, RowIterator } from './driver.ts'
import { settleRawRow, settleRow } from './exact-rows.ts'
import { LastInsertId } from './last-insert-id.ts'
import { readWithin } from './limited-read.ts'
import type { SqliteCallOptions } from './options.ts'
import { type Bindings, bindings } from './parameter-plan.ts'
import type { PreparedStatement } from './prepared-statement.ts'

const noColumns: readonly Column[] = Object.freeze([])
const noRows: readonly (readonly unknown[])[] = Object.freeze([])

/** Runs compiled statements once, without waiting for locks, and gives exact results. */
export class StatementRunner {
  readonly #database: DriverDatabase
  readonly #columns: ColumnWatch
  readonly #integers: 'number' | 'bigint'
  readonly #lastInsertId: LastInsertId
  #begin: DriverStatement | undefined
  #commit: DriverStatement | undefined

  constructor(database: DriverDatabase, columns: ColumnWatch, integers: 'number' | 'bigint') {
    this.#database = database
    this.#columns = columns
    this.#integers = integers
    this.#lastInsertId = new LastInsertId(database)
  }

  /** Something ran that this runner did not see. */
  forget(): void {
    this.#lastInsertId.forget()
  }

  /** Runs a statement that reads. */
  read(prepared: PreparedStatement, request: Request): Result {
    const values = bindings(prepared.text.parameters, request.parameters)
    const result = this.#readOnce(prepared, request, values)
    return isWhole(result) ? result : this.#readOnce(prepared, request, values)
  }

  #readOnce(prepared: PreparedStatement, request: Request, values: Bindings): Result {
    const before = this.#columns.before(prepared)
    if (!prepared.exact) {
      const result = this.#readFast(prepared, request, values, before)
      if (result !== undefined) return result
    }
    const rows = prepared.driver.readExact(values)
    this.#columns.after(prepared, before)
    this.#settle(prepared, rows, request)
    return readResult(prepared, rows)
  }

  /** Reads integers as numbers. Undefined where they have to be read exactly. */
  #readFast(
    prepared: PreparedStatement,
    request: Request,
    values: Bindings,
    before: number,
  ): Result | undefined {
    const { shape } = request
    if (shape === undefined && this.#integersOf(request) === 'bigint') return undefined
    if (shape !== undefined && request.statement !== undefined) {
      const result = this.#readObjects(prepared, shape, values, before)
      if (result !== undefined) return result
      if (prepared.exact) return undefined
    }
    const kinds = shape === undefined ? undefined : prepared.kinds(shape)
    const rows = prepared.driver.readFast(values, kinds)
    if (rows === undefined) {
      prepared.exact = true
      return undefined
    }
    this.#columns.after(prepared, before)
    return readResult(prepared, rows)
  }

  /** Reads finished objects. Undefined where the rows have to be read in another way. */
  #readObjects(
    prepared: PreparedStatement,
    shape: RowShape,
    values: Bindings,
    before: number,
  ): Result | undefined {
    const objects = prepared.objects(shape)
    if (objects?.finish === undefined) return undefined
    const rows = (prepared.driver as ObjectStatement).readObjects(values)
    this.#columns.after(prepared, before)
    if (objects.columns !== prepared.columns) return undefined
    const outcome = objects.finish(rows)
    if (outcome === 'done') return objectResult(prepared, rows)
    if (outcome === 'inexact') prepared.exact = true
    else this.#columns.forget(prepared)
    return undefined
  }

  /** As `read`, within the call's limits. */
  readWithin(
    prepared: PreparedStatement,
    request: Request,
    limits: CallLimits,
  ): MaybePromise<Result> {
    const rows: unknown[][] = []
    const iterator = this.iterate(prepared, request)
    const done = readWithin(iterator, limits, (row) => {
      rows.push(row)
    })
    return done === undefined
      ? readResult(prepared, rows)
      : done.then(() => readResult(prepared, rows))
  }

  /** The rows of a statement that reads, settled, one by one. */
  iterate(prepared: PreparedStatement, request: Request): RowIterator {
    const values = bindings(prepared.text.parameters, request.parameters)
    const before = this.#columns.before(prepared)
    let rows = prepared.driver.iterate(values)
    let first = true
    return {
      next: () => {
        let row = rows.next()
        if (first) {
          first = false
          this.#columns.after(prepared, before)
          if (row !== undefined && row.length !== prepared.columns.length) {
            rows.return()
            rows = prepared.driver.iterate(values)
            row = rows.next()
          }
        }
        if (row !== undefined) this.#settleRow(prepared, row, request)
        return row
      },
      return: () => rows.return(),
    }
  }

  /** Runs a statement that writes: INSERT, UPDATE, DELETE, REPLACE. */
  write(prepared: PreparedStatement, request: Request, inTransaction: boolean): Result {
    const values = bindings(prepared.text.parameters, request.parameters)
    const { driver, text } = prepared
    if (driver.returnsRows) {
      this.#lastInsertId.forget()
      if (inTransaction) return this.#writeInTransaction(prepared, values, request)
      const cannotFail = request.shape === undefined && this.#integersOf(request) === 'bigint'
      return cannotFail
        ? this.#written(prepared, values, request)
        : this.#writeAlone(prepared, values, request)
    }
    const done = driver.run(values)
    return {
      columns: noColumns,
      rows: noRows,
      affected: done.changes,
      lastInsertId: this.#lastInsertId.of(prepared, done, this.#columns.epoch),
      command: text.command,
    }
  }

  /** Runs anything else: transaction control, PRAGMA, DDL. It counts no rows. */
  other(prepared: PreparedStatement, request: Request): Result {
    const values = bindings(prepared.text.parameters, request.parameters)
    const { driver, text } = prepared
    if (!driver.returnsRows) {
      driver.run(values)
      return { columns: noColumns, rows: noRows, affected: null, command: text.command }
    }
    const rows = driver.readExact(values)
    prepared.columns = driver.columns()
    this.#settle(prepared, rows, request)
    return { columns: prepared.columns, rows, affected: null, command: text.command }
  }

  #settle(prepared: PreparedStatement, rows: readonly unknown[][], request: Request): void {
    for (let r = 0; r < rows.length; r++) this.#settleRow(prepared, rows[r] as unknown[], request)
  }

  #settleRow(prepared: PreparedStatement, row: unknown[], request: Request): void {
    if (request.shape !== undefined) settleRow(row, prepared.kinds(request.shape))
    else if (this.#integersOf(request) === 'number') settleRawRow(row, prepared.columns)
  }

  /**
   * A write with RETURNING outside of a transaction: committed only when its rows could be read,
   * so that no refused call has an effect.
   */
  #writeAlone(prepared: PreparedStatement, values: Bindings, request: Request): Result {
    this.#begin ??= this.#database.prepare('begin immediate')
    this.#commit ??= this.#database.prepare('commit')
    this.#begin.run([])
    try {
      const written = this.#written(prepared, values, request)
      this.#commit.run([])
      return written
    } catch (error) {
      if (this.#database.inTransaction) this.#database.exec('rollback')
      throw error
    }
  }

  /** Inside a transaction a result that cannot be read fails the transaction, and the write with it. */
  #writeInTransaction(prepared: PreparedStatement, values: Bindings, request: Request): Result {
    try {
      return this.#written(prepared, values, request)
    } catch (error) {
      if (!(error instanceof ValueError)) throw error
      throw new DatabaseError(
        { kind: 'data', message: `the row was written, but ${error.message}` },
        { cause: error },
      )
    }
  }

  #written(prepared: PreparedStatement, values: Bindings, request: Request): Result {
    const before = this.#columns.before(prepared)
    const rows = prepared.driver.readExact(values)
    this.#columns.after(prepared, before)
    this.#settle(prepared, rows, request)
    const { columns } = prepared
    const written = { columns, rows, affected: rows.length, command: prepared.text.command }
    if (isWhole(written)) return written
    throw new DatabaseError({
      kind: 'stale_statement',
      message: 'the schema changed, and Node.js before 24.20 reads the rows as they were before',
    })
  }

  #integersOf(request: Request): 'number' | 'bigint' {
    return (request.options as SqliteCallOptions | undefined)?.integers ?? this.#integers
  }
}

/**
 * Whether the rows have all columns: node:sqlite before Node.js 24.20 counts them before SQLite
 * compiles a statement anew, so that the first run after a change of the schema lacks new ones.
 */
function isWhole({ rows, columns, shaped }: Result): boolean {
  const [row] = rows as readonly (readonly unknown[])[]
  return shaped === true || row === undefined || row.length === columns.length
}

type ObjectStatement = DriverStatement & Required<Pick<DriverStatement, 'readObjects'>>

function objectResult(prepared: PreparedStatement, rows: readonly object[]): Result {
  const { command } = prepared.text
  return { columns: prepared.columns, rows, shaped: true, affected: null, command }
}

function readResult(prepared: PreparedStatement, rows: unknown[][]): Result {
  return { columns: prepared.columns, rows, affected: null, command: prepared.text.command }
}
