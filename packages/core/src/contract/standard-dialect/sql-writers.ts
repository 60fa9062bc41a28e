import type { CompiledSql } from '../dialect.ts'
import type { Expression, RawExpression, Slot, TableName } from '../expression.ts'
import type {
  Assignment,
  ColumnDefinition,
  ConflictAction,
  ConflictTarget,
  CreateIndexOperation,
  CreateTableOperation,
  DeleteOperation,
  DropTableOperation,
  ExistsOperation,
  InsertOperation,
  OrderTerm,
  RowLock,
  SelectOperation,
  UpdateOperation,
} from '../operation.ts'

import type { LiteralValue } from './literal.ts'

/** The nodes of {@link Expression} by kind. */
export type ExpressionOf<Kind extends Expression['kind']> = Extract<
  Expression,
  { readonly kind: Kind }
>

/** `and` and `or`, which share a node. */
export type Junction = Extract<Expression, { readonly terms: readonly Expression[] }>

/**
 * SQL text in the making. A writer appends to it from left to right; whatever it writes through
 * `identifier`, `literal`, `table`, `expression` or `operand` goes through the dialect's own
 * (possibly overridden) parts, so an override takes effect wherever its node stands.
 */
export interface SqlOutput {
  /** The writers of the finished dialect, for a writer that delegates to another. */
  readonly writers: SqlWriters
  /** Appends text as it is: keywords and punctuation, never a value or a name. */
  text(sql: string): void
  /** Appends a quoted name. */
  identifier(name: string): void
  /** Appends quoted names, separated by commas. */
  identifiers(names: readonly string[]): void
  /** Appends a quoted literal. */
  literal(value: LiteralValue): void
  /** Appends a table's quoted name, qualified by its prefix. */
  table(table: TableName): void
  /** Appends a placeholder and notes in the plan which slot it takes. */
  placeholder(slot: number): void
  /** Appends an expression where commas, keywords or parentheses delimit it. */
  expression(expression: Expression): void
  /** Appends an expression as an operand: in parentheses unless it is one indivisible term. */
  operand(expression: Expression): void
  /** Appends every item, with `separator` (default `, `) between them. */
  list<T>(items: readonly T[], write: (item: T) => void, separator?: string): void
  /**
   * Runs `write`; in it a column without a table, or of `table`, means the row that is there
   * already and is qualified by `name`.
   */
  withExistingRow(table: TableName, name: string, write: () => void): void
  /** The existing row's table and name inside {@link SqlOutput.withExistingRow}. */
  readonly existingRow: { readonly table: TableName; readonly name: string } | undefined
  /** The text and the plan so far. */
  finish(): CompiledSql
}

/**
 * How a dialect writes each kind of node: one writer a kind, named like the node's `kind`, and a
 * few for the clauses that databases disagree about. Every writer may be overridden alone.
 */
export interface SqlWriters {
  // Operations.
  insert(out: SqlOutput, operation: InsertOperation): void
  update(out: SqlOutput, operation: UpdateOperation): void
  delete(out: SqlOutput, operation: DeleteOperation): void
  select(out: SqlOutput, operation: SelectOperation): void
  exists(out: SqlOutput, operation: ExistsOperation): void
  create_table(out: SqlOutput, operation: CreateTableOperation): void
  drop_table(out: SqlOutput, operation: DropTableOperation): void
  create_index(out: SqlOutput, operation: CreateIndexOperation): void
  /** Also an expression. */
  raw(out: SqlOutput, node: RawExpression): void

  // Expressions.
  slot(out: SqlOutput, node: Slot): void
  column(out: SqlOutput, node: ExpressionOf<'column'>): void
  excluded(out: SqlOutput, node: ExpressionOf<'excluded'>): void
  default(out: SqlOutput, node: ExpressionOf<'default'>): void
  literal(out: SqlOutput, node: ExpressionOf<'literal'>): void
  compare(out: SqlOutput, node: ExpressionOf<'compare'>): void
  in(out: SqlOutput, node: ExpressionOf<'in'>): void
  null(out: SqlOutput, node: ExpressionOf<'null'>): void
  not(out: SqlOutput, node: ExpressionOf<'not'>): void
  /** `and` and `or`. */
  junction(out: SqlOutput, node: Junction): void
  add(out: SqlOutput, node: ExpressionOf<'add'>): void
  count(out: SqlOutput, node: ExpressionOf<'count'>): void

  // Clauses. Each begins with its own keyword; the writer around it puts the space before.
  table(out: SqlOutput, table: TableName): void
  /** An insert without columns, from after the table's name up to the conflict clause. */
  emptyInsert(out: SqlOutput, operation: InsertOperation): void
  /** `on conflict …`, after the rows. */
  onConflict(out: SqlOutput, action: ConflictAction, operation: InsertOperation): void
  /** The target inside `on conflict`. */
  conflictTarget(out: SqlOutput, target: ConflictTarget): void
  /** `column = value`. */
  assignment(out: SqlOutput, assignment: Assignment): void
  /** `returning …`. */
  returning(
    out: SqlOutput,
    columns: readonly string[],
    operation: InsertOperation | UpdateOperation | DeleteOperation,
  ): void
  /** One term of `order by`. */
  orderTerm(out: SqlOutput, term: OrderTerm): void
  /** `limit …`; called only where the select has a limit or an offset. */
  limit(out: SqlOutput, operation: SelectOperation): void
  /** `for update …`. */
  lock(out: SqlOutput, lock: RowLock): void
  /** One column of `create table`, its name included. */
  columnDefinition(out: SqlOutput, column: ColumnDefinition, operation: CreateTableOperation): void
}

/**
 * Writers that replace the standard ones. Each gets, after its node, the writers that it stands in
 * for, so it can add to them instead of repeating them.
 */
export type WriterOverrides = {
  readonly [Kind in keyof SqlWriters]?: (
    ...args: [...Parameters<SqlWriters[Kind]>, standard: SqlWriters]
  ) => void
}
