import {
  type Adapter,
  type Column,
  type Connection,
  isPromise,
  type MaybePromise,
  type Notice,
  type Request,
  type Result,
  type TransactionCommand,
} from '../contract/index.ts'
import { AdapterError, DatabaseError, TimeoutError, TransactionError } from '../errors/index.ts'
import { plainRequest, systemClock } from '../pool/index.ts'
import { aborted, type Call, throwIfAborted } from './call.ts'
import { classify } from './classify.ts'
import type { SessionLease } from './connections.ts'
import type { Query } from './query.ts'
import { type RowBuilder, RowBuilders } from './row-builder.ts'
import type { CachedStatement, StatementCounters } from './statement-cache.ts'
import type { Telemetry } from './telemetry.ts'

/** The answer to one statement, rows built. */
export interface Answer<R = object> {
  readonly rows: R[]
  readonly columns: readonly Column[]
  readonly affected: number | null
  readonly command: string | undefined
  readonly notices: readonly Notice[]
  /** The id that the database made for the last inserted row, where it tells. */
  readonly lastInsertId: number | bigint | undefined
}

/** The place where a statement runs: a connection, and what else goes on there. */
export interface Channel {
  readonly lease: SessionLease
  /** Where the session should stand when the statement is done. */
  readonly expected: 'idle' | 'active'
  /** Calls sent and not answered, this one included. */
  readonly inFlight: number
  /** The first failure of the transaction, if it has failed. */
  readonly failure: unknown
  /** Whether this is the first statement after a checkout, so that queue and idle time belong to it. */
  readonly first: boolean
  /** A statement failed in the database, or was given up while it ran. */
  statementFailed(error: unknown): void
  /** Keeps the connection busy after the caller was answered; the function ends it. */
  hold(): () => void
}

const noNotices: readonly Notice[] = Object.freeze([])

/** How long a cancelled call may take to end before its connection is given up. */
const cancelGraceMs = 2000

/** Runs statements on leased connections: cache, send, await, heal, build rows, tell. */
export class Executor {
  readonly adapter: Adapter
  readonly #counters: StatementCounters
  readonly #telemetry: Telemetry
  readonly #builders = new RowBuilders()

  constructor(adapter: Adapter, counters: StatementCounters, telemetry: Telemetry) {
    this.adapter = adapter
    this.#counters = counters
    this.#telemetry = telemetry
  }

  /** Runs one statement. Synchronous where the driver is. */
  run(
    channel: Channel,
    query: Query,
    parameters: readonly unknown[],
    call: Call,
  ): MaybePromise<Answer> {
    if (this.#telemetry.watchesQueries) return this.#watched(channel, query, parameters, call)
    const result = this.execute(channel, query, parameters, call)
    return isPromise(result) ? this.#answerLater(result, query) : this.answer(result, query)
  }

  /** Runs one statement and gives the driver's own result. */
  execute(
    channel: Channel,
    query: Query,
    parameters: readonly unknown[],
    call: Call,
    healed = false,
  ): MaybePromise<Result> {
    throwIfAborted(call.signal)
    const { lease } = channel
    const { cache } = lease.session
    const statement = call.cache ? cache.take(query.key, query.sql, query.types) : undefined
    const request: Request = {
      sql: query.sql,
      parameters,
      types: query.types,
      access: query.access,
      shape: query.shape,
      statement,
      signal: call.signal,
      deadline: call.deadline,
      options: call.options,
    }
    let result: MaybePromise<Result>
    try {
      result = lease.connection.execute(request)
    } catch (error) {
      return this.#failed(channel, query, request, statement, call, error, healed)
    }
    if (isPromise(result)) {
      return this.#settle(channel, query, request, statement, call, result, healed)
    }
    if (statement !== undefined) this.#release(lease, statement)
    this.#inspect(channel, query, result)
    return result
  }

  /** Begins, commits, rolls back, or handles a savepoint. Throws as `execute` does. */
  async control(channel: Channel, command: TransactionCommand): Promise<Result> {
    const { connection } = channel.lease
    try {
      if (connection.control !== undefined) return await connection.control(command)
      let last: Result | undefined
      for (const sql of this.adapter.dialect.transaction(command)) {
        last = await connection.execute(plainRequest(sql))
      }
      if (last === undefined) {
        throw new AdapterError(`the dialect has no statement for "${command.kind}"`)
      }
      return last
    } catch (error) {
      const failure = classify(this.adapter, error)
      if (failure.fate === 'discard') channel.lease.session.broken = true
      throw failure.error
    }
  }

  /** The rows of a result: built by the query's shape, or by the names of the result's columns. */
  rows(result: Pick<Result, 'columns' | 'rows' | 'shaped'>, query: Query): object[] {
    const { rows } = result
    if (result.shaped === true) return rows as object[]
    if (rows.length === 0) return []
    const build: RowBuilder = query.build ?? this.#builders.for(result.columns)
    const built = new Array<object>(rows.length)
    for (let i = 0; i < rows.length; i++) built[i] = build(rows[i] as readonly unknown[])
    return built
  }

  /** A driver's result as the caller gets it. */
  answer(result: Result, query: Query): Answer {
    return {
      rows: this.rows(result, query),
      columns: result.columns,
      affected: result.affected,
      command: result.command,
      notices: result.notices ?? noNotices,
      lastInsertId: result.lastInsertId,
    }
  }

  async #answerLater(result: Promise<Result>, query: Query): Promise<Answer> {
    return this.answer(await result, query)
  }

  /** As `run`, timed and told. */
  async #watched(
    channel: Channel,
    query: Query,
    parameters: readonly unknown[],
    call: Call,
  ): Promise<Answer> {
    const { first } = channel
    const cached = call.cache && channel.lease.session.cache.has(query.key)
    const started = performance.now()
    let sent = started
    let answer: Answer | undefined
    let failure: unknown
    try {
      const result = await this.execute(channel, query, parameters, call)
      sent = performance.now()
      answer = this.answer(result, query)
      return answer
    } catch (error) {
      failure = error
      throw error
    } finally {
      const ended = performance.now()
      this.#telemetry.query({
        adapter: this.adapter.name,
        sql: query.sql,
        parameterCount: parameters.length,
        queueMs: first ? channel.lease.queueMs : undefined,
        queryMs: (answer === undefined ? ended : sent) - started,
        decodeMs: answer === undefined ? 0 : ended - sent,
        idleMs: first ? channel.lease.idleMs : undefined,
        rowCount: answer?.rows.length ?? 0,
        affected: answer?.affected ?? null,
        cached,
        error: failure,
      })
    }
  }

  /** Waits for an asynchronous answer, within the call's limits. */
  async #settle(
    channel: Channel,
    query: Query,
    request: Request,
    statement: CachedStatement | undefined,
    call: Call,
    pending: Promise<Result>,
    healed: boolean,
  ): Promise<Result> {
    let result: Result
    try {
      result = await (call.signal === undefined && call.timeoutMs === Number.POSITIVE_INFINITY
        ? pending
        : this.#withinLimits(channel, request, call, pending))
    } catch (error) {
      return await this.#failed(channel, query, request, statement, call, error, healed)
    }
    if (statement !== undefined) this.#release(channel.lease, statement)
    this.#inspect(channel, query, result)
    return result
  }

  /** Rejects as soon as the signal fires or the time is over, and sees to the call left behind. */
  #withinLimits(
    channel: Channel,
    request: Request,
    call: Call,
    pending: Promise<Result>,
  ): Promise<Result> {
    const { signal } = call
    return new Promise((resolve, reject) => {
      const end = (): void => {
        systemClock.clearTimeout(timer)
        signal?.removeEventListener('abort', onAbort)
      }
      const giveUp = (error: Error): void => {
        end()
        this.#abandon(channel, request, pending)
        reject(error)
      }
      const onAbort = (): void => giveUp(aborted(signal as AbortSignal))
      const leftMs =
        call.deadline === undefined
          ? call.timeoutMs
          : Math.max(0, call.deadline - performance.now())
      const timer =
        leftMs === Number.POSITIVE_INFINITY
          ? undefined
          : systemClock.setTimeout(
              () =>
                giveUp(
                  new TimeoutError(
                    'execute',
                    `the statement was still running after timeoutMs (${call.timeoutMs})`,
                  ),
                ),
              leftMs,
            )
      signal?.addEventListener('abort', onAbort, { once: true })
      pending.then(
        (result) => {
          end()
          resolve(result)
        },
        (error) => {
          end()
          reject(error)
        },
      )
    })
  }

  /** Cancels a call whose caller has gone, and keeps its connection busy until it is safe again. */
  #abandon(channel: Channel, request: Request, pending: Promise<Result>): void {
    const release = channel.hold()
    const { connection, session } = channel.lease
    const settled = pending.then(
      () => undefined,
      (error) => {
        if (classify(this.adapter, error).fate === 'discard') session.broken = true
      },
    )
    const cancelled = (async () => connection.cancel?.(request))().catch(() => {
      session.broken = true
    })
    const grace = new Promise<'late'>((resolve) => {
      systemClock.setTimeout(() => resolve('late'), cancelGraceMs)
    })
    void Promise.race([Promise.all([settled, cancelled]), grace]).then((outcome) => {
      if (outcome === 'late') session.broken = true
      release()
    })
  }

  /** A failed call: heals a stale statement where no effect can be doubled, else throws. */
  #failed(
    channel: Channel,
    query: Query,
    request: Request,
    statement: CachedStatement | undefined,
    call: Call,
    raised: unknown,
    healed: boolean,
  ): MaybePromise<Result> {
    const { lease } = channel
    const failure = classify(this.adapter, raised)
    if (failure.fate === 'discard') lease.session.broken = true
    const { error } = failure
    const stale = error instanceof DatabaseError && error.kind === 'stale_statement'
    if (statement !== undefined) {
      if (stale) lease.session.cache.forget(statement)
      this.#release(lease, statement)
    }
    // A stale statement was refused before it ran, so running it anew doubles nothing; but inside
    // a transaction it failed the transaction, and calls behind it have been answered meanwhile.
    if (stale && !healed && channel.expected === 'idle' && channel.inFlight <= 1) {
      this.#counters.heals++
      return this.execute(channel, query, request.parameters, call, true)
    }
    const gaveUp = error instanceof TimeoutError || isAbort(error)
    if (failure.reachedDatabase || gaveUp) {
      const seen =
        error instanceof DatabaseError && error.kind === 'transaction_failed' && channel.failure
          ? new DatabaseError(
              { kind: 'transaction_failed', code: error.nativeCode },
              { native: error.native, cause: channel.failure },
            )
          : error
      channel.statementFailed(seen)
      throw seen
    }
    throw error
  }

  #release(lease: SessionLease, statement: CachedStatement): void {
    const { cache } = lease.session
    cache.release(statement)
    if (cache.hasLeaving) this.#deallocate(lease)
  }

  #deallocate(lease: SessionLease): void {
    const { connection, session } = lease
    for (const statement of session.cache.leaving()) {
      try {
        const done = connection.deallocate?.(statement)
        if (done !== undefined && isPromise(done)) {
          done.catch(() => {
            session.broken = true
          })
        }
      } catch {
        // A connection that cannot free a statement would grow without bound.
        session.broken = true
      }
    }
  }

  /** Notes what the statement did to the session; raises where it ended or began a transaction. */
  #inspect(channel: Channel, query: Query, result: Result): void {
    const { connection, session } = channel.lease
    if (result.sessionChanged === true) session.changed = true
    if (query.raw) this.checkStatus(channel, connection)
  }

  /** Compares the session's transaction with what it should be. */
  checkStatus(channel: Channel, connection: Connection): void {
    const status = connection.transactionStatus
    if (status === undefined || status === channel.expected || status === 'unknown') return
    if (status === 'failed' && channel.expected === 'active') return
    if (channel.expected === 'active') {
      const error = new DatabaseError({
        kind: 'transaction_ended',
        message:
          'the statement ended the transaction it ran in (an implicit commit, or a COMMIT of its own), so what came before can no longer be rolled back',
      })
      channel.statementFailed(error)
      throw error
    }
    channel.lease.session.broken = true
    throw new TransactionError(
      'TRANSACTION_STATE_CHANGED',
      'the statement left a transaction open behind the runtime; it was rolled back with its connection. Use repo.transaction()',
    )
  }
}

function isAbort(error: unknown): boolean {
  return error instanceof Error && error.name === 'AbortError'
}
