import type { Connection, Request, RowBatches } from '../contract/index.ts'
import { UnsupportedError } from '../errors/index.ts'
import { plainRequest } from '../pool/index.ts'
import type { Scope } from '../transaction/index.ts'
import type { RowSource, StreamCall } from './row-source.ts'
import type { Runtime } from './runtime.ts'

type Batches = ReturnType<RowBatches[typeof Symbol.asyncIterator]>

/** Rows through the driver's own stream. Each batch is a call in the scope, in its turn. */
export class DriverRows implements RowSource {
  readonly #runtime: Runtime
  readonly #scope: Scope
  readonly #stream: StreamCall
  readonly #request: Request
  #batches: Batches | undefined
  #pending: Promise<unknown> | undefined
  #ended = false

  constructor(runtime: Runtime, scope: Scope, stream: StreamCall) {
    const { query, parameters, call } = stream
    this.#runtime = runtime
    this.#scope = scope
    this.#stream = stream
    this.#request = {
      ...plainRequest(query.sql),
      parameters,
      types: query.types,
      access: 'read',
      signal: call.signal,
      deadline: call.deadline,
      options: call.options,
    }
  }

  async next(): Promise<object[] | undefined> {
    const { executor, context } = this.#runtime
    const { call, query } = this.#stream
    // Nobody may wait for a scope that waits for him.
    const scope = context.resolve(this.#scope) ?? this.#scope
    const read = (connection: Connection) => this.#open(connection).next()
    const pending = scope.run(() => executor.attempts.run(scope, this.#request, call, read), call)
    this.#pending = Promise.resolve(pending).catch(() => {})
    const batch = await pending
    if (!batch.done) return executor.rows(batch.value, query)
    this.#ended = true
    executor.checkTransaction(scope, undefined)
    return undefined
  }

  async close(): Promise<void> {
    await this.#pending
    const { lease } = this.#scope
    const batches = this.#batches
    if (batches === undefined || this.#ended) return
    const { attempts } = this.#runtime.executor
    const end = async () => batches.return?.()
    try {
      await this.#scope.runLast(() =>
        attempts.run(this.#scope, this.#request, this.#runtime.plain, end),
      )
    } catch {
      lease.session.broken = true
    }
  }

  #open(connection: Connection): Batches {
    if (connection.stream === undefined) {
      throw new UnsupportedError('streaming', 'the connection has no stream()')
    }
    const { batchSize } = this.#stream
    this.#batches ??= connection.stream(this.#request, { batchSize })[Symbol.asyncIterator]()
    return this.#batches
  }
}
