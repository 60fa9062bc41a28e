import type { IsolationLevel } from './transaction-command.ts'

/**
 * How an adapter has a capability: by the database, by an emulation that is correct and bounded but
 * slower, or not at all. `absent` refuses with `UnsupportedError` before anything is sent.
 */
export type Support = 'native' | 'emulated' | 'absent'

/** A row lock's strength, weakest last. */
export type LockMode = 'update' | 'no key update' | 'share' | 'key share'

/** What an upsert can do. */
export interface UpsertCapabilities {
  /** `onConflict: 'nothing'`. */
  readonly nothing: Support
  /** Every `onConflict` that updates. */
  readonly update: Support
  /** `where` in an update. */
  readonly updateWhere: Support
  /** Whether an updating `onConflict` may leave out the target. */
  readonly updateWithoutTarget: Support
  /** `conflictTarget` as columns. */
  readonly columns: Support
  /** `conflictTarget: { columns, where }`. */
  readonly partialIndex: Support
  /** `conflictTarget: { constraint }`. */
  readonly constraint: Support
  /** `conflictTarget: { unsafeFragment }`. */
  readonly unsafeFragment: Support
}

/**
 * What an adapter claims. Core, bridges, documentation and testkit read this one manifest, and the
 * testkit proves each entry: `native` and `emulated` work, `absent` refuses, limits hold at N and
 * refuse at N + 1.
 */
export interface Capabilities {
  /** Most parameters of one statement. */
  readonly maxParameters: number
  /** Most bytes (UTF-8) of an identifier; longer ones are refused, never cut. */
  readonly maxIdentifierBytes: number
  /** Whether names may be qualified by a schema (`withPrefix`, the table option `prefix`). */
  readonly prefix: Support
  /** `batch`: only `repo.batch` is atomic; `none`: nothing is. */
  readonly transactions: 'interactive' | 'batch' | 'none'
  readonly savepoints: Support
  /** The levels that `isolation` accepts. The first is the default. */
  readonly isolationLevels: readonly IsolationLevel[]
  readonly readOnlyTransactions: Support
  readonly deferrableTransactions: Support
  /** Whether DDL is part of a transaction, ends it, or is refused inside. */
  readonly ddlTransactions: 'yes' | 'implicit_commit' | 'no'
  /** What a failed statement does to its transaction in the database. */
  readonly errorInTransaction: 'aborts' | 'continues' | 'varies'
  /** RETURNING, by operation. */
  readonly returning: {
    readonly insert: Support
    readonly update: Support
    readonly delete: Support
  }
  readonly upsert: UpsertCapabilities
  /** Whether `affected` counts rows found or rows changed by an update. */
  readonly affected: 'matched' | 'changed'
  /** Whether results carry `lastInsertId`. */
  readonly lastInsertId: Support
  /** `insertAll` with rows that leave out different columns, in one statement. */
  readonly cellDefault: Support
  /**
   * Whether a stream's connection can run other statements meanwhile. `emulated`: through the
   * dialect's `cursor`, interleaved.
   */
  readonly streaming: 'interleaved' | 'exclusive' | 'emulated' | 'absent'
  /** When an aborted call stops: on the server, between two rows, or only before it started. */
  readonly cancel: 'server' | 'between_rows' | 'before_start'
  /** Calls may be sent while earlier ones run; the number is the most in flight on one connection. */
  readonly pipelining: number
  /** Several statements in one text. */
  readonly scripts: Support
  /** Row locks of `select … for`. */
  readonly rowLocks: readonly LockMode[]
  readonly skipLocked: Support
  readonly noWait: Support
  /** Notices on results. */
  readonly notices: Support
  /** The session changes that the driver reports by `sessionChanged`, in words: `set`, `listen`, `pragma`. */
  readonly sessionChanges: readonly string[]
  /** The migration locks that the adapter has, its default first. */
  readonly migrationLocks: readonly string[]
}
