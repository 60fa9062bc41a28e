/**
 * The names of the logical types, and the JavaScript value each is exchanged in between core and
 * an adapter's codecs (its *canonical* value).
 *
 * | name | canonical value | range |
 * |---|---|---|
 * | `boolean` | `boolean` | |
 * | `integer` | `number` | safe integers, ±(2^53 − 1) |
 * | `bigint` | `bigint` | 64 bits, signed |
 * | `float` | `number` | any double; NaN, ±Infinity and −0 where the codec does not refuse them |
 * | `decimal` | `string` | `-?digits[.digits]`, every digit kept |
 * | `text` | `string` | well-formed Unicode |
 * | `bytes` | `Uint8Array` | |
 * | `uuid` | `string` | lower case, with hyphens |
 * | `json` | `string` | JSON text |
 * | `date` | `string` | `YYYY-MM-DD`, years −9999 to 9999 |
 * | `time` | `string` | `HH:MM:SS[.ffffff]` |
 * | `timestamp` | `string` | `YYYY-MM-DDTHH:MM:SS[.ffffff]Z`, an instant in UTC |
 * | `enum` | `string` | one of `values` |
 * | `array` | array of `element`'s canonical values or null | |
 *
 * Core checks a value against its type and turns the application's form (a `Date`, say) into the
 * canonical one before an adapter sees it.
 */
export type LogicalTypeName =
  | 'boolean'
  | 'integer'
  | 'bigint'
  | 'float'
  | 'decimal'
  | 'text'
  | 'bytes'
  | 'uuid'
  | 'json'
  | 'date'
  | 'time'
  | 'timestamp'
  | 'enum'
  | 'array'

/** A logical type with its details: what a column holds, whatever the database calls it. */
export interface LogicalType {
  readonly name: LogicalTypeName
  /** Width in bits of an `integer`. Default 64. */
  readonly bits?: 16 | 32 | 64
  /** Total digits of a `decimal`. */
  readonly precision?: number
  /** Digits after the point of a `decimal`. */
  readonly scale?: number
  /** Most characters of a `text`. */
  readonly length?: number
  /** The members of an `enum`. */
  readonly values?: readonly string[]
  /** The database's name of an `enum` type, where it has such types. */
  readonly typeName?: string
  /** The element type of an `array`. */
  readonly element?: LogicalType
}
