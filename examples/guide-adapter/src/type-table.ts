import { type TypeCodec, type TypeTable, ValueError } from '@mortise/core/adapter'

const text: TypeCodec = { ddl: 'text', decode: stored('text', (v) => typeof v === 'string') }

/** How each logical type is stored. Integers travel as bigint: SQLite takes a number for a REAL. */
export const types: TypeTable = {
  codecs: {
    boolean: {
      ddl: 'integer',
      encode: (value: boolean) => (value ? 1n : 0n),
      decode: (value: unknown) => toBit(value) === 1n,
    },
    integer: {
      ddl: 'integer',
      encode: (value: number) => BigInt(value),
      decode: (value: unknown) => Number(toSafe(value)),
    },
    bigint: { ddl: 'integer', decode: stored('integer', (v) => typeof v === 'bigint') },
    float: {
      ddl: 'real',
      encode: fromFloat,
      decode: stored('float', (v) => typeof v === 'number'),
    },
    decimal: text,
    text,
    bytes: { ddl: 'blob', decode: stored('blob', (v) => v instanceof Uint8Array) },
    uuid: text,
    json: text,
    date: text,
    time: text,
    timestamp: text,
    enum: text,
  },
}

const toBit = stored('boolean', (v) => v === 0n || v === 1n)
const toSafe = stored('safe integer', (v) => typeof v === 'bigint' && isSafe(v))

function isSafe(value: bigint): boolean {
  return Number.isSafeInteger(Number(value))
}

/** SQLite would store NaN as NULL, and −0 as 0. */
function fromFloat(value: number): number {
  if (!Number.isNaN(value) && !Object.is(value, -0)) return value
  throw new ValueError('SQLite cannot store NaN or −0; use null or 0 if that is meant')
}

/** SQLite keeps any value in any column, whatever the column's type says: look before decoding. */
function stored(type: string, isRight: (value: unknown) => boolean) {
  return (value: unknown): unknown => {
    if (isRight(value)) return value
    throw new ValueError(`the stored value is no ${type}; read the column as what it holds`)
  }
}
