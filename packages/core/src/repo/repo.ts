import type { Adapter, CallOptionsOf, Column, IsolationLevel, LockMode, Notice } from '../contract/index.ts'
import type {
  AnyTable,
  ColumnKey,
  ColumnRef,
  Insert,
  PrimaryKey,
  Row,
  Sql,
  Update,
  WriteValue,
} from '../query/index.ts'

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
export type CallOptions<A> = BaseCallOptions & Partial<CallOptionsOf<A>>

/** What `repo.query` answers. */
export interface QueryResult<R> {
  readonly rows: R[]
  readonly columns: readonly Column[]
  /** Rows that the statement wrote; null where it does not count. */
  readonly affected: number | null
  readonly command: string | undefined
  readonly notices: readonly Notice[]
}

/** Operators on one column. */
export interface Operators<V> {
  readonly eq?: V | null
  readonly ne?: V | null
  readonly gt?: V
  readonly gte?: V
  readonly lt?: V
  readonly lte?: V
  readonly in?: readonly V[]
  readonly like?: string
}

type Condition<V> = [V] extends [readonly unknown[] | object | null]
  ? [Exclude<V, null>] extends [Date | Uint8Array]
    ? Exclude<V, null> | null | readonly Exclude<V, null>[] | Operators<Exclude<V, null>>
    : [Exclude<V, null>] extends [never]
      ? null
      : [Exclude<V, null>] extends [object]
        ? null | Operators<Exclude<V, null>>
        : Exclude<V, null> | null | readonly Exclude<V, null>[] | Operators<Exclude<V, null>>
  : Exclude<V, null> | null | readonly Exclude<V, null>[] | Operators<Exclude<V, null>>

/**
 * Conditions by column, all to hold; or a fragment of SQL. `undefined` in it throws, since it would
 * widen the condition. A list means `in`, null means `is null`. On array and json columns only the
 * operator forms are taken.
 */
export type Where<T> = { readonly [K in ColumnKey<T>]?: Condition<WriteValue<T, K>> } | Sql

/** `'title'`, `{ title: 'desc' }`, or a list of them; fragments too. */
export type OrderBy<T> = OrderByTerm<T> | readonly OrderByTerm<T>[]
type OrderByTerm<T> =
  | ColumnKey<T>
  | ColumnRef
  | Sql
  | { readonly [K in ColumnKey<T>]?: Direction }
type Direction = 'asc' | 'desc' | { readonly direction?: 'asc' | 'desc'; readonly nulls?: 'first' | 'last' }

/** Row locks of a select, where the manifest has them. */
export type Lock =
  | LockMode
  | { readonly mode: LockMode; readonly skipLocked?: boolean; readonly noWait?: boolean }

/** What `all`, `one` and their siblings take beside the call options. */
export interface SelectOptions<T, K extends ColumnKey<T> = ColumnKey<T>> {
  readonly where?: Where<T> | undefined
  readonly orderBy?: OrderBy<T> | undefined
  readonly limit?: number | undefined
  readonly offset?: number | undefined
  /** The columns to read. Default: all. */
  readonly select?: readonly K[] | undefined
  readonly lock?: Lock | undefined
}

/** The unique index that an upsert is about. */
export type ConflictTarget<T> =
  | ColumnKey<T>
  | readonly ColumnKey<T>[]
  | {
      readonly columns: ColumnKey<T> | readonly ColumnKey<T>[]
      /** The predicate of a partial index; its values are written as literals. */
      readonly where?: { readonly [K in ColumnKey<T>]?: string | number | bigint | boolean | null }
    }
  | { readonly constraint: string }
  | { readonly unsafeFragment: string }

/** What a function form of `set` and `where` gets: the row that is there and the one proposed. */
export interface ConflictRows<T> {
  readonly existing: { readonly [K in ColumnKey<T>]: Sql }
  readonly excluded: { readonly [K in ColumnKey<T>]: Sql }
}

/** An update for rows that are there already. */
export interface ConflictUpdate<T> {
  readonly set?:
    | { readonly [K in keyof Update<T>]?: Update<T>[K] | Sql }
    | ((rows: ConflictRows<T>) => { readonly [K in keyof Update<T>]?: Update<T>[K] | Sql })
  readonly inc?: { readonly [K in keyof Update<T>]?: number | bigint }
  readonly where?: Where<T> | ((rows: ConflictRows<T>) => Sql)
}

/** What happens to a proposed row that meets an existing one. Default `'raise'`. */
export type OnConflict<T> =
  | 'raise'
  | 'nothing'
  | 'replace_all'
  | 'replace_all_except_primary_key'
  | { readonly replace: readonly ColumnKey<T>[] }
  | { readonly replaceAllExcept: readonly ColumnKey<T>[] }
  | ConflictUpdate<T>

/** The upsert options of `insert` and `insertAll`. */
export interface ConflictOptions<T> {
  readonly onConflict?: OnConflict<T> | undefined
  readonly conflictTarget?: ConflictTarget<T> | undefined
}

/** Which columns a write gives back: all, some, or (`false`) none. */
export type Returning<T> = boolean | readonly ColumnKey<T>[]

/** The row type that a `returning` option leads to. */
export type Returned<T, R> = R extends readonly (infer K)[]
  ? { [P in K & keyof Row<T>]: Row<T>[P] }
  : R extends false
    ? undefined
    : Row<T>

/** `undefined` joins the answer where a conflict may write no row. */
type MayBeSkipped<O> = O extends { readonly onConflict: 'nothing' }
  ? undefined
  : O extends { readonly onConflict: { readonly where: unknown } }
    ? undefined
    : never

/** What `insert` answers. */
export type Inserted<T, O> =
  | Returned<T, O extends { readonly returning: infer R } ? R : true>
  | MayBeSkipped<O>

/** What the bulk writes answer: rows only where `returning` asks for them. */
export type Written<T, O> = O extends { readonly returning: infer R }
  ? R extends false
    ? { readonly count: number }
    : { readonly count: number; readonly rows: Returned<T, R>[] }
  : { readonly count: number }

/** What to do to rows: set values, add to numbers. */
export interface UpdateAllOptions<T> {
  readonly set?: { readonly [K in keyof Update<T>]?: Update<T>[K] | Sql } | undefined
  readonly inc?: { readonly [K in keyof Update<T>]?: number | bigint } | undefined
  readonly returning?: Returning<T> | undefined
}

/** Which rows: a condition, or all of them by name; never neither. */
export type Target<T> =
  | { readonly where: Where<T>; readonly all?: never }
  | { readonly all: true; readonly where?: never }

/** A value sent once for all rows of an `insertAll`, where the database can. */
export type SharedRow<T> = { [K in keyof Insert<T>]: Insert<T>[K] | Shared<Insert<T>[K]> }

declare const sharedType: unique symbol
/** What `shared(value)` makes. */
export interface Shared<V> {
  readonly kind: 'mortise.shared'
  readonly value: V
  readonly [sharedType]?: V
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
  -readonly [I in keyof Q]: QueryResult<Q[I] extends Sql<infer R> ? R : never>
}

/**
 * An application's handle on one database: what `createRepo` gives.
 *
 * Inside `transaction` and `checkout` every call uses the held connection, also calls on the outer
 * `repo`, as long as they come from the callback's own asynchronous context. The callback gets the
 * repo bound to its scope as well, which works from anywhere until the scope ends.
 */
export interface Repo<A extends Adapter<never> | Adapter = Adapter> extends AsyncDisposable {
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
  all<T extends AnyTable, const K extends ColumnKey<T> = ColumnKey<T>>(
    table: T,
    options?: SelectOptions<T, K> & CallOptions<A>,
  ): Promise<Pick<Row<T>, K>[]>
  /** The row that fits, or undefined. Two rows are a `CardinalityError`. */
  one<T extends AnyTable, const K extends ColumnKey<T> = ColumnKey<T>>(
    table: T,
    options?: SelectOptions<T, K> & CallOptions<A>,
  ): Promise<Pick<Row<T>, K> | undefined>
  /** The row of a primary key, or undefined. */
  get<T extends AnyTable, const K extends ColumnKey<T> = ColumnKey<T>>(
    table: T,
    id: PrimaryKey<T>,
    options?: Pick<SelectOptions<T, K>, 'select' | 'lock'> & CallOptions<A>,
  ): Promise<Pick<Row<T>, K> | undefined>
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

  /** Inserts a row and gives it as the database stored it; undefined where a conflict wrote none. */
  insert<
    T extends AnyTable,
    const O extends ConflictOptions<T> & { readonly returning?: Returning<T> } = Record<never, never>,
  >(table: T, values: Insert<T>, options?: O & CallOptions<A>): Promise<Inserted<T, O>>
  /** Inserts a row, or gives the one that is there. */
  insertOrGet<T extends AnyTable>(
    table: T,
    values: Insert<T>,
    options: { readonly conflictTarget: ConflictTarget<T> } & CallOptions<A>,
  ): Promise<{ readonly row: Row<T>; readonly inserted: boolean }>
  /**
   * Inserts many rows, in one transaction where it takes several statements. Rows come back in the
   * order given; `[]` sends nothing.
   */
  insertAll<
    T extends AnyTable,
    const O extends ConflictOptions<T> & {
      readonly returning?: Returning<T>
      readonly duplicates?: 'raise' | 'last' | 'first'
    } = Record<never, never>,
  >(
    table: T,
    rows: readonly SharedRow<T>[],
    options?: O & CallOptions<A>,
  ): Promise<Written<T, O>>
  /** Changes the row of a primary key and gives it; undefined where there is none. */
  update<T extends AnyTable, const O extends { readonly returning?: Returning<T> } = Record<never, never>>(
    table: T,
    id: PrimaryKey<T>,
    changes: Update<T>,
    options?: O & CallOptions<A>,
  ): Promise<Returned<T, O extends { readonly returning: infer R } ? R : true> | undefined>
  /** Changes every row that fits. */
  updateAll<T extends AnyTable, const O extends UpdateAllOptions<T> & Target<T>>(
    table: T,
    options: O & CallOptions<A>,
  ): Promise<Written<T, O>>
  /** Deletes the row of a primary key and gives it; undefined where there was none. */
  delete<T extends AnyTable, const O extends { readonly returning?: Returning<T> } = Record<never, never>>(
    table: T,
    id: PrimaryKey<T>,
    options?: O & CallOptions<A>,
  ): Promise<Returned<T, O extends { readonly returning: infer R } ? R : true> | undefined>
  /** Deletes every row that fits. */
  deleteAll<
    T extends AnyTable,
    const O extends { readonly returning?: Returning<T> } & Target<T>,
  >(table: T, options: O & CallOptions<A>): Promise<Written<T, O>>

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
