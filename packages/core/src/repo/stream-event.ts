import type { StreamCall } from './row-source.ts'
import type { Runtime } from './runtime.ts'

/** Times a stream for the channel and the log; does nothing where nobody listens. */
export class StreamEvent {
  readonly #runtime: Runtime
  readonly #stream: StreamCall
  readonly #watched: boolean
  readonly #began: number
  #queueMs = 0
  #queryMs = 0
  #rowCount = 0

  constructor(runtime: Runtime, stream: StreamCall) {
    this.#runtime = runtime
    this.#stream = stream
    this.#watched = runtime.telemetry.watchesQueries
    this.#began = this.#watched ? performance.now() : 0
  }

  /** The stream has its connection. */
  opened(): void {
    if (this.#watched) this.#queueMs = performance.now() - this.#began
  }

  /** The same rows, with the time that they took. */
  async waits(next: Promise<object[] | undefined>): Promise<object[] | undefined> {
    if (!this.#watched) return next
    const started = performance.now()
    try {
      const rows = await next
      this.#rowCount += rows?.length ?? 0
      return rows
    } finally {
      this.#queryMs += performance.now() - started
    }
  }

  ended(error: unknown): void {
    if (!this.#watched) return
    const { telemetry, adapter } = this.#runtime
    const { query, parameters } = this.#stream
    telemetry.other({
      adapter: adapter.name,
      sql: query.sql,
      parameterCount: parameters.length,
      queueMs: this.#queueMs,
      queryMs: this.#queryMs,
      rowCount: this.#rowCount,
      error,
    })
  }
}
