import type { LogicalType } from '../../contract/index.ts'
import type { ValueForm } from '../values/index.ts'

/** Whether the database makes a column's value: always, or unless one is given. */
export type Generated = 'always' | 'byDefault'

/**
 * The options that every column takes. The parameters are the options' types as they were given,
 * from which the row, insert and update types follow.
 */
export interface ColumnOptions<
  PrimaryKey extends boolean = boolean,
  Nullable extends boolean = boolean,
  Default = unknown,
  DbDefault extends boolean = boolean,
  Generation extends Generated | undefined = Generated | undefined,
> {
  /** The column's name in the database. Default: the property's name, or as `columnNaming` says. */
  readonly source?: string
  /** Part of the primary key. Default false. */
  readonly primaryKey?: PrimaryKey
  /** May hold null; an insert may leave it out. Default false. */
  readonly nullable?: Nullable
  /**
   * What we send where an insert leaves the column out: a value, or a function called for each
   * row. Default: nothing, so an insert must give it.
   */
  readonly default?: Default
  /** The database has a default: an insert may leave the column out. Default false. */
  readonly dbDefault?: DbDefault
  /** The database makes the value, always (it cannot be written) or unless one is given. */
  readonly generated?: Generation
}

/** Whether an insert must give a column, may give it, or cannot. */
export type InsertMode = 'required' | 'optional' | 'never'

/**
 * How conditions compare a column: by plain values, lists and operators, or by operators only
 * (array and json columns, whose plain values would look like lists and operators).
 */
export type Comparison = 'values' | 'operators'

/** What defineTable needs to know of a column. Plain data. */
export interface ColumnSettings {
  readonly type: LogicalType
  readonly form: ValueForm | undefined
  readonly source: string | undefined
  readonly primaryKey: boolean
  readonly nullable: boolean
  /** A value, or a function that makes one for each row; `noDefault` where there is none. */
  readonly default: unknown
  readonly dbDefault: boolean
  readonly generated: Generated | undefined
}

/** Stands for "no default", since undefined could be a mistake and null is a value. */
export const noDefault: unique symbol = Symbol('mortise.noDefault')

declare const columnTypes: unique symbol

/**
 * A column before its table is defined: what `t.text()` and its siblings return.
 *
 * `Read` is what rows hold, `Write` what writes accept.
 */
export interface ColumnBuilder<
  Read = unknown,
  Write = Read,
  Mode extends InsertMode = InsertMode,
  PrimaryKey extends boolean = boolean,
  Compared extends Comparison = Comparison,
> {
  readonly settings: ColumnSettings
  readonly [columnTypes]?: {
    readonly read: Read
    readonly write: Write
    readonly mode: Mode
    readonly primaryKey: PrimaryKey
    readonly compared: Compared
  }
}

/**
 * Marks columns of defined tables. A symbol, because a value that came as JSON must never pass for
 * a column: it would stand in SQL as a name.
 */
export const columnMark: unique symbol = Symbol('mortise.column')

/** A column of a defined table: `posts.title`. It stands for itself in `sql` and in `orderBy`. */
export interface ColumnRef<Read = unknown, Write = Read> {
  readonly [columnMark]: true
  readonly property: string
  /** The name in the database. */
  readonly source: string
  readonly settings: ColumnSettings
  readonly table: { readonly name: string; readonly prefix: string | undefined }
  readonly [columnTypes]?: { readonly read: Read; readonly write: Write }
}

/** The types of a column builder: `read`, `write`, `mode`, `primaryKey` and `compared`. */
export type ColumnTypes<C> = C extends { readonly [columnTypes]?: infer Types }
  ? NonNullable<Types>
  : never
