import { isPromise, type Result } from '@mortise/core/adapter'
import { type Mutant, mutant, withCodec, withConnection, withWriters } from './mutant.ts'

/** What a type table and a driver do to values. */
export const typeMutants: readonly Mutant[] = [
  mutant(
    'negative 64-bit integers pass through a number',
    'TYP-003',
    'bigint -9007199254740993n, written as a parameter and read back',
    (good) =>
      withCodec(good, 'bigint', ({ decode }) => ({
        decode: (value: never) => {
          const decoded = decode?.(value, { name: 'bigint' }) as bigint
          return decoded < 0n ? BigInt(Number(decoded)) : decoded
        },
      })),
    { catalogue: 7 },
  ),
  mutant(
    'the smallest 32-bit integer loses its sign',
    'TYP-002',
    'integer -2147483648',
    (good) =>
      withCodec(good, 'integer', () => ({
        encode: (value: number) => (value === -(2 ** 31) ? 2n ** 31n : BigInt(value)),
      })),
    { catalogue: 8 },
  ),
  mutant(
    'an integer column is read as whatever number comes near',
    'TYP-004',
    'reading 2^53 + 1 as an integer: expected a ValueError, seen',
    (good) =>
      withConnection(good, (connection) => ({
        execute(request) {
          const { shape } = request
          if (shape === undefined || request.access === 'write') return connection.execute(request)
          const near = (result: Result): Result => ({
            ...result,
            rows: (result.rows as readonly unknown[][]).map((row) =>
              row.map((value, i) =>
                typeof value !== 'bigint' || shape.columns[i]?.type.name === 'bigint'
                  ? value
                  : Number(value),
              ),
            ),
          })
          const raw = { ...request, shape: undefined, options: { integers: 'bigint' } }
          const result = connection.execute(raw)
          return isPromise(result) ? result.then(near) : near(result)
        },
      })),
  ),
  mutant('raw integers pass through a number', 'TYP-005', 'a raw 9007199254740993', (good) =>
    withConnection(good, (connection) => ({
      execute(request) {
        if (request.shape !== undefined || request.access === 'write') {
          return connection.execute(request)
        }
        const result = connection.execute({ ...request, options: { integers: 'bigint' } })
        return isPromise(result) ? result.then(rounded) : rounded(result)
      },
    })),
  ),
  mutant(
    '−0 is stored as 0',
    'TYP-006',
    'float -0',
    (good) =>
      withCodec(good, 'float', ({ encode }) => ({
        encode: (value: number) =>
          Object.is(value, -0) ? 0 : encode?.(value as never, { name: 'float' }),
      })),
    { catalogue: 9 },
  ),
  mutant(
    'NaN is sent as NULL',
    'TYP-006',
    'float NaN',
    (good) =>
      withCodec(good, 'float', ({ encode }) => ({
        encode: (value: number) =>
          Number.isNaN(value) ? null : encode?.(value as never, { name: 'float' }),
      })),
    { catalogue: 10 },
  ),
  mutant(
    'a decimal keeps ten digits after the point',
    'TYP-007',
    'decimal "0.00000000000000000001"',
    (good) =>
      withCodec(good, 'decimal', () => ({
        encode: (value: string) => value.replace(/(\.\d{10})\d+$/, '$1'),
      })),
    { catalogue: 11 },
  ),
  mutant('false is read as 0', 'TYP-008', 'boolean false', (good) =>
    withCodec(good, 'boolean', () => ({ decode: (value: number) => (value === 1 ? true : value) })),
  ),
  {
    name: 'a bigint is stored as text',
    killedBy: [
      { rule: 'TYP-009', message: 'bigints in the server’s order' },
      { rule: 'STR-013', message: 'a stream whose row 900 overflows' },
    ],
    adapter: (good) =>
      withWriters(
        withCodec(good, 'bigint', () => ({ decode: (value: string | number) => BigInt(value) })),
        {
          write: {
            columnDefinition(out, column, operation, standard) {
              if (column.type.name !== 'bigint' || column.identity !== undefined) {
                return standard.columnDefinition(out, column, operation)
              }
              const asText = { ...column, type: { name: 'text' as const } }
              standard.columnDefinition(out, asText, operation)
            },
          },
        },
      ),
  },
  mutant(
    'integers are bound as doubles',
    'TYP-010',
    'the server’s text of the parameter 1',
    (good) => withCodec(good, 'integer', () => ({ encode: (value: number) => Number(value) })),
  ),
  mutant('a text is trimmed at its end', 'TYP-020', 'text " padded "', (good) =>
    withCodec(good, 'text', () => ({ encode: (value: string) => value.trimEnd() || value })),
  ),
  mutant(
    'two mirrored mistakes swap é and è on their way in and out',
    'TYP-020',
    'written as a parameter and compared by the server',
    (good) => {
      const swap = (value: string) =>
        value.replace(/[éè]/g, (letter) => (letter === 'é' ? 'è' : 'é'))
      return withCodec(good, 'text', () => ({ encode: swap, decode: swap }))
    },
  ),
  mutant(
    'a text ends at its first NUL',
    'TYP-021',
    'text "\\u0000"',
    (good) =>
      withCodec(good, 'text', () => ({
        encode: (value: string) => value.split('\0')[0],
      })),
    { catalogue: 12 },
  ),
  mutant(
    'UTF-8 is decoded chunk by chunk',
    'TYP-022',
    'a text of a megabyte',
    (good) =>
      withCodec(good, 'text', () => ({
        decode: (value: string) => {
          if (value.length < 65_536) return value
          const bytes = Buffer.from(value)
          let text = ''
          for (let at = 0; at < bytes.length; at += 65_536) {
            text += bytes.toString('utf8', at, at + 65_536)
          }
          return text
        },
      })),
    { catalogue: 23 },
  ),
  mutant(
    'a view sends the whole buffer behind it',
    'TYP-023',
    'bytes read back',
    (good) =>
      withCodec(good, 'bytes', () => ({
        encode: (value: Uint8Array) => new Uint8Array(value.buffer),
      })),
    { catalogue: 14 },
  ),
  mutant(
    'equal bytes are one object in every result',
    'TYP-024',
    'bytes of an earlier result after later calls',
    (good) => {
      const interned = new Map<string, Uint8Array>()
      return withCodec(good, 'bytes', () => ({
        decode: (value: Uint8Array) => {
          const key = Buffer.from(value).toString('hex')
          const known = interned.get(key) ?? value
          interned.set(key, known)
          return known
        },
      }))
    },
    { catalogue: 15 },
  ),
  mutant(
    'a JSON document of null becomes SQL’s null',
    'TYP-026',
    'the JSON document null',
    (good) =>
      withCodec(good, 'json', ({ encode }) => ({
        encode: (value: string) =>
          value === 'null' ? null : (encode?.(value as never, { name: 'json' }) ?? value),
      })),
    { catalogue: 16 },
  ),
  mutant(
    'a JSON member called __proto__ is assigned',
    'TYP-026',
    '__proto__',
    (good) =>
      withCodec(good, 'json', () => ({
        decode: (value: string) => {
          const parsed: unknown = JSON.parse(value)
          if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) return value
          const copy: Record<string, unknown> = {}
          for (const [key, member] of Object.entries(parsed)) copy[key] = member
          return JSON.stringify(copy)
        },
      })),
    { catalogue: 17 },
  ),
  mutant('an enum member is looked up in lower case', 'TYP-027', 'enum "UPPER"', (good) =>
    withCodec(good, 'enum', () => ({ decode: (value: string) => value.toLowerCase() })),
  ),
  mutant('an upper-case uuid is kept as it is stored', 'TYP-025', 'uuid', (good) =>
    withCodec(good, 'uuid', () => ({
      encode: (value: string) => (value.startsWith('ffff') ? value.toUpperCase() : value),
      decode: (value: string) => value,
    })),
  ),
  mutant(
    'timestamps before 1970 lose their microseconds',
    'TYP-040',
    'timestamp "1969-12-31T23:59:59.999999Z"',
    (good) =>
      withCodec(good, 'timestamp', ({ encode }) => ({
        encode: (value: string) => {
          const kept = value < '1970' ? value.replace(/(\.\d{3})\d{3}Z$/, '$1000Z') : value
          return encode?.(kept as never, { name: 'timestamp' })
        },
      })),
    { catalogue: 18 },
  ),
  mutant(
    'a timestamp without a zone is read as local time',
    'TYP-041',
    'timestamps written and read at UTC+05:45',
    (good) =>
      withCodec(good, 'timestamp', () => ({
        decode: (value: string) => {
          const [whole = '', fraction = ''] = value.replace(' ', 'T').split('.')
          const local = new Date(whole)
          return `${local.toISOString().slice(0, 19)}.${fraction.padEnd(6, '0')}Z`
        },
      })),
    { catalogue: 19 },
  ),
  mutant(
    'a year below 100 is one of this age',
    'TYP-042',
    'date "0044-03-15"',
    (good) =>
      withCodec(good, 'date', () => ({
        decode: (value: string) => value.replace(/^00(\d\d)/, '19$1'),
      })),
    { catalogue: 20 },
  ),
  mutant('a time of day keeps milliseconds', 'TYP-043', 'time "00:00:00.000001"', (good) =>
    withCodec(good, 'time', ({ decode }) => ({
      decode: (value: never) =>
        String(decode?.(value, { name: 'time' })).replace(/^(00.*\.\d{3})\d+$/, '$1'),
    })),
  ),
  mutant(
    'hours are stored without their leading zero',
    'TYP-044',
    'times in the server’s order',
    (good) =>
      withCodec(good, 'time', ({ encode }) => ({
        encode: (value: string) =>
          String(encode?.(value as never, { name: 'time' })).replace(/^0/, ''),
        decode: (value: string) =>
          value.padStart(value.indexOf(':') === 1 ? value.length + 1 : 0, '0'),
      })),
  ),
]

/** The result with every bigint made a number, however large. */
function rounded(result: Result): Result {
  return {
    ...result,
    rows: (result.rows as readonly unknown[][]).map((row) =>
      row.map((value) => (typeof value === 'bigint' ? Number(value) : value)),
    ),
  }
}
