import type { LockMode } from '../contract/index.ts'
import type { ColumnKey, ColumnRef, ComparisonOf, Row, Sql, WriteValue } from '../query/index.ts'

/** Operators on one column. */
export type Operators<V> = {
  readonly eq?: V | null
  readonly ne?: V | null
  readonly gt?: V
  readonly gte?: V
  readonly lt?: V
  readonly lte?: V
  readonly in?: readonly V[]
} & ([V] extends [string] ? { readonly like?: string } : unknown)

type Condition<V, Compared> = 'values' extends Compared
  ? V | null | readonly V[] | Operators<V>
  : null | Operators<V>

/**
 * Conditions by column, all to hold; or a fragment of SQL. `undefined` in it throws, since it would
 * widen the condition. A list means `in`, null means `is null`. On array and json columns a plain
 * value or list is refused, because it could mean two things: there null and operators are taken.
 *
 * An object that comes from outside would be taken for operators: check that such a value is a
 * string or number, or say `{ eq: value }`, which takes values only.
 */
export type Where<T> =
  | {
      readonly [K in ColumnKey<T>]?: Condition<Exclude<WriteValue<T, K>, null>, ComparisonOf<T, K>>
    }
  | Sql

/** `'title'`, `{ title: 'desc' }`, or a list of them; fragments too. */
export type OrderBy<T> = OrderByTerm<T> | readonly OrderByTerm<T>[]
type OrderByTerm<T> = ColumnKey<T> | ColumnRef | Sql | { readonly [K in ColumnKey<T>]?: Direction }
type Direction =
  | 'asc'
  | 'desc'
  | { readonly direction?: 'asc' | 'desc'; readonly nulls?: 'first' | 'last' }

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

/** The rows of a select: all columns where `select` names none. */
export type Selected<T, K extends ColumnKey<T>> = [K] extends [never]
  ? Row<T>
  : { [P in NoInfer<K>]: Row<T>[P] }
