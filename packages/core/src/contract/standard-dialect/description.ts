import type { LockMode } from '../capabilities.ts'
import type { CursorSql } from '../dialect.ts'
import type { TransactionCommand } from '../transaction-command.ts'
import type { TypeTable } from '../type-table.ts'
import type { CursorStyle } from './cursor.ts'
import type { IdentifierQuotes } from './identifier.ts'
import type { BooleanLiterals, LiteralValue, StringEscapes } from './literal.ts'
import type { PlaceholderStyle } from './placeholder.ts'
import type { WriterOverrides } from './sql-writers.ts'
import type { BeginStyle } from './transaction-writer.ts'

/**
 * A SQL database in a few words. What is left out is as standard SQL has it; where the standard has
 * nothing, the feature counts as missing and is refused with an `UnsupportedError`.
 */
export interface DialectDescription {
  /** For people: `sqlite`, `postgresql`. */
  readonly name: string
  /** The adapter's type table: `create table` takes the columns' types from it. */
  readonly types: TypeTable
  /** Most bytes (UTF-8) of a name, as in the manifest. Default 128, the standard's. */
  readonly maxIdentifierBytes?: number | undefined
  /** Default `"`. */
  readonly quotes?: IdentifierQuotes | undefined
  /** Default `positional`. */
  readonly placeholders?: PlaceholderStyle | undefined
  /** Default `none`. */
  readonly stringEscapes?: StringEscapes | undefined
  /** Default `keyword`. */
  readonly booleans?: BooleanLiterals | undefined
  /** RETURNING: for all three, or by operation. Default false. */
  readonly returning?:
    | boolean
    | { readonly insert: boolean; readonly update: boolean; readonly delete: boolean }
    | undefined
  /**
   * How an insert handles conflicts. Default `none`.
   *
   * - `on_conflict`: `on conflict … do …` with `excluded` (PostgreSQL, SQLite).
   * - `on_duplicate_key`: `on duplicate key update …` with `values()` (MySQL, MariaDB).
   * - `on_duplicate_key_alias`: the same with the row alias `excluded` (MySQL 8.0.19 and later).
   */
  readonly upsert?: UpsertStyle | undefined
  /** Whether `default` may stand among the values of a row. Default true. */
  readonly cellDefault?: boolean | undefined
  /**
   * How an insert without columns is written. Default `default_values`.
   *
   * - `default_values`: `default values`, to which a conflict clause may be added (PostgreSQL).
   * - `empty_lists`: `() values ()` (MySQL).
   * - `rowid`: `default values`, and where that cannot stand (SQLite's takes no ON CONFLICT and
   *   makes one row) a NULL for the rowid: `("_rowid_") values (null)`. SQLite refuses this in a
   *   table WITHOUT ROWID.
   */
  readonly emptyInsert?: EmptyInsertStyle | undefined
  /** `limit … offset …`, or the standard's `offset … rows fetch next … rows only`. Default `limit_offset`. */
  readonly limit?: 'limit_offset' | 'fetch' | undefined
  /** The limit to write for an offset without one, where it cannot stand alone: `-1` in SQLite. */
  readonly limitForOffset?: string | undefined
  /** `nulls first`, or the same by a CASE before the term. Default `native`. */
  readonly nullsOrder?: 'native' | 'case' | undefined
  /** The modes of `for update`. Default none. */
  readonly rowLocks?: readonly LockMode[] | undefined
  /** Default `modes`. */
  readonly begin?: BeginStyle | undefined
  /** A statement that answers at once and changes nothing. Default `select 1`. */
  readonly ping?: string | undefined
  /** How to stream through `execute`. Default: not at all. */
  readonly cursor?: CursorStyle | undefined
  /**
   * Columns whose values the database makes. Default `generated`.
   *
   * - `generated`: `generated … as identity` (standard, PostgreSQL).
   * - `auto_increment`: MySQL.
   * - `integer_primary_key`: SQLite's rowid; the column is the whole primary key.
   */
  readonly identity?: 'generated' | 'auto_increment' | 'integer_primary_key' | undefined
  /** What a prefix is: a schema, or an attached database as in SQLite. Default `schema`. */
  readonly prefixes?: 'schema' | 'attached' | undefined
  /** What this database writes otherwise. */
  readonly overrides?: DialectOverrides | undefined
}

export type UpsertStyle = 'none' | 'on_conflict' | 'on_duplicate_key' | 'on_duplicate_key_alias'
export type EmptyInsertStyle = 'default_values' | 'empty_lists' | 'rowid'

/**
 * Parts that replace the standard ones, wherever they are used. Each function gets the one that it
 * stands in for as its last argument.
 */
export interface DialectOverrides {
  readonly quoteIdentifier?:
    | ((name: string, standard: (name: string) => string) => string)
    | undefined
  readonly quoteLiteral?:
    | ((value: LiteralValue, standard: (value: LiteralValue) => string) => string)
    | undefined
  readonly transaction?:
    | ((
        command: TransactionCommand,
        standard: (command: TransactionCommand) => readonly string[],
      ) => readonly string[])
    | undefined
  readonly cursor?: CursorSql | undefined
  /** Writers by kind of node. */
  readonly write?: WriterOverrides | undefined
}
