import type {
  ColumnKey,
  ComparisonOf,
  Insert,
  Row,
  Sql,
  Update,
  WritableKey,
  WriteValue,
} from '../query/index.ts'
import type { Where } from './select-options.ts'
import type { Shared } from './shared.ts'

type Literal = string | number | bigint | boolean

/** The unique index that an upsert is about. */
export type ConflictTarget<T> =
  | ColumnKey<T>
  | readonly ColumnKey<T>[]
  | {
      readonly columns: ColumnKey<T> | readonly ColumnKey<T>[]
      /** The predicate of a partial index; its values are written as literals. */
      readonly where?: { readonly [K in ColumnKey<T>]?: Extract<WriteValue<T, K>, Literal> | null }
    }
  | { readonly constraint: string }
  | { readonly unsafeFragment: string }

/** New values by column; fragments too. */
export type Changes<T> = { readonly [K in keyof Update<T>]?: Update<T>[K] | Sql }

type Amount<T, K extends ColumnKey<T>> =
  'values' extends ComparisonOf<T, K>
    ? [Extract<WriteValue<T, K>, number | bigint>] extends [never]
      ? never
      : Exclude<WriteValue<T, K>, null>
    : never

/** What to add to columns of numbers. */
export type Increments<T> = {
  readonly [K in keyof Update<T> & ColumnKey<T> as [Amount<T, K>] extends [never]
    ? never
    : K]?: Amount<T, K>
}

/** What a function form of `set` and `where` gets: the row that is there and the one proposed. */
export interface ConflictRows<T> {
  readonly existing: { readonly [K in ColumnKey<T>]: Sql }
  readonly excluded: { readonly [K in ColumnKey<T>]: Sql }
}

/** An update for rows that are there already. */
export interface ConflictUpdate<T> {
  readonly set?: Changes<T> | ((rows: ConflictRows<T>) => Changes<T>)
  readonly inc?: Increments<T>
  readonly where?: Where<T> | ((rows: ConflictRows<T>) => Sql)
}

/** What happens to a proposed row that meets an existing one. Default `'raise'`. */
export type OnConflict<T> =
  | 'raise'
  | 'nothing'
  | 'replace_all'
  | 'replace_all_except_primary_key'
  | { readonly replace: readonly WritableKey<T>[] }
  | { readonly replaceAllExcept: readonly ColumnKey<T>[] }
  | ConflictUpdate<T>

/**
 * Refuses names in an `onConflict` as it was given that inference alone would let through. Joined
 * with `C` by `&`: `unknown` leaves a part as it is.
 */
export type KnownNames<T, C> = C extends string | undefined
  ? unknown
  : {
      readonly [K in keyof C]: K extends 'set' | 'inc' | 'where'
        ? KnownColumns<T, C[K]>
        : K extends 'replace' | 'replaceAllExcept'
          ? unknown
          : never
    }

type KnownColumns<T, V> = V extends Sql | ((rows: never) => unknown)
  ? unknown
  : { readonly [K in keyof V]: K extends ColumnKey<T> ? unknown : never }

/** Which columns a write gives back: all, some, or (`false`) none. */
export type Returning<T> = boolean | readonly ColumnKey<T>[]

/** The row that a `returning` option leads to. */
export type Returned<T, R> = R extends readonly (infer K)[]
  ? { [P in K & keyof Row<T>]: Row<T>[P] }
  : R extends false
    ? undefined
    : Row<T>

/**
 * `undefined` where an `onConflict` may write no row, so that there is none to give back. `C` holds
 * undefined where none was given.
 */
export type MayBeSkipped<C> = undefined extends C ? never : SkippedBy<C>
type SkippedBy<C> = C extends 'nothing'
  ? undefined
  : C extends object
    ? 'where' extends keyof C
      ? undefined
      : never
    : never

/** Options of `insert`. */
export interface InsertOptions<T, C, R> {
  readonly onConflict?: (C & KnownNames<T, C>) | undefined
  /** The unique index that `onConflict` is about; `'nothing'` may do without. */
  readonly conflictTarget?: ConflictTarget<T> | undefined
  /** Default true for `insert`, false for `insertAll`. */
  readonly returning?: R | undefined
}

/** Options of `insertAll`. */
export interface InsertAllOptions<T, C, R> extends InsertOptions<T, C, R> {
  /**
   * Which of two rows in one call that propose the same conflict target is sent, where
   * `onConflict` updates and the target is one of columns. Default `'raise'`: an error that names
   * both. Rows are compared by their values; what a collation takes for equal is the database's.
   */
  readonly duplicates?: 'raise' | 'last' | 'first' | undefined
}

/** What the bulk writes answer: rows only where `returning` asks for them. */
export type Written<T, R> = R extends false
  ? { readonly count: number }
  : { readonly count: number; readonly rows: Returned<T, R>[] }

/** Which rows: a condition, or all of them by name; never neither. */
export type WhereOrAll<T> =
  | { readonly where: Where<T>; readonly all?: never }
  | { readonly all: true; readonly where?: never }

/** What `updateAll` does to rows: set values, add to numbers. */
export interface UpdateAllOptions<T, R> {
  readonly set?: Changes<T> | undefined
  readonly inc?: Increments<T> | undefined
  /** Default false. */
  readonly returning?: R | undefined
}

/** A proposed row of `insertAll`, in which a value may be shared. */
export type SharedRow<T> = { [K in keyof Insert<T>]: Insert<T>[K] | Shared<Insert<T>[K]> }
