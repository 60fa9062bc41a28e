import type { LogicalType, LogicalTypeName } from './logical-type.ts'

/**
 * How one logical type is written in a database.
 *
 * `encode` and `decode` see canonical values (see {@link LogicalTypeName}), never null: null passes
 * by them in both directions. Left out, the canonical value is the driver's value.
 */
export interface TypeCodec {
  /** The type's name in DDL. */
  readonly ddl: string | ((type: LogicalType) => string)
  /**
   * Canonical value to driver parameter. Throws a `ValueError` for a value that the database
   * cannot hold exactly: never rounds, wraps or truncates.
   */
  readonly encode?: (value: never, type: LogicalType) => unknown
  /**
   * Driver value to canonical value. Throws a `ValueError` where the stored value does not fit the
   * type: never guesses.
   */
  readonly decode?: (value: never, type: LogicalType) => unknown
}

/** An adapter's codecs by logical type. A type that is missing is refused before sending. */
export interface TypeTable {
  readonly codecs: { readonly [name in LogicalTypeName]?: TypeCodec }
  /**
   * The type of a parameter that came without one. It looks at the JavaScript value alone, so
   * that the encoding never depends on what was cached. Default: boolean → `boolean`, safe integer
   * → `integer`, other number → `float`, bigint → `bigint`, string → `text`, Date → `timestamp`,
   * Uint8Array → `bytes`; anything else is refused with a hint to `sql.typed`.
   */
  readonly infer?: (value: unknown) => LogicalType | undefined
}
