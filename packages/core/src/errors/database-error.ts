import { MortiseError } from './mortise-error.ts'

/**
 * What went wrong, in words that mean the same on every database.
 *
 * | kind | meaning | SQLSTATE where the database has them |
 * |---|---|---|
 * | `unique_violation` … `exclusion_violation` | a constraint refused the row | 23505, 23503, 23514, 23502, 23P01 |
 * | `serialization_failure`, `deadlock` | the transaction lost a race; the whole function may be retried | 40001, 40P01 |
 * | `lock_timeout` | a lock was not granted in time, or the database is busy | 55P03 |
 * | `statement_timeout`, `cancelled` | the server stopped the statement | 57014 |
 * | `stale_statement` | a cached statement no longer fits the schema | 0A000, 26000 |
 * | `transaction_failed` | an earlier statement failed, so this one was not run | 25P02 |
 * | `transaction_ended` | the transaction ended or changed without being asked to | |
 * | `connection_lost` | the connection is gone; the statement's outcome is not known to the driver | 08xxx, 57P0x |
 * | `commit_unknown` | the answer to COMMIT was lost; it may or may not have happened | |
 * | `data` | a value does not fit its column or its function | 22xxx |
 * | `undefined_object`, `duplicate_object` | a table, column or function is missing or exists already | 42P01, 42703, 42P07 |
 * | `other` | anything else; look at `nativeCode` | |
 */
export type ErrorKind =
  | 'unique_violation'
  | 'foreign_key_violation'
  | 'check_violation'
  | 'not_null_violation'
  | 'exclusion_violation'
  | 'serialization_failure'
  | 'deadlock'
  | 'lock_timeout'
  | 'statement_timeout'
  | 'cancelled'
  | 'stale_statement'
  | 'transaction_failed'
  | 'transaction_ended'
  | 'connection_lost'
  | 'connection_refused'
  | 'authentication'
  | 'commit_unknown'
  | 'read_only'
  | 'syntax'
  | 'permission'
  | 'data'
  | 'undefined_object'
  | 'duplicate_object'
  | 'too_large'
  | 'resources'
  | 'internal'
  | 'other'

/** What may happen to a connection after an error: it goes on, or it is closed. */
export type ConnectionFate = 'keep' | 'discard'

/**
 * An adapter's verdict on a native error, as plain data.
 *
 * Core decides staleness, retry and the connection's fate by this alone; it never reads message
 * text. `message` is shown to people, so it must not hold parameter values, row values or
 * passwords: leave it out where the database puts them there.
 */
export interface ErrorDescription {
  readonly kind: ErrorKind
  /** The database's own code: an SQLSTATE, `SQLITE_CONSTRAINT_UNIQUE`, `ER_DUP_ENTRY`. */
  readonly code?: string | undefined
  /** The database's message, only where it is free of values. */
  readonly message?: string | undefined
  /** The constraint's or index's name, where the database tells it. */
  readonly constraint?: string | undefined
  readonly table?: string | undefined
  /** The first column concerned. */
  readonly column?: string | undefined
  /** All columns concerned, where the database tells them. */
  readonly columns?: readonly string[] | undefined
  /**
   * Whether the same work may succeed when it is started again from its beginning: the whole
   * transaction inside one, the statement outside. Default: true for `serialization_failure`,
   * `deadlock`, `lock_timeout` and `stale_statement`.
   */
  readonly retryable?: boolean | undefined
  /** What becomes of the connection. Default: `discard` for `connection_lost`, else `keep`. */
  readonly fate?: ConnectionFate | undefined
}

const retryableKinds: ReadonlySet<ErrorKind> = new Set<ErrorKind>([
  'serialization_failure',
  'deadlock',
  'lock_timeout',
  'stale_statement',
])

/**
 * The database refused or failed a call.
 *
 * The message names the kind, the place and the native code. The native error stays reachable as
 * `native` for debugging; it is not shown by inspection or JSON because drivers put values there.
 */
export class DatabaseError extends MortiseError {
  override readonly name: string = 'DatabaseError'
  readonly kind: ErrorKind
  /** The database's own code, for example `23505`. */
  readonly nativeCode: string | undefined
  readonly constraint: string | undefined
  readonly table: string | undefined
  readonly column: string | undefined
  readonly columns: readonly string[] | undefined
  /** Whether starting the same work again from its beginning may succeed. */
  readonly retryable: boolean
  readonly #native: unknown
  readonly #fate: ConnectionFate

  constructor(
    description: ErrorDescription,
    options?: { readonly native?: unknown; readonly cause?: unknown },
  ) {
    super(
      description.kind.toUpperCase(),
      describe(description),
      options !== undefined && 'cause' in options ? { cause: options.cause } : undefined,
    )
    this.kind = description.kind
    this.nativeCode = description.code
    this.constraint = description.constraint
    this.table = description.table
    this.column = description.column ?? description.columns?.[0]
    this.columns = description.columns
    this.retryable = description.retryable ?? retryableKinds.has(description.kind)
    this.#native = options?.native
    this.#fate = description.fate ?? (description.kind === 'connection_lost' ? 'discard' : 'keep')
  }

  /** The driver's own error, if there was one. It may hold values: do not log it unread. */
  get native(): unknown {
    return this.#native
  }

  /** What becomes of the connection that raised it. */
  get fate(): ConnectionFate {
    return this.#fate
  }

  override toJSON(): Record<string, unknown> {
    return {
      ...super.toJSON(),
      kind: this.kind,
      nativeCode: this.nativeCode,
      constraint: this.constraint,
      table: this.table,
      column: this.column,
      retryable: this.retryable,
    }
  }
}

function describe(description: ErrorDescription): string {
  const { kind, code, message, constraint, table } = description
  const columns = description.columns ?? (description.column ? [description.column] : [])
  const place =
    table !== undefined && columns.length > 0
      ? ` on ${table} (${columns.join(', ')})`
      : table !== undefined
        ? ` on ${table}`
        : columns.length > 0
          ? ` on column ${columns.join(', ')}`
          : ''
  const by = constraint !== undefined ? ` by "${constraint}"` : ''
  const native = code !== undefined ? ` [${code}]` : ''
  return `${kind}${place}${by}${native}${message !== undefined ? `: ${message}` : ''}`
}
