import type { Adapter } from '../contract/index.ts'
import { type ConnectionFate, DatabaseError, MisuseError, MortiseError } from '../errors/index.ts'

/** A failed call: what the caller gets, and what becomes of the connection. */
export interface Failure {
  readonly error: unknown
  readonly fate: ConnectionFate
  /** Whether the database refused the statement (and not we, before sending). */
  readonly reachedDatabase: boolean
}

/**
 * What a throw of the driver means.
 *
 * An error of ours was raised before sending or while reading; the adapter need not know it. An
 * error that the adapter does not know reaches the caller as it is, and the connection is
 * discarded because its state is not known.
 */
export function classify(adapter: Adapter<never> | Adapter, error: unknown): Failure {
  if (error instanceof DatabaseError) {
    return { error, fate: error.fate, reachedDatabase: true }
  }
  if (error instanceof MortiseError || error instanceof MisuseError) {
    return { error, fate: 'keep', reachedDatabase: false }
  }
  const description = adapter.classifyError(error)
  if (description === undefined) return { error, fate: 'discard', reachedDatabase: true }
  const raised = new DatabaseError(description, { native: error })
  return { error: raised, fate: raised.fate, reachedDatabase: true }
}
