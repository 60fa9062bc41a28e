import type { LogicalType } from './logical-type.ts'

/**
 * One SQL text with one list of parameter types, on one connection.
 *
 * Core makes, caches and evicts statements; the driver hangs its prepared handle on `handle` when
 * it first executes one, and finds it there on every later call. A pipelining driver hangs it when
 * it sends, so that a second call in flight finds it, and takes it off again where preparing failed.
 * A statement whose calls have ended and that has no handle is forgotten, never cached.
 * `Connection.deallocate` gets it back when it was evicted; a statement in flight is never evicted.
 */
export interface Statement {
  /** Unique on its connection; fit for a server-side name. */
  readonly id: number
  readonly sql: string
  readonly types: readonly (LogicalType | undefined)[] | undefined
  /** The driver's own. Undefined until the driver sets it. */
  handle: unknown
}
