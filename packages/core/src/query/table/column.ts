import type { LogicalType } from '../../contract/index.ts'
import type { ValueForm } from '../values/index.ts'

/** The options that every column takes. */
export interface ColumnOptions {
  /** The column's name in the database. Default: the property's name, or as `columnNaming` says. */
  readonly source?: string
  /** Part of the primary key. Default false. */
  readonly primaryKey?: boolean
  /** May hold null. Default false. */
  readonly nullable?: boolean
  /** The database has a default: an insert may leave the column out. Default false. */
  readonly dbDefault?: boolean
  /** The database makes the value, always (it cannot be written) or unless one is given. */
  readonly generated?: 'always' | 'byDefault'
}

/** Whether an insert must give a column, may give it, or cannot. */
export type InsertMode = 'required' | 'optional' | 'never'

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
  readonly generated: 'always' | 'byDefault' | undefined
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
> {
  readonly settings: ColumnSettings
  readonly [columnTypes]?: {
    readonly read: Read
    readonly write: Write
    readonly mode: Mode
    readonly primaryKey: PrimaryKey
  }
}

/** A column of a defined table: `posts.title`. It stands for itself in `sql` and in `orderBy`. */
export interface ColumnRef<Read = unknown> {
  readonly kind: 'mortise.column'
  readonly property: string
  /** The name in the database. */
  readonly source: string
  readonly settings: ColumnSettings
  readonly table: { readonly name: string; readonly prefix: string | undefined }
  readonly [columnTypes]?: Read
}

/** The types of a column builder. */
export type ColumnTypes<C> = C extends ColumnBuilder<infer R, infer W, infer M, infer P>
  ? { read: R; write: W; mode: M; primaryKey: P }
  : never
