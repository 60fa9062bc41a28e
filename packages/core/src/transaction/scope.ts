import type { MaybePromise, TransactionCommand } from '../contract/index.ts'
import { DatabaseError, TransactionError } from '../errors/index.ts'
import {
  type Limits,
  type SessionLease,
  type TransactionChannel,
  transactionFailed,
} from '../query/index.ts'
import { Turns } from './turns.ts'

/**
 * What a scope is: a held connection, a transaction on it, a savepoint in one, or a stream that has
 * the connection of the scope around it to itself.
 */
export type ScopeKind = 'checkout' | 'transaction' | 'savepoint' | 'stream'

/** Where a scope stands. `ending`: its function has settled, what was called still runs. */
export type ScopeState = 'open' | 'ending' | 'ended'

/**
 * A stretch of work on one held connection.
 *
 * Statements run in the order they were called, several at a time where the driver pipelines. A
 * child scope has the connection to itself: it waits for the statements before it, and everything
 * called on the scope after it waits for the child.
 */
export class Scope implements TransactionChannel {
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
  /** Callbacks for after the commit, in order. */
  readonly afterCommit: (() => unknown)[] = []
  /** Whether a stream has the connection to itself here, so that calls around it are refused. */
  streams: boolean
  readonly #turns: Turns
  readonly #closers = new Set<() => Promise<void>>()
  #state: ScopeState = 'open'
  #failed = false
  #failure: unknown
  #child: Scope | undefined
  #abandoned = false
  #begun = false
  #first = true
  #cursors = 0

  constructor(config: {
    readonly lease: SessionLease
    readonly kind: ScopeKind
    readonly parent?: Scope | undefined
    /** Most statements in flight. */
    readonly limit: number
    /** How long calls without a deadline of their own wait for their turn without progress. */
    readonly timeoutMs: number
    readonly continues?: boolean | undefined
    readonly signal?: AbortSignal | undefined
    readonly deadline?: number | undefined
  }) {
    const { parent } = config
    this.lease = config.lease
    this.kind = config.kind
    this.parent = parent
    this.streams = config.kind === 'stream'
    this.depth = config.kind === 'savepoint' ? (parent?.depth ?? 0) + 1 : (parent?.depth ?? 0)
    this.continues = config.continues ?? parent?.continues ?? false
    this.signal = bothSignals(config.signal, parent?.signal)
    this.deadline = earlier(config.deadline, parent?.deadline)
    this.#turns = new Turns(
      config.limit,
      config.timeoutMs,
      parent === undefined ? undefined : parent.#turns,
    )
  }

  get state(): ScopeState {
    return this.#state
  }

  /** Whether a call is inside a transaction here. */
  get inTransaction(): boolean {
    return this.kind === 'stream' ? (this.parent?.inTransaction ?? false) : this.kind !== 'checkout'
  }

  get expected(): 'idle' | 'active' {
    return this.inTransaction ? 'active' : 'idle'
  }

  get inFlight(): number {
    return this.#turns.inFlight
  }

  /** Whether nothing more is sent: what was done is rolled back, or the connection is gone. */
  get failed(): boolean {
    return this.#failed
  }

  /** The first failure, which the later ones have as their cause. */
  get failure(): unknown {
    return this.#failure
  }

  get first(): boolean {
    const first = this.#first
    this.#first = false
    return first
  }

  /** Whether it has begun in the database and not ended there yet. */
  get begun(): boolean {
    return this.#begun
  }

  /** The scope that is open in this one. */
  get child(): Scope | undefined {
    return this.#child
  }

  /** Whether this scope or one around it was given up, so that its own end has nothing to undo. */
  get abandoned(): boolean {
    return this.#abandoned
  }

  /** Whether this scope is `other` or lies inside it. */
  isWithin(other: Scope): boolean {
    for (let scope: Scope | undefined = this; scope !== undefined; scope = scope.parent) {
      if (scope === other) return true
    }
    return false
  }

  /**
   * Runs a statement in its turn: at once, and synchronously, where nothing is before it.
   *
   * @throws TransactionError `SCOPE_ENDED`, `STREAM_OPEN`
   * @throws DatabaseError `transaction_failed` after a failed statement
   */
  run<T>(statement: () => MaybePromise<T>, limits: Limits): MaybePromise<T> {
    this.check()
    return this.#turns.run(statement, limits)
  }

  /** As `run`, for what cleans up behind a scope that has failed or is ending. */
  async runLast<T>(statement: () => MaybePromise<T>): Promise<T> {
    return await this.#turns.runLast(statement)
  }

  /**
   * Runs `work` in a scope of its own inside this one, when every statement before it is answered.
   * It is the only one then.
   */
  async runChild<T>(child: Scope, work: () => Promise<T>): Promise<T> {
    const leave = await this.enter(child)
    try {
      return await work()
    } finally {
      leave()
    }
  }

  /** Makes `child` the open child in its turn, until the function is called that it gives. */
  async enter(child: Scope): Promise<() => void> {
    this.check()
    const leave = await this.#turns.take(child)
    if (this.#failed) {
      leave()
      throw this.#refusal()
    }
    this.#child = child
    return () => {
      this.#child = undefined
      leave()
    }
  }

  hold(): () => void {
    return this.#turns.hold()
  }

  /** What must be closed before the scope ends: a stream. The function takes it off the list. */
  closeFirst(close: () => Promise<void>): () => void {
    this.#closers.add(close)
    return () => this.#closers.delete(close)
  }

  /** A number for a cursor's name, unique on the connection while its scope is open. */
  nextCursor(): number {
    return this.parent === undefined ? ++this.#cursors : this.parent.nextCursor()
  }

  /** Refuses a call that can never run here. */
  check(): void {
    if (this.#state === 'ended' || (this.#state === 'ending' && !this.#failed)) {
      throw new TransactionError(
        'SCOPE_ENDED',
        `this ${describe(this.kind)} has ended; a call that is to outlive it belongs into repo.outside()`,
      )
    }
    if (this.#failed) throw this.#refusal()
    if (this.#child?.streams) {
      throw new TransactionError(
        'STREAM_OPEN',
        'a stream is open on this connection, and this database can do nothing else meanwhile; finish the stream first, or use repo.outside()',
      )
    }
  }

  commandDone({ kind }: TransactionCommand): void {
    if (kind !== 'rollback_to') this.#begun = kind === 'begin' || kind === 'savepoint'
  }

  statementFailed(error: unknown): void {
    if (this.kind === 'stream') this.parent?.statementFailed(error)
    else if (this.lease.session.broken || !this.#goesOnAfter(error)) {
      this.#failWith(error)
      this.#turns.refuseBehind(() => this.#refusal())
    }
  }

  /** From now on every call is refused with `error` as the cause. The first failure stays. */
  fail(error: unknown): void {
    this.#failWith(error)
    this.#turns.refuse(() => this.#refusal())
  }

  /** No new calls from now on; resolves when the queue, the child and what is in flight are done. */
  async finish(): Promise<void> {
    this.#stop()
    await this.#close()
    await this.#turns.quiet()
  }

  /**
   * Gives the scope and everything in it up: what waits is refused, no function is waited for.
   * Resolves when nothing is in flight on the connection.
   */
  async abandon(error: unknown): Promise<void> {
    this.fail(error)
    const within: Scope[] = []
    for (let scope: Scope | undefined = this; scope !== undefined; scope = scope.#child) {
      scope.#stop()
      scope.#abandoned = true
      within.unshift(scope)
    }
    for (const scope of within) {
      // Nothing is in flight in its child any more, whose function may go on for ever.
      if (scope.#child !== undefined) scope.#turns.takeBack()
      await scope.#close()
      await scope.#turns.still()
    }
  }

  /** Nothing may use the scope any more. */
  end(): void {
    this.#state = 'ended'
    this.#turns.end()
  }

  /** Whether a database that goes on after an error does so here. A call that was given up may have worked. */
  #goesOnAfter(error: unknown): boolean {
    if (this.kind === 'checkout') return true
    return (
      this.continues &&
      error instanceof DatabaseError &&
      error.kind !== 'transaction_ended' &&
      this.lease.connection.transactionStatus !== 'idle'
    )
  }

  #failWith(error: unknown): void {
    if (this.#failed) return
    this.#failed = true
    this.#failure = error
    this.#child?.fail(error)
  }

  #stop(): void {
    if (this.#state === 'open') this.#state = 'ending'
  }

  async #close(): Promise<void> {
    await Promise.all([...this.#closers].map((close) => close()))
  }

  #refusal(): unknown {
    if (this.kind === 'stream' && this.parent !== undefined) return this.parent.#refusal()
    if (this.kind === 'checkout') {
      return new DatabaseError(
        {
          kind: 'connection_lost',
          message: 'the connection that this checkout holds is gone; check out again',
        },
        { cause: this.#failure },
      )
    }
    return transactionFailed(
      'an earlier statement of this transaction failed (see the cause), so this one was not sent; contain such a statement in a nested transaction',
      this.#failure,
    )
  }
}

function earlier(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined ? b : b === undefined ? a : Math.min(a, b)
}

function bothSignals(
  a: AbortSignal | undefined,
  b: AbortSignal | undefined,
): AbortSignal | undefined {
  return a === undefined || a === b ? b : b === undefined ? a : AbortSignal.any([a, b])
}

function describe(kind: ScopeKind): string {
  return kind === 'savepoint' ? 'nested transaction' : kind
}
