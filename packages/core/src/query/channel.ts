import type { TransactionCommand } from '../contract/index.ts'
import type { SessionLease } from './connections.ts'

/** The place where a statement runs: a connection, and what else goes on there. */
export interface Channel {
  readonly lease: SessionLease
  /** Where the session should stand when the statement is done. */
  readonly expected: 'idle' | 'active'
  /** Calls sent and not answered, this one included. */
  readonly inFlight: number
  /** Whether what is sent here will be rolled back, because of `failure`. */
  readonly failed: boolean
  readonly failure: unknown
  /** Whether this is the first statement after a checkout, so that queue and idle time belong to it. */
  readonly first: boolean
  /** A statement failed in the database, or was given up while it ran. */
  statementFailed(error: unknown): void
  /** Keeps the connection after the caller was answered, and others from sending; the function ends it. */
  hold(): () => void
}

/** A place that transactions begin and end in. */
export interface TransactionChannel extends Channel {
  /** A command was carried out, perhaps after nobody waited for it any more. */
  commandDone(command: TransactionCommand): void
}
