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
 * | `decimal` | `string` | `-?digits[.digits]`, every digit kept; no leading zeros, no −0; all digits of a declared `scale` |
 * | `text` | `string` | well-formed Unicode |
 * | `bytes` | `Uint8Array` | |
 * | `uuid` | `string` | lower case, with hyphens |
 * | `json` | `string` | JSON text, well formed when unescaped; `-0`, `\u0000` and numbers of any size where the codec does not refuse them |
 * | `date` | `string` | `YYYY-MM-DD`, years −9999 to 9999: 0000 is 1 BC, `-0001` 2 BC |
 * | `time` | `string` | `HH:MM:SS`, or `HH:MM:SS.ffffff` where there is a fraction; below 24:00:00 |
 * | `timestamp` | `string` | `YYYY-MM-DDTHH:MM:SS.ffffffZ`, an instant in UTC, years as in `date` |
 * | `enum` | `string` | one of `values` |
 * | `array` | array of `element`'s canonical values or null | |
 *
 * Core checks a value against its type and turns the application's form (a `Date`, say) into the
 * canonical one before an adapter sees it. A date, a time and an instant each have one text, so that
 * they compare as text, and from the year 0 on sort as text.
 *
 * From `decode` core also takes ISO text as databases write it: a time or timestamp with zero to six
 * digits of a fraction, and a timestamp with a blank for the T, without a zone (it is UTC then) or
 * with an offset `±HH`, `±HH:MM` or `±HH:MM:SS`.
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
