import type { DatabaseSync } from 'node:sqlite'
import { setImmediate } from 'node:timers/promises'
import {
  type Connection,
  type Request,
  type Result,
  type RowBatches,
  TimeoutError,
  type TransactionStatus,
} from '@mortise/core/adapter'
import { type Prepared, prepare, resultOf, run } from '../src/connection.ts'
import { valuesFor } from '../src/statement-text.ts'

/** One session with more than `execute` and `close`. */
export class CapableConnection implements Connection {
  /** Left out in memory, where the end of a session is the end of the database. */
  readonly reset?: () => void
  readonly #database: DatabaseSync
  /** What was compiled since the session began. */
  #compiled = new WeakSet<Prepared>()

  constructor(database: DatabaseSync) {
    this.#database = database
    if (database.location() !== null) this.reset = () => this.#reopen()
  }

  get transactionStatus(): TransactionStatus {
    return this.#database.isTransaction ? 'active' : 'idle'
  }

  execute(request: Request): Result {
    const prepared = this.#prepared(request)
    const { deadline } = request
    if (prepared.counts || deadline === undefined) return run(prepared, request)
    return resultOf(prepared, request, readUntil(deadline, prepared, request))
  }

  async *stream(request: Request, options: { readonly batchSize: number }): RowBatches {
    const prepared = prepare(this.#database, request.sql)
    let rows: unknown[] = []
    for (const row of prepared.statement.iterate(...valuesFor(prepared, request))) {
      if (rows.push(row) < options.batchSize) continue
      yield resultOf(prepared, request, rows)
      rows = []
      // Signals and timers can only fire between two batches.
      await setImmediate()
    }
    yield resultOf(prepared, request, rows)
  }

  close(): void {
    this.#database[Symbol.dispose]()
  }

  /** The statement that the cache holds, or a new one for it to hold. */
  #prepared({ sql, statement }: Request): Prepared {
    const known = statement?.handle as Prepared | undefined
    if (known !== undefined && this.#compiled.has(known)) return known
    const prepared = prepare(this.#database, sql)
    this.#compiled.add(prepared)
    if (statement !== undefined) statement.handle = prepared
    return prepared
  }

  /** Ends the session and begins a new one: whatever was changed in it is gone. */
  #reopen(): void {
    this.#compiled = new WeakSet()
    this.#database.close()
    this.#database.open()
  }
}

/** Reads row by row, and stops where the time is up. A write is done by its first row: not here. */
function readUntil(deadline: number, prepared: Prepared, request: Request): unknown[] {
  const rows = []
  for (const row of prepared.statement.iterate(...valuesFor(prepared, request))) {
    if (performance.now() > deadline) {
      throw new TimeoutError('execute', 'the deadline passed while rows were read')
    }
    rows.push(row)
  }
  return rows
}
