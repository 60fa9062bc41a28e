import {
  type Adapter,
  type Column,
  isPromise,
  type MaybePromise,
  type Notice,
  type Request,
  type Result,
} from '../contract/index.ts'
import { DatabaseError, TransactionError } from '../errors/index.ts'
import { Attempts } from './attempts.ts'
import { type Call, throwIfAborted } from './call.ts'
import type { Channel } from './channel.ts'
import type { Failure } from './classify.ts'
import type { SessionLease } from './connections.ts'
import { GivenUp } from './limits.ts'
import type { Query } from './query.ts'
import { type RowBuilder, RowBuilders } from './row-builder.ts'
import type { CachedStatement, StatementCounters } from './statement-cache.ts'
import type { Telemetry } from './telemetry.ts'
import { transactionFailed } from './transaction-failed.ts'

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

/** One statement on its way. */
interface Sent {
  readonly channel: Channel
  readonly query: Query
  readonly request: Request
  readonly statement: CachedStatement | undefined
  readonly call: Call
  /** Whether it is sent for the second time. */
  readonly healed: boolean
}

const noNotices: readonly Notice[] = Object.freeze([])

/** Runs statements on leased connections: cache, send, await, heal, build rows, tell. */
export class Executor {
  readonly adapter: Adapter
  /** For what is no statement. */
  readonly attempts: Attempts
  readonly #counters: StatementCounters
  readonly #telemetry: Telemetry
  readonly #builders = new RowBuilders()

  constructor(adapter: Adapter, counters: StatementCounters, telemetry: Telemetry) {
    this.adapter = adapter
    this.attempts = new Attempts(adapter)
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
    this.attempts.checkFit(channel)
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
      const failure = this.attempts.classify(error)
      return this.#failed({ channel, query, request, statement, call, healed }, failure)
    }
    if (isPromise(result)) {
      return this.#settle({ channel, query, request, statement, call, healed }, result)
    }
    if (statement !== undefined) this.#release(lease, statement)
    this.#inspect(channel, query, result)
    return result
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
  async #settle(sent: Sent, pending: Promise<Result>): Promise<Result> {
    const { channel, query, request, statement, call } = sent
    const release = (): void => {
      if (statement !== undefined) this.#release(channel.lease, statement)
    }
    let result: Result
    try {
      result = await this.attempts.wait(channel, request, call, pending, release)
    } catch (error) {
      const failure = this.attempts.classify(error)
      // The driver still has the statement of a call that was given up.
      if (error instanceof GivenUp) throw this.attempts.failed(channel, failure)
      return await this.#failed(sent, failure)
    }
    release()
    this.#inspect(channel, query, result)
    if (channel.failed) {
      throw transactionFailed(
        'an earlier statement of this transaction failed (see the cause), so what this one did is rolled back',
        channel.failure,
      )
    }
    return result
  }

  /** A failed call: heals a stale statement where no effect can be doubled, else throws. */
  #failed(sent: Sent, failure: Failure): MaybePromise<Result> {
    const { channel, query, request, statement, call, healed } = sent
    const { lease } = channel
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
    throw this.attempts.failed(channel, failure)
  }

  #release(lease: SessionLease, statement: CachedStatement): void {
    const { cache } = lease.session
    cache.release(statement)
    if (cache.hasLeaving) this.#deallocate(lease)
  }

  #deallocate(lease: SessionLease): void {
    const { connection, session } = lease
    // A connection that cannot free a statement would grow without bound. It may be somebody
    // else's by then, who must not suffer for it.
    const failed = (): void => {
      session.worn = true
    }
    for (const statement of session.cache.leaving()) {
      try {
        const done = connection.deallocate?.(statement)
        if (done !== undefined && isPromise(done)) Promise.resolve(done).catch(failed)
      } catch {
        failed()
      }
    }
  }

  /** Notes what the statement did to the session; raises where it ended or began a transaction. */
  #inspect(channel: Channel, query: Query, result: Result): void {
    if (result.sessionChanged === true) channel.lease.session.changed = true
    if (query.raw) this.checkTransaction(channel, result)
  }

  /** Compares the session's transaction with what it should be after a text of the caller's own. */
  checkTransaction(channel: Channel, result: Result | undefined): void {
    const status = channel.lease.connection.transactionStatus
    const ended = status === 'idle' || hasEnded(result)
    if (channel.expected === 'active' ? !ended : status !== 'active' && status !== 'failed') return
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

/** Whether a transaction ended in the course of a script, although one may be open again. */
function hasEnded(script: Result | undefined): boolean {
  let rolledBack = false
  for (let result = script; result !== undefined; result = result.next) {
    const { command } = result
    if (command === 'COMMIT' || (rolledBack && command === 'BEGIN')) return true
    rolledBack ||= command === 'ROLLBACK'
  }
  return false
}
