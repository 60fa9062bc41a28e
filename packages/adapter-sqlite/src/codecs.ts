import { type LogicalType, type TypeTable, ValueError } from '@mortise/core/adapter'

/**
 * How the logical types are stored, in types that STRICT tables have.
 *
 * Types that are left without `decode` are checked by the driver while it reads (`exact-rows.ts`).
 */
export const types: TypeTable = {
  codecs: {
    boolean: { ddl: 'integer', encode: encodeBoolean, decode: decodeBoolean },
    integer: { ddl: 'integer', encode: encodeInteger },
    bigint: { ddl: 'integer', decode: decodeBigint },
    float: { ddl: 'real', encode: encodeFloat },
    decimal: { ddl: 'text', decode: decodeDecimal },
    text: { ddl: 'text' },
    bytes: { ddl: 'blob' },
    uuid: { ddl: 'text', decode: decodeUuid },
    json: { ddl: 'text', decode: decodeText },
    date: { ddl: 'text', decode: decodeText },
    time: { ddl: 'text', encode: withoutTrailingZeros, decode: decodeText },
    timestamp: { ddl: 'text', encode: encodeTimestamp, decode: decodeText },
    enum: { ddl: 'text', decode: decodeEnum },
  },
}

function encodeBoolean(value: boolean): bigint {
  return value ? 1n : 0n
}

function decodeBoolean(value: unknown): boolean {
  if (value === 1) return true
  if (value === 0) return false
  throw new ValueError('the stored value is neither 0 nor 1; read the column as an integer')
}

/** The drivers bind every JavaScript number as REAL, so that typeof(?) would lie. */
function encodeInteger(value: number): bigint {
  return BigInt(value)
}

function decodeBigint(value: unknown): bigint {
  if (typeof value === 'bigint') return value
  if (typeof value === 'number' && Number.isSafeInteger(value)) return BigInt(value)
  throw new ValueError('the stored value is no integer; SQLite keeps others where not STRICT')
}

/** SQLite stores NaN as NULL, and −0 as 0 in a REAL column (https://www.sqlite.org/fileformat2.html). */
function encodeFloat(value: number): number {
  if (Number.isNaN(value)) {
    throw new ValueError('is NaN, which SQLite would store as NULL; use null if that is meant')
  }
  if (value === 0 && 1 / value < 0) {
    throw new ValueError('is −0, which SQLite would store as 0; use 0 if that is meant')
  }
  return value
}

const decimalText = /^-?[0-9]+(?:\.[0-9]+)?$/

function decodeDecimal(value: unknown): string {
  if (typeof value === 'string' && decimalText.test(value)) return value
  if (typeof value === 'bigint' || Number.isSafeInteger(value)) return String(value)
  throw new ValueError(
    'the stored value is no exact decimal: it is a REAL, or text of another kind; keep decimals as TEXT',
  )
}

const uuidText = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/

function decodeUuid(value: unknown): string {
  if (typeof value === 'string' && uuidText.test(value)) return value
  throw new ValueError('the stored value is no UUID in lower case with hyphens; read it as text')
}

function decodeText(value: unknown): string {
  if (typeof value === 'string') return value
  throw new ValueError('the stored value is not TEXT; SQLite keeps others where not STRICT')
}

function decodeEnum(value: unknown, type: LogicalType): string {
  if (typeof value === 'string' && type.values?.includes(value) === true) return value
  throw new ValueError('the stored value is no member of the enum; read the column as text')
}

/**
 * `2024-05-01T10:00:00.250000Z` to `2024-05-01 10:00:00.25`: SQLite's own form, so that it sorts
 * together with CURRENT_TIMESTAMP (https://www.sqlite.org/lang_datefunc.html).
 */
function encodeTimestamp(value: string): string {
  const t = value.indexOf('T')
  return withoutTrailingZeros(`${value.slice(0, t)} ${value.slice(t + 1, -1)}`)
}

/** Cuts the zeros at a fraction's end, so that one time has one text and texts sort as times. */
function withoutTrailingZeros(value: string): string {
  if (!value.includes('.')) return value
  let end = value.length
  while (value.charCodeAt(end - 1) === 0x30) end--
  return value.slice(0, value.charCodeAt(end - 1) === 0x2e ? end - 1 : end)
}
