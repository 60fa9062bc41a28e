import type { Connection, Notice } from '../contract/index.ts'
import type { CloseReason } from './member.ts'

/** Who holds a connection, and since when. */
export interface Holder {
  readonly heldMs: number
  /** Where it was checked out, one frame a line; undefined where it was not sampled. */
  readonly stack: string | undefined
}

/** A lease is held longer than `leakThresholdMs`. */
export interface LeakReport extends Holder {
  readonly connection: Connection
}

/** Callers wait, and no connection came back for a whole `queueIntervalMs`. */
export interface StarvationReport {
  readonly waiting: number
  /** How long nobody was served. */
  readonly stalledMs: number
  /** Who holds the connections, the longest first, ten at most. */
  readonly holders: readonly Holder[]
}

/**
 * What a pool tells, to be published. A listener runs at once and should not throw: what it throws
 * becomes an uncaught exception, and the pool goes on.
 */
export interface PoolEvents<S = unknown> {
  /** A connection is open and prepared. */
  opened?(event: {
    readonly connection: Connection
    readonly session: S
    readonly connectMs: number
  }): void
  /** A connection left the pool; `session` goes with it. Once for every `opened`. */
  closed?(event: {
    readonly connection: Connection
    readonly session: S
    readonly reason: CloseReason
    /** What ended it, where something did. */
    readonly error: unknown
    readonly openMs: number
  }): void
  /** A connect failed. */
  connectFailed?(event: {
    readonly error: unknown
    /** How many in a row. */
    readonly failures: number
    /** When the next attempt may be made. */
    readonly retryInMs: number
  }): void
  /** A waiter was refused with `POOL_OVERLOADED`. */
  shed?(event: { readonly waitedMs: number; readonly waiting: number }): void
  leak?(report: LeakReport): void
  /** Once until somebody is served again. */
  starved?(report: StarvationReport): void
  /** The server sent a message that belongs to no call. */
  notice?(notice: Notice): void
}

/** Tells a listener without letting it break the pool. */
export function tell<S>(
  events: PoolEvents<S> | undefined,
  report: (events: PoolEvents<S>) => void,
): void {
  if (events === undefined) return
  try {
    report(events)
  } catch (error) {
    process.nextTick(() => {
      throw error
    })
  }
}
