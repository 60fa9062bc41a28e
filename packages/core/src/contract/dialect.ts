import type { Operation } from './operation.ts'
import type { TransactionCommand } from './transaction-command.ts'

/**
 * SQL text with its parameter plan: parameter `i` of the text takes the value of slot `slots[i]`.
 * A dialect with positional placeholders names a slot as often as it is used; one with numbered
 * placeholders names it once.
 */
export interface CompiledSql {
  readonly sql: string
  readonly slots: readonly number[]
}

/** How to read a query's rows piece by piece through `execute` alone. */
export interface CursorSql {
  /**
   * Whether the cursor lives in a transaction (`declare … cursor`) or in the session (a temporary
   * table).
   */
  readonly within: 'transaction' | 'session'
  /** Opens `name` over `sql`; it takes the query's parameters. */
  open(name: string, sql: string): string
  /**
   * Reads the next `count` rows after the first `done`. Its columns are the query's, preceded by
   * `hidden` columns of the cursor's own.
   */
  fetch(name: string, count: number, done: number): string
  readonly hidden: number
  close(name: string): string
}

/**
 * The database's SQL. It turns core's operation trees into text and never sees a value: values are
 * slots, names are quoted.
 */
export interface Dialect {
  /** For people: `sqlite`, `postgresql`. */
  readonly name: string
  /** Quotes a name, whatever it holds; throws a `MisuseError` for NUL or a name that is too long. */
  quoteIdentifier(name: string): string
  /** Writes a literal, whatever it holds; throws a `ValueError` for what has no literal. */
  quoteLiteral(value: string | number | bigint | boolean | null): string
  /** The text and the parameter plan of one operation. Pure: the same tree gives the same text. */
  compile(operation: Operation): CompiledSql
  /** The statements of a command, in order. Usually one. */
  transaction(command: TransactionCommand): readonly string[]
  /** A statement that answers at once and changes nothing. */
  readonly ping: string
  /** For streams through `execute`; undefined where there is no correct way. */
  readonly cursor?: CursorSql | undefined
}
