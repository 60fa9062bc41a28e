import type { Result } from '@mortise/core/adapter'
import type { CallLimits } from './call-limits.ts'
import type { RowIterator } from './driver.ts'
import type { PreparedStatement } from './prepared-statement.ts'

/** How long a stream keeps the event loop before it lets other work run. */
const sliceMs = 10

/** The rows of one statement that is being read, batch by batch. */
export class RowStream {
  readonly #prepared: PreparedStatement
  readonly #rows: RowIterator
  /** The row that was read to find out whether the statement can run at all. */
  #first: unknown[] | undefined

  /** Runs the statement up to its first row, where the lock is taken if it can be. */
  constructor(prepared: PreparedStatement, rows: RowIterator) {
    this.#prepared = prepared
    this.#rows = rows
    this.#first = rows.next()
  }

  /**
   * At most `batchSize` rows at a time; the limits are seen between two rows.
   *
   * @throws AbortError, TimeoutError, and a ValueError for a row that cannot be read exactly.
   */
  async *batches(
    batchSize: number,
    limits: CallLimits,
  ): AsyncGenerator<Pick<Result, 'columns' | 'rows'>> {
    const { deadline } = limits
    let row = this.#first
    this.#first = undefined
    let pauseAt = performance.now() + sliceMs
    while (row !== undefined) {
      const rows: unknown[][] = []
      while (row !== undefined && rows.length < batchSize) {
        rows.push(row)
        if (performance.now() >= deadline) limits.timeOut()
        if (rows.length < batchSize) row = this.#rows.next()
      }
      yield { columns: this.#prepared.columns, rows }
      if (performance.now() >= pauseAt) {
        await new Promise((resolve) => setImmediate(resolve))
        pauseAt = performance.now() + sliceMs
      }
      limits.check()
      if (row !== undefined) row = this.#rows.next()
    }
  }

  /** Ends the statement. May be repeated. */
  close(): void {
    this.#rows.return()
  }
}
