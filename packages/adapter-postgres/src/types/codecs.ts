import { type LogicalType, type TypeTable, ValueError } from '@mortise/core/adapter'
import { arrayLiteral } from './array-literal.ts'
import { fromServerYear, toServerYear } from './before-christ.ts'
import { inferArray, isInferredArray } from './infer-array.ts'
import { jsonbText } from './json-text.ts'

/** Text of PostgreSQL ends at a NUL, so it cannot hold one. */
function withoutNul(text: string): string {
  if (!text.includes('\0')) return text
  throw new ValueError(
    'holds a NUL character, which PostgreSQL text cannot; remove it, or store it in a bytea column',
  )
}

const decimalText = (value: number | bigint): string => String(value)

/** A double as PostgreSQL reads it; `String` would lose the sign of −0. */
function floatText(value: number): string {
  return Object.is(value, -0) ? '-0' : String(value)
}

const codecs: TypeTable['codecs'] = {
  boolean: { ddl: 'boolean', encode: (value: boolean) => (value ? 't' : 'f') },
  integer: {
    ddl: ({ bits }) => (bits === 16 ? 'smallint' : bits === 32 ? 'integer' : 'bigint'),
    encode: decimalText,
  },
  bigint: { ddl: 'bigint', encode: decimalText },
  float: { ddl: 'double precision', encode: floatText },
  decimal: {
    ddl: ({ precision, scale }) =>
      precision === undefined ? 'numeric' : `numeric(${precision}, ${scale ?? 0})`,
    decode: decimalDigits,
  },
  text: {
    ddl: ({ length }) => (length === undefined ? 'text' : `varchar(${length})`),
    encode: withoutNul,
  },
  bytes: { ddl: 'bytea' },
  uuid: { ddl: 'uuid' },
  json: { ddl: 'jsonb', encode: jsonbText },
  date: { ddl: 'date', encode: toServerYear, decode: fromServerYear },
  time: { ddl: 'time' },
  timestamp: { ddl: 'timestamptz', encode: toServerYear, decode: fromServerYear },
  enum: { ddl: ({ typeName }) => typeName ?? 'text', encode: withoutNul },
  array: { ddl: (type) => `${ddlOf(elementOf(type))}[]`, encode: arrayText, decode: arrayValue },
}

function elementOf(type: LogicalType): LogicalType {
  return type.element ?? { name: 'text' }
}

function ddlOf(type: LogicalType): string {
  const ddl = codecs[type.name]?.ddl ?? type.name
  return typeof ddl === 'string' ? ddl : ddl(type)
}

function arrayText(array: readonly unknown[], type: LogicalType): string {
  // An untyped parameter may meet a json column, where {} is an object; to an array's text this is
  // the empty array too, and to json it is an error.
  if (array.length === 0) return isInferredArray(type) ? '{{}}' : '{}'
  let element = elementOf(type)
  let dimensions = 1
  for (; element.name === 'array'; dimensions++) element = elementOf(element)
  const encode = codecs[element.name]?.encode as
    | ((value: unknown, type: LogicalType) => unknown)
    | undefined
  return arrayLiteral(array, (value) => encode?.(value, element) ?? value, dimensions)
}

/** The readers have made arrays of the text; their elements are as the server writes them. */
function arrayValue(array: readonly unknown[], type: LogicalType): readonly unknown[] {
  const element = elementOf(type)
  const decode = codecs[element.name]?.decode as
    | ((value: unknown, type: LogicalType) => unknown)
    | undefined
  return decode === undefined
    ? array
    : array.map((value) => (value === null ? null : decode(value, element)))
}

/** A numeric may be NaN or infinite, and a column of another type may say anything. */
function decimalDigits(text: string): string {
  if (/^-?[0-9]+(?:\.[0-9]+)?$/.test(text)) return text
  throw new ValueError(
    'the stored value is not a decimal number (NaN or infinite, perhaps); read the column as text',
  )
}

/** How values of each logical type are written and read. */
export const types: TypeTable = { codecs, infer: inferArray }
