import type { LogicalType } from './logical-type.ts'
import type { RowShape } from './row-shape.ts'
import type { Statement } from './statement.ts'

/** What a statement does to the data. `unknown` is treated as `write`. */
export type Access = 'read' | 'write' | 'unknown'

/**
 * One call on a connection, ready to send: the parameters are encoded by the adapter's codecs and
 * counted against `maxParameters`.
 */
export interface Request {
  readonly sql: string
  /** Driver values in the order of the dialect's placeholders. */
  readonly parameters: readonly unknown[]
  /** The logical type of each parameter where the caller or the column told it. */
  readonly types: readonly (LogicalType | undefined)[] | undefined
  readonly access: Access
  /** The rows' shape where it is known; see {@link RowShape}. */
  readonly shape: RowShape | undefined
  /** The cached statement to prepare or reuse; undefined when this call is not to be cached. */
  readonly statement: Statement | undefined
  /** Fires when the caller gave up or the deadline passed. */
  readonly signal: AbortSignal | undefined
  /** When the call must be over, on the clock of `performance.now()`, or undefined. */
  readonly deadline: number | undefined
  /** The adapter's own call options, already validated by `Adapter.callOptions`. */
  readonly options: unknown
}
