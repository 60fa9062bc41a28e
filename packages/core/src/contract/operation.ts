import type { LockMode } from './capabilities.ts'
import type { Expression, RawExpression, TableName } from './expression.ts'
import type { LogicalType } from './logical-type.ts'

/** The unique index that an upsert is about. Names are database names. */
export type ConflictTarget =
  | {
      readonly kind: 'columns'
      readonly columns: readonly string[]
      /** The predicate of a partial index, of columns and literals only. */
      readonly where?: Expression | undefined
    }
  | { readonly kind: 'constraint'; readonly name: string }
  /** Text that stands as it is. */
  | { readonly kind: 'unsafe'; readonly sql: string }

/** `set column = value`. */
export interface Assignment {
  readonly column: string
  readonly value: Expression
}

/** What an insert does with a row that is there already. */
export type ConflictAction =
  | { readonly kind: 'nothing'; readonly target?: ConflictTarget | undefined }
  | {
      readonly kind: 'update'
      readonly target?: ConflictTarget | undefined
      /** Never empty. */
      readonly set: readonly Assignment[]
      readonly where?: Expression | undefined
    }

export interface InsertOperation {
  readonly kind: 'insert'
  readonly table: TableName
  /** Database names; `[]` inserts one row of defaults. */
  readonly columns: readonly string[]
  /** One list a row, in the order of `columns`. */
  readonly rows: readonly (readonly Expression[])[]
  readonly onConflict?: ConflictAction | undefined
  /** Database names to return; undefined returns nothing. */
  readonly returning?: readonly string[] | undefined
  /** The columns of the primary key, for dialects that need them. */
  readonly primaryKey: readonly string[]
}

export interface UpdateOperation {
  readonly kind: 'update'
  readonly table: TableName
  /** Never empty. */
  readonly set: readonly Assignment[]
  readonly where?: Expression | undefined
  readonly returning?: readonly string[] | undefined
}

export interface DeleteOperation {
  readonly kind: 'delete'
  readonly table: TableName
  readonly where?: Expression | undefined
  readonly returning?: readonly string[] | undefined
}

export interface OrderTerm {
  readonly by: Expression
  /** Undefined: as the expression itself says, which is the caller's own text. */
  readonly direction?: 'asc' | 'desc' | undefined
  /** Where nulls go. Undefined: the database's own. */
  readonly nulls?: 'first' | 'last' | undefined
}

export interface RowLock {
  readonly mode: LockMode
  readonly skipLocked?: boolean | undefined
  readonly noWait?: boolean | undefined
}

export interface SelectOperation {
  readonly kind: 'select'
  readonly table: TableName
  readonly columns: readonly Expression[]
  readonly where?: Expression | undefined
  readonly orderBy?: readonly OrderTerm[] | undefined
  readonly limit?: Expression | undefined
  readonly offset?: Expression | undefined
  readonly lock?: RowLock | undefined
}

/** One column, `found`, that is true or 1 when the select has a row. */
export interface ExistsOperation {
  readonly kind: 'exists'
  readonly select: SelectOperation
}

export interface ColumnDefinition {
  readonly name: string
  readonly type: LogicalType
  readonly nullable: boolean
  /** SQL text of the default. */
  readonly default?: Expression | undefined
  /** An identity column: the database makes the value, always or unless one is given. */
  readonly identity?: 'always' | 'byDefault' | undefined
  /** A stored generated column. */
  readonly generatedAs?: RawExpression | undefined
}

export interface CreateTableOperation {
  readonly kind: 'create_table'
  readonly table: TableName
  readonly columns: readonly ColumnDefinition[]
  readonly primaryKey: readonly string[]
  readonly unique?: readonly {
    readonly name?: string | undefined
    readonly columns: readonly string[]
  }[]
  readonly checks?: readonly {
    readonly name?: string | undefined
    readonly expression: RawExpression
  }[]
  readonly foreignKeys?: readonly {
    readonly name?: string | undefined
    readonly columns: readonly string[]
    readonly references: TableName
    readonly referencedColumns: readonly string[]
    /** Checked at commit. Default false: at once. */
    readonly deferred?: boolean | undefined
  }[]
  readonly ifNotExists?: boolean | undefined
}

export interface DropTableOperation {
  readonly kind: 'drop_table'
  readonly table: TableName
  readonly ifExists?: boolean | undefined
}

export interface CreateIndexOperation {
  readonly kind: 'create_index'
  readonly name: string
  readonly table: TableName
  readonly columns: readonly string[]
  readonly unique?: boolean | undefined
  readonly where?: Expression | undefined
}

/** Everything that core asks a dialect to write. */
export type Operation =
  | InsertOperation
  | UpdateOperation
  | DeleteOperation
  | SelectOperation
  | ExistsOperation
  | CreateTableOperation
  | DropTableOperation
  | CreateIndexOperation
  | RawExpression
