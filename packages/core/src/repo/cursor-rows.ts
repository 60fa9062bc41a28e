import type { Column, CursorSql, Result } from '../contract/index.ts'
import { AbortError, TimeoutError } from '../errors/index.ts'
import { type Call, rawQuery } from '../query/index.ts'
import type { Scope } from '../transaction/index.ts'
import type { RowSource, StreamCall } from './row-source.ts'
import type { Runtime } from './runtime.ts'

/** Rows through the dialect's cursor: any driver, bounded memory, more round trips. */
export class CursorRows implements RowSource {
  readonly #runtime: Runtime
  readonly #scope: Scope
  readonly #stream: StreamCall
  readonly #cursor: CursorSql
  readonly #name: string
  #columns: readonly Column[] | undefined
  #done = 0
  #state: 'new' | 'open' | 'read' = 'new'
  #pending: Promise<unknown> | undefined

  constructor(runtime: Runtime, scope: Scope, stream: StreamCall, cursor: CursorSql) {
    this.#runtime = runtime
    this.#scope = scope
    this.#stream = stream
    this.#cursor = cursor
    this.#name = `mortise_stream_${scope.nextCursor()}`
  }

  async next(): Promise<object[] | undefined> {
    const pending = this.#next()
    this.#pending = pending.catch(() => {})
    return await pending
  }

  async close(): Promise<void> {
    await this.#pending
    const { failed, lease } = this.#scope
    // In a failed transaction the cursor goes with the rollback.
    if (this.#state === 'new' || failed || lease.session.broken) return
    const close = this.#cursor.close(this.#name)
    try {
      await this.#scope.runLast(() => this.#execute(close, [], this.#runtime.plain))
    } catch {
      lease.session.broken = true
    }
  }

  async #next(): Promise<object[] | undefined> {
    const { query, parameters, call, batchSize } = this.#stream
    const { executor, context } = this.#runtime
    // Nobody may wait for a scope that waits for him.
    const scope = context.resolve(this.#scope) ?? this.#scope
    const send = (sql: string, values: readonly unknown[]) =>
      scope.run(() => this.#execute(sql, values, call), call)
    if (this.#state === 'read') return undefined
    if (this.#state === 'new') {
      try {
        await send(this.#cursor.open(this.#name, query.sql), parameters)
      } catch (error) {
        // Nobody knows whether it was opened; in a transaction it goes with the rollback.
        const gaveUp = error instanceof AbortError || error instanceof TimeoutError
        if (gaveUp && !scope.inTransaction) scope.lease.session.changed = true
        throw error
      }
      this.#state = 'open'
    }
    const { hidden } = this.#cursor
    const result = await send(this.#cursor.fetch(this.#name, batchSize, this.#done), [])
    this.#columns ??= result.columns.slice(hidden)
    const rows = (result.rows as readonly (readonly unknown[])[]).map((row) => row.slice(hidden))
    this.#done += rows.length
    if (rows.length < batchSize) this.#state = 'read'
    return executor.rows({ columns: this.#columns, rows }, query)
  }

  async #execute(sql: string, parameters: readonly unknown[], call: Call): Promise<Result> {
    const types = parameters.length === 0 ? undefined : this.#stream.query.types
    const query = { ...rawQuery(sql, types), raw: false }
    const uncached = { ...call, cache: false }
    return await this.#runtime.executor.execute(this.#scope, query, parameters, uncached)
  }
}
