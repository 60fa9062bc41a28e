export { isName, isSql, Sql, SqlIdentifier, type SqlValue, sql, TypedValue, UnsafeText } from './sql.ts'
export * from './table/index.ts'
