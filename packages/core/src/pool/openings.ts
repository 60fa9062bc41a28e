import type { Connection } from '../contract/index.ts'
import { AbortError } from '../errors/index.ts'
import { backoffMs } from './backoff.ts'
import {
  type Abandon,
  type ConnectionLink,
  type ConnectOutcome,
  type ConnectPlan,
  connect,
} from './connect.ts'
import type { ConnectFailure } from './connect-failure.ts'
import type { PoolOptions } from './options.ts'

/** What the pool wants to hear, and what it is asked. */
export interface OpeningsHost<S> {
  /** How many more connections are wanted than there are, attempts not counted. */
  wanted(): number
  opened(connection: Connection, link: ConnectionLink, session: S, connectMs: number): void
  /** An attempt failed; it is no longer counted. `retryInMs`: until when the next one waits. */
  failed(failure: ConnectFailure, failures: number, retryInMs: number): void
  ending: ConnectOutcome<S>['ending']
  /** The pause after a failure is over. */
  retry(): void
}

interface Attempt {
  readonly startedAt: number
  /** The failures in a row when it started: attempts that fail together count once. */
  readonly round: number
  abandon: Abandon | undefined
  patience: unknown
}

/**
 * The connects that are under way: how many at a time, when again after a failure, and until when
 * one goes on that nobody waits for.
 *
 * After a failure only one attempt is made at a time, after a pause that grows: a server that is
 * down is not stormed by everybody who waits. An attempt outlives its caller for
 * `queueIntervalMs`: callers with a deadline shorter than a connect would otherwise abandon every
 * one of them, and never get a connection.
 */
export class Openings<S> {
  readonly #plan: ConnectPlan<S>
  readonly #options: PoolOptions
  readonly #random: () => number
  readonly #host: OpeningsHost<S>
  readonly #attempts = new Set<Attempt>()
  #failures = 0
  #retryAt = 0
  #retryTimer: unknown
  #lastFailure: ConnectFailure | undefined
  #starting = false

  constructor(
    plan: ConnectPlan<S>,
    options: PoolOptions,
    random: () => number,
    host: OpeningsHost<S>,
  ) {
    this.#plan = plan
    this.#options = options
    this.#random = random
    this.#host = host
  }

  /** How many are under way. */
  get count(): number {
    return this.#attempts.size
  }

  /** The failure that the next attempt would repeat, while the pause after it lasts. */
  get standingFailure(): ConnectFailure | undefined {
    const failure = this.#lastFailure
    if (failure?.lasting !== true || this.#plan.clock.now() >= this.#retryAt) return undefined
    return failure
  }

  /** Starts up to `most` attempts, as far as the limits and the pause allow. */
  start(most: number): void {
    const { clock } = this.#plan
    if (this.#starting || most <= 0 || this.#host.wanted() <= this.#attempts.size) return
    if (this.#failures > 0) {
      const pauseMs = this.#retryAt - clock.now()
      if (pauseMs > 0) {
        this.#retryTimer ??= clock.setTimeout(() => {
          this.#retryTimer = undefined
          this.#host.retry()
        }, pauseMs)
        return
      }
    }
    // A synchronous adapter opens or fails inside the loop, and the pool asks for more from there.
    this.#starting = true
    for (let started = 0; started < most; started++) {
      const limit = this.#failures > 0 ? 1 : this.#options.maxConcurrentConnects
      if (this.#attempts.size >= limit || this.#host.wanted() <= this.#attempts.size) break
      this.#begin()
      if (this.#failures > 0 && this.#retryAt > clock.now()) break
    }
    this.#starting = false
  }

  /** Gives up everything. */
  stop(failure: ConnectFailure): void {
    this.#plan.clock.clearTimeout(this.#retryTimer)
    this.#retryTimer = undefined
    for (const attempt of [...this.#attempts]) attempt.abandon?.(failure)
  }

  #begin(): void {
    const { clock } = this.#plan
    const startedAt = clock.now()
    const attempt: Attempt = {
      startedAt,
      round: this.#failures,
      abandon: undefined,
      patience: undefined,
    }
    this.#attempts.add(attempt)
    const abandon = connect(this.#plan, {
      opened: (connection, link, session) => {
        this.#end(attempt)
        this.#failures = 0
        this.#lastFailure = undefined
        this.#host.opened(connection, link, session, clock.now() - startedAt)
      },
      failed: (failure) => {
        this.#end(attempt)
        const retryInMs = this.#pause(attempt, failure)
        this.#host.failed(failure, this.#failures, retryInMs)
      },
      ending: this.#host.ending,
    })
    if (!this.#attempts.has(attempt)) return
    attempt.abandon = abandon
    this.#watch(attempt)
  }

  #end(attempt: Attempt): void {
    this.#attempts.delete(attempt)
    this.#plan.clock.clearTimeout(attempt.patience)
  }

  /** Counts a failure; answers until when the next attempt waits. */
  #pause(attempt: Attempt, failure: ConnectFailure): number {
    const now = this.#plan.clock.now()
    if (failure === abandoned) return Math.max(0, this.#retryAt - now)
    if (attempt.round === this.#failures) {
      this.#failures++
      this.#retryAt = now + backoffMs(this.#options, this.#failures, this.#random())
    }
    this.#lastFailure = failure
    return this.#retryAt - now
  }

  #watch(attempt: Attempt): void {
    attempt.patience = this.#plan.clock.setTimeout(() => {
      if (this.#host.wanted() > 0) this.#watch(attempt)
      else attempt.abandon?.(abandoned)
    }, this.#options.queueIntervalMs)
  }
}

/** Nobody waits any more: no failure of the server's. */
export const abandoned: ConnectFailure = {
  lasting: false,
  error: () => new AbortError('the connect was given up: nobody waits for it any more', undefined),
}
