/** SQL's isolation levels, and `snapshot` where a database calls it so. */
export type IsolationLevel =
  | 'read uncommitted'
  | 'read committed'
  | 'repeatable read'
  | 'snapshot'
  | 'serializable'

/** How a transaction begins. */
export interface BeginOptions {
  /** Default: the database's own. */
  readonly isolation?: IsolationLevel | undefined
  /** Default false. */
  readonly readOnly?: boolean | undefined
  /** PostgreSQL's DEFERRABLE. Default false. */
  readonly deferrable?: boolean | undefined
}

/** The six things that core asks of a session's transaction. Savepoint names are core's own. */
export type TransactionCommand =
  | ({ readonly kind: 'begin' } & BeginOptions)
  | { readonly kind: 'commit' }
  | { readonly kind: 'rollback' }
  | { readonly kind: 'savepoint'; readonly name: string }
  | { readonly kind: 'release'; readonly name: string }
  | { readonly kind: 'rollback_to'; readonly name: string }
