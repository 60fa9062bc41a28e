export {
  type ColumnBuilder,
  type ColumnOptions,
  type ColumnRef,
  type ColumnSettings,
  type ColumnTypes,
  type Comparison,
  type InsertMode,
  noDefault,
} from './column.ts'
export type { JsonValue, TypeToken } from './column-signatures.ts'
export { type ColumnTypeBuilders, t, type } from './column-types.ts'
export {
  type AnyTable,
  type ColumnKey,
  type Columns,
  type ColumnsOf,
  type ComparisonOf,
  defineTable,
  type Insert,
  isColumn,
  isTable,
  type PrimaryKey,
  type Row,
  type Table,
  type TableInfo,
  type TableOptions,
  tableInfo,
  tableName,
  type Update,
  type WritableKey,
  type WriteValue,
} from './table.ts'
