import { type TypeCodec, type TypeTable, ValueError } from '@mortise/core/adapter'

const text: TypeCodec = { ddl: 'text', encode: fromText, decode: stored('string') }

/** How each logical type is stored. Integers travel as bigint: SQLite takes a number for a REAL. */
export const types: TypeTable = {
  codecs: {
    boolean: { ddl: 'integer', encode: (value: boolean) => (value ? 1n : 0n), decode: toBoolean },
    integer: { ddl: 'integer', encode: (value: number) => BigInt(value), decode: toNumber },
    bigint: { ddl: 'integer', decode: stored('bigint') },
    float: { ddl: 'real', encode: fromFloat, decode: stored('number') },
    decimal: text,
    text,
    bytes: { ddl: 'blob', encode: fromBytes, decode: stored('object') },
    uuid: text,
    json: text,
    date: text,
    time: text,
    timestamp: text,
    enum: text,
  },
}

/** SQLite keeps any value in any column, so each is looked at before it is believed. */
function stored(type: 'string' | 'bigint' | 'number' | 'object') {
  return (value: unknown): unknown => {
    if (typeof value === type) return value
    throw new ValueError('the stored value is not of its column’s type; read it as what it is')
  }
}

function toBoolean(value: unknown): boolean {
  if (value === 0n || value === 1n) return value === 1n
  throw new ValueError('the stored value is neither 0 nor 1; read it as an integer')
}

/** The number that an integer is, where a number can hold it. */
export function toNumber(value: unknown): number {
  const number = Number(value)
  if (typeof value === 'bigint' && Number.isSafeInteger(number)) return number
  throw new ValueError('the value is no safe integer; read it as text, or as a bigint column')
}

/** On Node 22, `node:sqlite` cuts a text at its first NUL when it reads it. */
function fromText(value: string): string {
  if (!value.includes('\0')) return value
  throw new ValueError('a text with a NUL character would not come back whole; store it as bytes')
}

/** Empty bytes without a buffer behind them would be NULL on Node 22. */
function fromBytes(value: Uint8Array): Uint8Array {
  return value.length > 0 ? value : new Uint8Array(1).subarray(1)
}

/** SQLite would store NaN as NULL, and −0 as 0. */
function fromFloat(value: number): number {
  if (!Number.isNaN(value) && !Object.is(value, -0)) return value
  throw new ValueError('SQLite cannot store NaN or −0; use null or 0 if that is meant')
}
