export type { Adapter, CallOptionsOf, OptionCheck, Topology } from './adapter.ts'
export type {
  BulkLoad,
  Inspect,
  InspectedColumn,
  InspectedTable,
  MigrationLock,
  MigrationLockHolder,
  Storage,
} from './administration.ts'
export type { Capabilities, LockMode, Support, UpsertCapabilities } from './capabilities.ts'
export type {
  ConnectContext,
  Connection,
  RowBatches,
  TransactionStatus,
} from './connection.ts'
export { defineAdapter } from './define-adapter.ts'
export type { CompiledSql, CursorSql, Dialect } from './dialect.ts'
export type {
  ColumnName,
  ComparisonOperator,
  Expression,
  Identifier,
  RawExpression,
  Slot,
  TableName,
} from './expression.ts'
export type { LogicalType, LogicalTypeName } from './logical-type.ts'
export { isPromise, type MaybePromise } from './maybe-promise.ts'
export type {
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
  Operation,
  OrderTerm,
  RowLock,
  SelectOperation,
  UpdateOperation,
} from './operation.ts'
export type { Access, Request } from './request.ts'
export type { Column, Notice, Result } from './result.ts'
export type { RowShape, ShapeColumn } from './row-shape.ts'
export {
  type BeginStyle,
  type BeginWriter,
  type BooleanLiterals,
  type CursorStyle,
  type DialectDescription,
  type DialectOverrides,
  type EmptyInsertStyle,
  type ExpressionOf,
  type IdentifierQuotes,
  type Junction,
  type LiteralValue,
  type PlaceholderStyle,
  type SqlOutput,
  type SqlWriters,
  type StandardDialect,
  type StringEscapes,
  standardDialect,
  type UpsertStyle,
  type WriterOverrides,
} from './standard-dialect/index.ts'
export type { Statement } from './statement.ts'
export type { BeginOptions, IsolationLevel, TransactionCommand } from './transaction-command.ts'
export type { TypeCodec, TypeTable } from './type-table.ts'
