import type { Adapter } from '../contract/index.ts'
import {
  AdapterError,
  type ConnectionFate,
  DatabaseError,
  type ErrorDescription,
  MisuseError,
  MortiseError,
} from '../errors/index.ts'

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
  const description = describe(adapter, error)
  if (description === undefined) {
    return { error: asError(error), fate: 'discard', reachedDatabase: true }
  }
  const raised = withCallersFrames(() => new DatabaseError(description, { native: error }))
  return { error: raised, fate: raised.fate, reachedDatabase: true }
}

/** Our own frames between a driver's throw and the caller, at most. */
const ownFrames = 16

/** A stack has ten frames unless told otherwise; ours must not push the caller's out. */
function withCallersFrames<E extends Error>(make: () => E): E {
  const { stackTraceLimit } = Error
  if (!(stackTraceLimit > 0)) return make()
  Reflect.set(Error, 'stackTraceLimit', stackTraceLimit + ownFrames)
  try {
    return make()
  } finally {
    Reflect.set(Error, 'stackTraceLimit', stackTraceLimit)
  }
}

/** An adapter that cannot classify an error does not know it. */
function describe(adapter: Adapter<never> | Adapter, error: unknown): ErrorDescription | undefined {
  try {
    return adapter.classifyError(error)
  } catch {
    return undefined
  }
}

function asError(thrown: unknown): unknown {
  if (typeof thrown === 'object' && thrown !== null) return thrown
  return new AdapterError('the driver threw something that is not an error (see the cause)', {
    cause: thrown,
  })
}
