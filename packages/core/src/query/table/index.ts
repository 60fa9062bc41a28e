export {
  type ColumnBuilder,
  type ColumnOptions,
  type ColumnRef,
  type ColumnSettings,
  type ColumnTypes,
  type InsertMode,
  noDefault,
} from './column.ts'
export { type JsonValue, type TypeToken, t, type, type WithDefault } from './column-types.ts'
export {
  type AnyTable,
  type ColumnKey,
  type Columns,
  type ColumnsOf,
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
  type WriteValue,
} from './table.ts'
