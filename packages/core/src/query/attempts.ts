import {
  type Adapter,
  type Connection,
  isPromise,
  type MaybePromise,
  type Request,
  type Result,
} from '../contract/index.ts'
import { DatabaseError, TimeoutError } from '../errors/index.ts'
import { systemClock } from '../pool/index.ts'
import { type Call, throwIfAborted } from './call.ts'
import type { Channel } from './channel.ts'
import { classify, type Failure } from './classify.ts'
import { msLeft, raised, withinLimits } from './limits.ts'
import { transactionFailed } from './transaction-failed.ts'

/** How long a call that was given up may take to end before its connection is. */
const cancelGraceMs = 2000

/** What every use of a connection has in common: limits, cancel, classification, consequences. */
export class Attempts {
  readonly #adapter: Adapter

  constructor(adapter: Adapter) {
    this.#adapter = adapter
  }

  /**
   * Does something on a connection: a script, a batch, a piece of a stream. `request` is what a
   * cancel would be about.
   *
   * @throws DatabaseError, AbortError, TimeoutError, and what the adapter does not know as it is
   */
  async run<T>(
    channel: Channel,
    request: Request,
    call: Call,
    work: (connection: Connection) => MaybePromise<T>,
  ): Promise<T> {
    throwIfAborted(call.signal)
    this.checkFit(channel)
    try {
      const pending = work(channel.lease.connection)
      return isPromise(pending) ? await this.wait(channel, request, call, pending) : pending
    } catch (error) {
      throw this.failed(channel, this.classify(error))
    }
  }

  /**
   * Waits for an answer within the call's limits. Where one is reached it rejects with a `GivenUp`,
   * cancels the call and keeps its connection until that has ended; then `ended` is called.
   */
  wait<T>(
    channel: Channel,
    request: Request,
    call: Call,
    pending: Promise<T>,
    ended?: () => void,
  ): Promise<T> {
    return withinLimits(
      pending,
      call.signal,
      msLeft(call, call.timeoutMs),
      'the call was still running when its timeoutMs, or that of its transaction, was over',
      () => this.#abandon(channel, request, pending, ended),
    )
  }

  /** What a throw of the driver means, or the end of a wait. */
  classify(thrown: unknown): Failure {
    return classify(this.#adapter, raised(thrown))
  }

  /**
   * Draws the consequences of a failure for the connection and the transaction, and gives what the
   * caller gets.
   */
  failed(channel: Channel, { error, fate, reachedDatabase }: Failure): unknown {
    if (fate === 'discard') channel.lease.session.broken = true
    if (!reachedDatabase && !(error instanceof TimeoutError) && !isAbort(error)) return error
    if (error instanceof DatabaseError && error.kind === 'transaction_failed' && channel.failed) {
      return transactionFailed(
        'an earlier statement of this transaction failed (see the cause), so this one was not run',
        channel.failure,
        error,
      )
    }
    channel.statementFailed(error)
    return error
  }

  /**
   * Refuses what would be sent on a connection that is gone, or that nobody may use any more.
   *
   * @throws DatabaseError `connection_lost`
   */
  checkFit(channel: Channel): void {
    const { lease } = channel
    const { session } = lease
    if (!session.broken && !lease.lost) return
    session.broken = true
    const error = new DatabaseError({
      kind: 'connection_lost',
      message: 'the connection was lost, or an error left it unfit for use, so nothing was sent',
    })
    channel.statementFailed(error)
    throw error
  }

  /** Cancels a call whose caller has gone, and keeps its connection until it is safe again. */
  #abandon(
    channel: Channel,
    request: Request,
    pending: Promise<unknown>,
    ended: (() => void) | undefined,
  ): void {
    const release = channel.hold()
    const { connection, session } = channel.lease
    let late = false
    const settled = Promise.resolve(pending)
      .then(
        (result) => {
          if ((result as Partial<Result> | undefined)?.sessionChanged) session.changed = true
        },
        (error) => {
          if (this.classify(error).fate === 'discard') session.broken = true
        },
      )
      .then(() => {
        if (!late) ended?.()
      })
    const cancelled = (async () => {
      try {
        await connection.cancel?.(request)
      } catch {
        session.broken = true
      }
    })()
    const end = (): void => {
      systemClock.clearTimeout(timer)
      if (!late) release()
    }
    const timer = systemClock.setTimeout(() => {
      session.broken = true
      end()
      late = true
    }, cancelGraceMs)
    void Promise.all([settled, cancelled]).then(end)
  }
}

function isAbort(error: unknown): boolean {
  return error instanceof Error && error.name === 'AbortError'
}
