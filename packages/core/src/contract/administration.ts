import type { Connection } from './connection.ts'
import type { TableName } from './expression.ts'
import type { MaybePromise } from './maybe-promise.ts'

/** Creating, dropping and asking after the database itself. Each may be repeated. */
export interface Storage {
  create(): MaybePromise<'created' | 'exists'>
  drop(): MaybePromise<'dropped' | 'missing'>
  status(): MaybePromise<'up' | 'down'>
}

/** Who holds a migration lock, as far as the database tells. */
export interface MigrationLockHolder {
  /** A process, session or host, in the database's words. */
  readonly description: string
  /** For how long, in milliseconds. */
  readonly heldMs?: number | undefined
}

/**
 * One way to keep two migrators apart. Core polls `tryAcquire`; a lock never waits inside the
 * database, because a blocked migrator blocks CREATE INDEX CONCURRENTLY.
 */
export interface MigrationLock {
  /** What the lock is tied to: a transaction, the session, or a row that expires. */
  readonly scope: 'transaction' | 'session' | 'lease'
  /** Tries once and answers whether `key` is held now by this connection. */
  tryAcquire(connection: Connection, key: string): MaybePromise<boolean>
  /** Asks the database, in a statement of its own, whether this connection still holds `key`. */
  verify(connection: Connection, key: string): MaybePromise<boolean>
  release(connection: Connection, key: string): MaybePromise<void>
  holder?(connection: Connection, key: string): MaybePromise<MigrationLockHolder | undefined>
}

/** A column as the database describes it. */
export interface InspectedColumn {
  readonly name: string
  /** The database's own type text. */
  readonly type: string
  readonly nullable: boolean
  /** SQL text of the default. */
  readonly default: string | undefined
  readonly generated: 'always' | 'byDefault' | undefined
}

/** A table as the database describes it. */
export interface InspectedTable {
  readonly table: TableName
  readonly columns: readonly InspectedColumn[]
  readonly primaryKey: readonly string[]
  readonly indexes: readonly {
    readonly name: string
    readonly columns: readonly string[]
    readonly unique: boolean
    readonly predicate: string | undefined
  }[]
}

/** Describes the tables of one schema, in the order of their names. */
export type Inspect = (
  connection: Connection,
  options: { readonly prefix: string | undefined },
) => MaybePromise<readonly InspectedTable[]>

/** Loads rows of driver values; answers how many. All or none of them are there afterwards. */
export type BulkLoad = (
  connection: Connection,
  options: {
    readonly table: TableName
    readonly columns: readonly string[]
    readonly rows: Iterable<readonly unknown[]> | AsyncIterable<readonly unknown[]>
  },
) => MaybePromise<number>
