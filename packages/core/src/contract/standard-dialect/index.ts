export type { CursorStyle } from './cursor.ts'
export type {
  DialectDescription,
  DialectOverrides,
  EmptyInsertStyle,
  UpsertStyle,
} from './description.ts'
export type { IdentifierQuotes } from './identifier.ts'
export type { BooleanLiterals, LiteralValue, StringEscapes } from './literal.ts'
export type { PlaceholderStyle } from './placeholder.ts'
export type {
  ExpressionOf,
  Junction,
  SqlOutput,
  SqlWriters,
  WriterOverrides,
} from './sql-writers.ts'
export { StandardDialect, standardDialect } from './standard-dialect.ts'
export type { BeginStyle, BeginWriter } from './transaction-writer.ts'
