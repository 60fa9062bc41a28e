import { type TypeTable, ValueError } from '@mortise/core/adapter'

/** Text of PostgreSQL ends at a NUL, so it cannot hold one. */
function withoutNul(text: string): string {
  if (!text.includes('\0')) return text
  throw new ValueError(
    'holds a NUL character, which PostgreSQL text cannot; remove it, or store it in a bytea column',
  )
}

/** jsonb refuses an escaped NUL and drops the sign of zero; both are refused before sending. */
function jsonText(text: string): string {
  if (/(?:^|[^\\])(?:\\\\)*\\u0000/.test(text)) {
    throw new ValueError(
      'holds a NUL character inside JSON, which PostgreSQL cannot store; remove it',
    )
  }
  return text
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
  },
  text: {
    ddl: ({ length }) => (length === undefined ? 'text' : `varchar(${length})`),
    encode: withoutNul,
  },
  bytes: { ddl: 'bytea' },
  uuid: { ddl: 'uuid' },
  json: { ddl: 'jsonb', encode: jsonText },
  date: { ddl: 'date' },
  time: { ddl: 'time' },
  timestamp: { ddl: 'timestamptz' },
  enum: { ddl: ({ typeName }) => typeName ?? 'text', encode: withoutNul },
}

/** How values of each logical type are written and read. */
export const types: TypeTable = { codecs }
