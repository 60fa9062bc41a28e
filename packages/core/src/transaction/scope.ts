import { AsyncLocalStorage } from 'node:async_hooks'
import { isPromise, type MaybePromise } from '../contract/index.ts'
import { DatabaseError, TransactionError } from '../errors/index.ts'
import { aborted, type Channel, type SessionLease, throwIfAborted } from '../query/index.ts'

/** What a scope is: a held connection, a transaction on it, or a savepoint in one. */
export type ScopeKind = 'checkout' | 'transaction' | 'savepoint'

/**
 * Where a scope stands. `ending`: its function has settled, what was queued still runs.
 */
export type ScopeState = 'open' | 'ending' | 'ended'

interface Waiting {
  readonly child: boolean
  start(): void
  fail(error: unknown): void
}

/**
 * A stretch of work on one held connection.
 *
 * Statements run in the order they were called, several at a time where the driver pipelines. A
 * child scope has the connection to itself: it waits for the statements before it, and everything
 * called on the scope after it waits for the child.
 */
export class Scope implements Channel {
  readonly lease: SessionLease
  readonly kind: ScopeKind
  readonly parent: Scope | undefined
  /** 0 for a transaction or checkout, 1 and up for savepoints. */
  readonly depth: number
  /** Whether a failed statement leaves the scope usable. */
  readonly continues: boolean
  /** Ends what runs in the scope; the caller's own limits count as well. */
  readonly signal: AbortSignal | undefined
  readonly deadline: number | undefined
  readonly #limit: number
  #state: ScopeState = 'open'
  #failure: unknown
  #failed = false
  #inFlight = 0
  #child: Scope | undefined
  /** A child that has its turn but has not begun yet. */
  #childStarting = false
  #exclusive: string | undefined
  #first = true
  #cursors = 0
  readonly #waiting: Waiting[] = []
  #abandoned = false
  #whenQuiet: (() => void)[] = []
  #whenStill: (() => void)[] = []
  /** Callbacks for after the commit, in order. */
  readonly afterCommit: (() => unknown)[] = []

  constructor(config: {
    readonly lease: SessionLease
    readonly kind: ScopeKind
    readonly parent?: Scope | undefined
    /** Most statements in flight. */
    readonly limit: number
    readonly continues?: boolean | undefined
    readonly signal?: AbortSignal | undefined
    readonly deadline?: number | undefined
  }) {
    this.lease = config.lease
    this.kind = config.kind
    this.parent = config.parent
    this.depth = config.kind === 'savepoint' ? (config.parent?.depth ?? 0) + 1 : 0
    this.#limit = config.limit
    this.continues = config.continues ?? config.parent?.continues ?? false
    this.signal = bothSignals(config.signal, config.parent?.signal)
    this.deadline = earlier(config.deadline, config.parent?.deadline)
  }

  get state(): ScopeState {
    return this.#state
  }

  get expected(): 'idle' | 'active' {
    return this.kind === 'checkout' ? 'idle' : 'active'
  }

  get inFlight(): number {
    return this.#inFlight
  }

  /** The first failure, which the later ones have as their cause. */
  get failure(): unknown {
    return this.#failure
  }

  get failed(): boolean {
    return this.#failed
  }

  get first(): boolean {
    const first = this.#first
    this.#first = false
    return first
  }

  /** Whether a call is inside a transaction here. */
  get inTransaction(): boolean {
    return this.kind !== 'checkout'
  }

  /** Whether this scope is `other` or lies inside it. */
  isWithin(other: Scope): boolean {
    for (let scope: Scope | undefined = this; scope !== undefined; scope = scope.parent) {
      if (scope === other) return true
    }
    return false
  }

  statementFailed(error: unknown): void {
    if (this.kind === 'checkout') {
      if (this.lease.session.broken) this.fail(error)
    } else if (!this.continues || this.lease.session.broken) this.fail(error)
    else if (this.lease.connection.transactionStatus === 'idle') this.fail(error)
  }

  /** From now on every call is refused with `error` as the cause. The first failure stays. */
  fail(error: unknown): void {
    if (this.#failed) return
    this.#failed = true
    this.#failure = error
    for (const waiting of this.#waiting.splice(0)) waiting.fail(this.#refusal())
    this.#child?.fail(error)
  }

  hold(): () => void {
    this.#inFlight++
    let held = true
    return () => {
      if (!held) return
      held = false
      this.#inFlight--
      this.#drain()
    }
  }

  /**
   * Runs a statement in its turn: at once, and synchronously, where nothing is before it.
   *
   * @throws TransactionError `SCOPE_ENDED`, `STREAM_OPEN`
   * @throws DatabaseError `transaction_failed` after a failed statement
   */
  run<T>(statement: () => MaybePromise<T>, signal?: AbortSignal): MaybePromise<T> {
    this.check()
    if (
      this.#child !== undefined ||
      this.#childStarting ||
      this.#inFlight >= this.#limit ||
      this.#waiting.length > 0
    ) {
      return this.#enqueue(false, () => this.#start(statement), signal)
    }
    return this.#start(statement)
  }

  /**
   * Runs `work` as the scope's only child, when every statement before it is answered. The child
   * is what `work` makes of the scope with `open`.
   */
  runChild<T>(work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    this.check()
    const start = async (): Promise<T> => {
      this.#childStarting = true
      try {
        return await work()
      } finally {
        this.#childStarting = false
        this.#child = undefined
        this.#drain()
      }
    }
    if (
      this.#child !== undefined ||
      this.#childStarting ||
      this.#inFlight > 0 ||
      this.#waiting.length > 0
    ) {
      return this.#enqueue(true, start, signal) as Promise<T>
    }
    return start()
  }

  /** Names the child that `runChild`'s work has begun. */
  adopt(child: Scope): void {
    this.#child = child
  }

  /**
   * Takes the whole connection for a reader that nothing else may interrupt; the function gives it
   * back. Calls meanwhile are refused, since waiting for the stream inside its own loop would never
   * end.
   */
  exclusive(what: string): () => void {
    this.#exclusive = what
    return () => {
      this.#exclusive = undefined
      this.#drain()
    }
  }

  /** A number for a cursor's name, unique on the connection while its scope is open. */
  nextCursor(): number {
    return this.parent === undefined ? ++this.#cursors : this.parent.nextCursor()
  }

  /** Refuses a call that can never run here. */
  check(): void {
    if (this.#state !== 'open' && !(this.#failed && this.#state === 'ending')) {
      throw new TransactionError(
        'SCOPE_ENDED',
        `this ${describe(this.kind)} has ended; a call that is to outlive it belongs into repo.outside()`,
      )
    }
    if (this.#failed) throw this.#refusal()
    if (this.#exclusive !== undefined) {
      throw new TransactionError(
        'STREAM_OPEN',
        `a stream is open on this connection (${this.#exclusive}), and this database can do nothing else meanwhile; finish the stream first, or use repo.outside()`,
      )
    }
  }

  /** No new calls from now on; resolves when the queue, the child and what is in flight are done. */
  async finish(): Promise<void> {
    this.#state = 'ending'
    await this.#quiet()
  }

  /**
   * Gives the scope and everything in it up: what waits is refused, no function is waited for.
   * Resolves when nothing is in flight on the connection.
   */
  async abandon(error: unknown): Promise<void> {
    this.fail(error)
    for (let scope: Scope | undefined = this; scope !== undefined; scope = scope.#child) {
      scope.#state = 'ending'
      scope.#abandoned = true
    }
    for (let scope: Scope | undefined = this; scope !== undefined; scope = scope.#child) {
      await scope.#still()
    }
  }

  /** Whether this scope or one around it was given up, so that its own end has nothing to undo. */
  get abandoned(): boolean {
    return this.#abandoned
  }

  /** Nothing may use the scope any more. */
  end(): void {
    this.#state = 'ended'
  }

  #quiet(): Promise<void> | undefined {
    if (this.#isQuiet()) return undefined
    return new Promise((resolve) => this.#whenQuiet.push(resolve))
  }

  #still(): Promise<void> | undefined {
    if (this.#inFlight === 0) return undefined
    return new Promise((resolve) => this.#whenStill.push(resolve))
  }

  #isQuiet(): boolean {
    return (
      this.#inFlight === 0 &&
      this.#waiting.length === 0 &&
      this.#child === undefined &&
      !this.#childStarting
    )
  }

  #refusal(): unknown {
    if (this.kind === 'checkout') {
      return new DatabaseError(
        {
          kind: 'connection_lost',
          message: 'the connection that this checkout holds is gone; check out again',
        },
        { cause: this.#failure },
      )
    }
    return new DatabaseError(
      {
        kind: 'transaction_failed',
        message:
          'an earlier statement of this transaction failed (see the cause), so this one was not sent; contain such a statement in a nested transaction',
      },
      { cause: this.#failure },
    )
  }

  #start<T>(statement: () => MaybePromise<T>): MaybePromise<T> {
    this.#inFlight++
    let result: MaybePromise<T>
    try {
      result = statement()
    } catch (error) {
      this.#done()
      throw error
    }
    if (isPromise(result)) return this.#settle(result)
    this.#done()
    return result
  }

  async #settle<T>(pending: Promise<T>): Promise<T> {
    try {
      return await pending
    } finally {
      this.#done()
    }
  }

  #done(): void {
    this.#inFlight--
    if (this.#waiting.length > 0 || this.#whenQuiet.length > 0 || this.#whenStill.length > 0) {
      this.#drain()
    }
  }

  #enqueue<T>(
    child: boolean,
    start: () => MaybePromise<T>,
    signal: AbortSignal | undefined,
  ): Promise<T> {
    throwIfAborted(signal)
    // Whoever frees the scope starts this call, but it belongs to its own caller's context.
    const inContext = AsyncLocalStorage.bind(start)
    return new Promise<T>((resolve, reject) => {
      const onAbort = (): void => {
        const place = this.#waiting.indexOf(waiting)
        if (place >= 0) this.#waiting.splice(place, 1)
        reject(aborted(signal as AbortSignal))
        this.#drain()
      }
      const waiting: Waiting = {
        child,
        start: () => {
          signal?.removeEventListener('abort', onAbort)
          try {
            resolve(inContext())
          } catch (error) {
            reject(error)
          }
        },
        fail: (error) => {
          signal?.removeEventListener('abort', onAbort)
          reject(error)
        },
      }
      signal?.addEventListener('abort', onAbort, { once: true })
      this.#waiting.push(waiting)
    })
  }

  /** Starts what can start now, in order. */
  #drain(): void {
    for (;;) {
      const head = this.#waiting[0]
      if (head === undefined || this.#child !== undefined || this.#childStarting) break
      if (head.child ? this.#inFlight > 0 : this.#inFlight >= this.#limit) break
      this.#waiting.shift()
      head.start()
    }
    if (this.#whenStill.length > 0 && this.#inFlight === 0) wake(this.#whenStill)
    if (this.#whenQuiet.length > 0 && this.#isQuiet()) wake(this.#whenQuiet)
  }
}

function wake(waiters: (() => void)[]): void {
  for (const resolve of waiters.splice(0)) resolve()
}

function earlier(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined ? b : b === undefined ? a : Math.min(a, b)
}

function bothSignals(
  a: AbortSignal | undefined,
  b: AbortSignal | undefined,
): AbortSignal | undefined {
  return a === undefined ? b : b === undefined ? a : AbortSignal.any([a, b])
}

function describe(kind: ScopeKind): string {
  return kind === 'checkout'
    ? 'checkout'
    : kind === 'transaction'
      ? 'transaction'
      : 'nested transaction'
}
