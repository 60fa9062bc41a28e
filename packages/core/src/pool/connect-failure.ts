import type { Adapter } from '../contract/index.ts'
import {
  AdapterError,
  DatabaseError,
  type ErrorDescription,
  type ErrorKind,
} from '../errors/index.ts'

/** A connect that failed, ready to be told to everybody who waited for it. */
export interface ConnectFailure {
  /** Whether the next attempt will fail the same way until somebody repairs something. */
  readonly lasting: boolean
  /**
   * The error to raise: one of its own for each caller where the adapter knows it, else what was
   * thrown, as it is.
   */
  error(): unknown
}

/** Kinds that waiting does not mend. */
const lasting: ReadonlySet<ErrorKind> = new Set<ErrorKind>([
  'authentication',
  'permission',
  'undefined_object',
])

/** Asks the adapter what a failed connect, ping or reset means. */
export function connectFailure(adapter: Adapter, thrown: unknown): ConnectFailure {
  if (thrown instanceof DatabaseError) return described(thrown, () => thrown)
  let description: ErrorDescription | undefined
  try {
    description = adapter.classifyError(thrown)
  } catch (cause) {
    const error = new AdapterError(
      `classifyError of the ${adapter.name} adapter threw. It must answer undefined for an error that it does not know.`,
      { cause },
    )
    return { lasting: true, error: () => error }
  }
  if (description === undefined) return { lasting: true, error: () => thrown }
  const known = description
  return described(known, () => new DatabaseError(known, { native: thrown }))
}

/** A connect that took longer than `connectTimeoutMs`. */
export function connectTimedOut(connectTimeoutMs: number): ConnectFailure {
  return described({ kind: 'connection_refused' }, () => {
    return new DatabaseError({
      kind: 'connection_refused',
      message: `no connection within connectTimeoutMs (${connectTimeoutMs} ms), authentication and onConnect included. Check that the server can be reached, or raise connectTimeoutMs.`,
    })
  })
}

function described(
  description: { readonly kind: ErrorKind },
  error: () => unknown,
): ConnectFailure {
  return { lasting: lasting.has(description.kind), error }
}
