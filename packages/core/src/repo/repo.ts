import type { Adapter, CallOptionsOf, Column, IsolationLevel, Notice } from '../contract/index.ts'
import type { AnyTable, ColumnKey, Insert, PrimaryKey, Row, Sql } from '../query/index.ts'
import type { Selected, SelectOptions } from './select-options.ts'
import type {
  Changes,
  ConflictTarget,
  InsertAllOptions,
  InsertOptions,
  MayBeSkipped,
  OnConflict,
  Returned,
  Returning,
  SharedRow,
  UpdateAllOptions,
  WhereOrAll,
  Written,
} from './write-options.ts'

export type { Lock, Operators, OrderBy, SelectOptions, Where } from './select-options.ts'
export type {
  ConflictRows,
  ConflictTarget,
  ConflictUpdate,
  OnConflict,
  Returning,
  WhereOrAll,
} from './write-options.ts'

/** What every call takes. One deadline covers the wait for a connection, the statement and its rows. */
export interface BaseCallOptions {
  /** Gives up when it fires; the reason is the error's `cause`. */
  readonly signal?: AbortSignal | undefined
  /** Gives up after so many milliseconds. Default: the repo's `timeoutMs`. */
  readonly timeoutMs?: number | undefined
  /** Whether the statement goes through the cache. Default true. */
  readonly cache?: boolean | undefined
}

/** What every call takes on the database of `A`. */
export type CallOptions<A> = BaseCallOptions & {
  readonly [K in keyof CallOptionsOf<A>]?: CallOptionsOf<A>[K] | undefined
}

/** What `repo.query` answers. */
export interface QueryResult<R> {
  readonly rows: R[]
  readonly columns: readonly Column[]
  /** Rows that the statement wrote; null where it does not count. */
  readonly affected: number | null
  readonly command: string | undefined
  readonly notices: readonly Notice[]
  /** The id that the database made for the last inserted row, where its manifest says that it tells. */
  readonly lastInsertId: number | bigint | undefined
}

/** When and how often a transaction's function is run again. */
export interface RetryOptions {
  /** Most runs, the first included. */
  readonly attempts: number
  /** Shortest wait before a run. Default 5. */
  readonly minDelayMs?: number
  /** Longest wait before a run. Default 500. */
  readonly maxDelayMs?: number
}

/** Options of `transaction`. */
export interface TransactionOptions {
  readonly isolation?: IsolationLevel | undefined
  readonly readOnly?: boolean | undefined
  readonly deferrable?: boolean | undefined
  /**
   * Runs the whole function again after a serialization failure or a deadlock. A number is the
   * most runs. Default: once. Only for an outermost transaction.
   */
  readonly retry?: number | RetryOptions | undefined
  /** Covers the wait for a connection, the function and the commit. */
  readonly timeoutMs?: number | undefined
  readonly signal?: AbortSignal | undefined
  /**
   * What a failed statement does to the scope: `fail` (default) refuses what follows and rolls
   * back; `continue` goes on, where the manifest's `errorInTransaction` says `continues`.
   */
  readonly onError?: 'fail' | 'continue' | undefined
}

/** Options of `stream`. */
export interface StreamOptions {
  /** Rows read at a time, which is also the most held in memory. Default 500. */
  readonly batchSize?: number | undefined
}

/** One result of `script`. */
export type ScriptResult = QueryResult<Record<string, unknown>>

/** Gauges and counters, over all connections since the repo was made. */
export interface RepoStats {
  readonly pool: {
    readonly size: number
    readonly idle: number
    readonly inUse: number
    readonly waiting: number
  }
  readonly statements: {
    readonly hits: number
    readonly misses: number
    readonly evictions: number
    readonly heals: number
  }
}

/** The rows of a batch of fragments, in order. */
export type BatchResults<Q extends readonly Sql[]> = {
  -readonly [I in keyof Q]: QueryResult<Q[I] extends Sql<infer R> ? StatedRow<R> : never>
}
type StatedRow<R> = unknown extends R ? Record<string, unknown> : R

/**
 * An application's handle on one database: what `createRepo` gives.
 *
 * Inside `transaction` and `checkout` every call uses the held connection, also calls on the outer
 * `repo`, as long as they come from the callback's own asynchronous context. The callback gets the
 * repo bound to its scope as well, which works from anywhere until the scope ends.
 */
export interface Repo<A extends Adapter = Adapter> extends AsyncDisposable {
  /** Runs a fragment. */
  query<R = Record<string, unknown>>(
    query: Sql<R>,
    options?: CallOptions<A>,
  ): Promise<QueryResult<R>>
  /** Runs a text in the database's own placeholder style. */
  query<R = Record<string, unknown>>(
    text: string,
    parameters?: readonly unknown[],
    options?: CallOptions<A>,
  ): Promise<QueryResult<R>>

  /** Reads the rows of a query piece by piece; leaving the loop releases everything. */
  stream<R = Record<string, unknown>>(
    query: Sql<R>,
    options?: StreamOptions & CallOptions<A>,
  ): AsyncIterableIterator<R> & AsyncDisposable

  /** All rows that fit. */
  all<T extends AnyTable, const K extends ColumnKey<T> = never>(
    table: T,
    options?: SelectOptions<T, K> & CallOptions<A>,
  ): Promise<Selected<T, K>[]>
  /** The row that fits, or undefined. Two rows are a `CardinalityError`. */
  one<T extends AnyTable, const K extends ColumnKey<T> = never>(
    table: T,
    options?: SelectOptions<T, K> & CallOptions<A>,
  ): Promise<Selected<T, K> | undefined>
  /** The row of a primary key, or undefined. */
  get<T extends AnyTable, const K extends ColumnKey<T> = never>(
    table: T,
    id: PrimaryKey<T>,
    options?: Pick<SelectOptions<T, K>, 'select' | 'lock'> & CallOptions<A>,
  ): Promise<Selected<T, K> | undefined>
  /** Whether a row fits. */
  exists<T extends AnyTable>(
    table: T,
    options?: Pick<SelectOptions<T>, 'where'> & CallOptions<A>,
  ): Promise<boolean>
  /** How many rows fit. */
  count<T extends AnyTable>(
    table: T,
    options?: Pick<SelectOptions<T>, 'where'> & CallOptions<A>,
  ): Promise<number>

  /**
   * Inserts a row and gives it as the database stored it; undefined where a conflict wrote none.
   * Columns that are left out get their `default`, else the database's.
   *
   * @throws MisuseError for a column that is missing, unknown or not writable, and for undefined
   * @throws DatabaseError `unique_violation` and its siblings
   */
  insert<
    T extends AnyTable,
    const C extends OnConflict<T> | undefined = OnConflict<T> | undefined,
    const R extends Returning<T> = true,
  >(
    table: T,
    values: Insert<T>,
    options?: InsertOptions<T, C, R> & CallOptions<A>,
  ): Promise<Returned<T, R> | MayBeSkipped<C>>
  /**
   * Inserts a row, or gives the one that has its conflict target already. Callers at the same time
   * get one row; exactly one of them inserted it.
   *
   * @throws TransactionError `ROW_NOT_VISIBLE` where the row is there but outside the snapshot of
   * the transaction around the call
   */
  insertOrGet<T extends AnyTable>(
    table: T,
    values: Insert<T>,
    options: { readonly conflictTarget: ConflictTarget<T> } & CallOptions<A>,
  ): Promise<{ readonly row: Row<T>; readonly inserted: boolean }>
  /**
   * Inserts many rows, all or none: in one transaction where it takes several statements. Rows come
   * back in the order given; `[]` sends nothing. Messages call a row `rows[3]`, counted from 0.
   *
   * @throws MisuseError `DUPLICATE_KEY_IN_BATCH` for two rows of one key; see `duplicates`
   */
  insertAll<
    T extends AnyTable,
    const C extends OnConflict<T> | undefined = OnConflict<T> | undefined,
    const R extends Returning<T> = false,
  >(
    table: T,
    rows: readonly SharedRow<T>[],
    options?: InsertAllOptions<T, C, R> & CallOptions<A>,
  ): Promise<Written<T, R>>
  /** Changes the row of a primary key and gives it; undefined where there is none. */
  update<T extends AnyTable, const R extends Returning<T> = true>(
    table: T,
    id: PrimaryKey<T>,
    changes: Changes<T>,
    options?: { readonly returning?: R | undefined } & CallOptions<A>,
  ): Promise<Returned<T, R> | undefined>
  /** Changes every row that fits. */
  updateAll<T extends AnyTable, const R extends Returning<T> = false>(
    table: T,
    options: WhereOrAll<T> & UpdateAllOptions<T, R> & CallOptions<A>,
  ): Promise<Written<T, R>>
  /** Deletes the row of a primary key and gives it; undefined where there was none. */
  delete<T extends AnyTable, const R extends Returning<T> = true>(
    table: T,
    id: PrimaryKey<T>,
    options?: { readonly returning?: R | undefined } & CallOptions<A>,
  ): Promise<Returned<T, R> | undefined>
  /** Deletes every row that fits. */
  deleteAll<T extends AnyTable, const R extends Returning<T> = false>(
    table: T,
    options: WhereOrAll<T> & { readonly returning?: R | undefined } & CallOptions<A>,
  ): Promise<Written<T, R>>

  /**
   * Runs `fn` in a transaction, or in a savepoint where one is open. Commits when it resolves,
   * rolls back when it rejects, and passes on its outcome.
   */
  transaction<V>(fn: (tx: Repo<A>) => V | Promise<V>, options?: TransactionOptions): Promise<V>
  /** Rolls the innermost transaction back; it rejects with a `RollbackError` that carries `value`. */
  rollback(value?: unknown): never
  /** Runs `fn` after the outermost transaction has committed; at once where none is open. */
  afterCommit(fn: () => unknown): void
  /** Whether this call would run in a transaction. */
  inTransaction(): boolean
  /** Holds one connection for `fn`. */
  checkout<V>(
    fn: (repo: Repo<A>) => V | Promise<V>,
    options?: { readonly signal?: AbortSignal; readonly timeoutMs?: number },
  ): Promise<V>
  /** Runs `fn` outside the current scope: its calls take connections of their own. */
  outside<V>(fn: (repo: Repo<A>) => V): V

  /** Runs fragments in order, all or nothing unless `atomic` is false. */
  batch<const Q extends readonly Sql[]>(
    queries: Q,
    options?: { readonly atomic?: boolean } & CallOptions<A>,
  ): Promise<BatchResults<Q>>
  /** Runs a text of several statements, without parameters. */
  script(text: string, options?: CallOptions<A>): Promise<ScriptResult[]>

  /** The same repo with every table in another schema. */
  withPrefix(prefix: string): Repo<A>
  /** Gauges and counters. */
  stats(): RepoStats
  /** The adapter that it was made with. */
  readonly adapter: A
  /** Waits for what is in use, closes every connection. May be repeated. */
  close(): Promise<void>
}
