import fc from 'fast-check'
import { Temporal } from 'temporal-polyfill'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import type { LogicalType, LogicalTypeName, TypeTable } from '../../contract/index.ts'
import { ValueError } from '../../errors/index.ts'
import { compileCodec, type ValueCodec, type ValueForm } from './index.ts'

const identity: TypeTable = {
  codecs: Object.fromEntries(
    [
      'boolean',
      'integer',
      'bigint',
      'float',
      'decimal',
      'text',
      'bytes',
      'uuid',
      'json',
      'date',
      'time',
      'timestamp',
      'enum',
      'array',
    ].map((name) => [name, { ddl: name }]),
  ),
}

function codecOf(type: LogicalType, form?: ValueForm): ValueCodec {
  return compileCodec(type, form, identity, 'table.column')
}

function roundTrip(codec: ValueCodec, value: unknown): unknown {
  const raw = codec.encode(value)
  return codec.decode === undefined ? raw : codec.decode(raw)
}

beforeAll(() => void vi.stubGlobal('Temporal', Temporal))
afterAll(() => void vi.unstubAllGlobals())

const calendarDay = fc
  .record({
    year: fc.integer({ min: -9999, max: 9999 }),
    month: fc.integer({ min: 1, max: 12 }),
    day: fc.integer({ min: 1, max: 31 }),
  })
  .filter(({ year, month, day }) => {
    const date = new Date(0)
    date.setUTCFullYear(year, month - 1, day)
    return date.getUTCMonth() === month - 1
  })
const clock = fc.record({
  hour: fc.integer({ min: 0, max: 23 }),
  minute: fc.integer({ min: 0, max: 59 }),
  second: fc.integer({ min: 0, max: 59 }),
  micros: fc.integer({ min: 0, max: 999_999 }),
})
const pad = (number: number, digits: number) => String(number).padStart(digits, '0')
const dayText = ({ year, month, day }: { year: number; month: number; day: number }) =>
  `${year < 0 ? '-' : ''}${pad(Math.abs(year), 4)}-${pad(month, 2)}-${pad(day, 2)}`
const instant = fc.date({
  min: new Date('-009999-01-01T00:00:00Z'),
  max: new Date('9999-12-31T23:59:59.999Z'),
  noInvalidDate: true,
})
const digits = fc.stringMatching(/^-?(0|[1-9][0-9]{0,30})(\.[0-9]{1,30})?$/)
const wellFormed = fc.string({ unit: 'binary' })
const anyText = fc
  .array(fc.integer({ min: 0, max: 0xffff }))
  .map((units) => String.fromCharCode(...units))

describe('every value of a type comes back the same', () => {
  const cases: readonly [string, LogicalType, ValueForm | undefined, fc.Arbitrary<unknown>][] = [
    ['boolean', { name: 'boolean' }, undefined, fc.boolean()],
    ['integer', { name: 'integer' }, 'number', fc.maxSafeInteger()],
    [
      'integer of 16 bits',
      { name: 'integer', bits: 16 },
      undefined,
      fc.integer({ min: -32_768, max: 32_767 }),
    ],
    ['bigint', { name: 'bigint' }, 'bigint', fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })],
    [
      'bigint as string',
      { name: 'bigint' },
      'string',
      fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(String),
    ],
    ['float', { name: 'float' }, undefined, fc.double()],
    ['decimal', { name: 'decimal' }, undefined, digits.filter((text) => !/^-[0.]+$/.test(text))],
    ['text', { name: 'text' }, undefined, wellFormed],
    ['bytes', { name: 'bytes' }, undefined, fc.uint8Array()],
    ['uuid', { name: 'uuid' }, undefined, fc.uuid()],
    [
      'json',
      { name: 'json' },
      'parsed',
      fc.jsonValue({ stringUnit: 'binary' }).filter((v) => v !== null),
    ],
    [
      'json of any finite numbers',
      { name: 'json' },
      'parsed',
      fc.array(fc.double({ noNaN: true, noDefaultInfinity: true })),
    ],
    ['json as text', { name: 'json' }, 'text', fc.json({ stringUnit: 'binary' })],
    ['date', { name: 'date' }, undefined, calendarDay.map(dayText)],
    ['timestamp', { name: 'timestamp' }, 'date', instant],
    ['enum', { name: 'enum', values: ['a', 'b', ''] }, undefined, fc.constantFrom('a', 'b', '')],
    [
      'array',
      { name: 'array', element: { name: 'array', element: { name: 'float' } } },
      undefined,
      fc.array(fc.option(fc.array(fc.option(fc.double())))),
    ],
  ]

  test.each(cases)('%s', (_, type, form, values) => {
    const codec = codecOf(type, form)
    fc.assert(
      fc.property(values, (value) => {
        expect(roundTrip(codec, value)).toStrictEqual(value)
      }),
      { numRuns: 1000 },
    )
  })

  test('timestamp, as text and Temporal, to the microsecond', () => {
    const text = codecOf({ name: 'timestamp' }, 'string')
    const temporal = codecOf({ name: 'timestamp' }, 'temporal')
    fc.assert(
      fc.property(instant, fc.integer({ min: 0, max: 999 }), (date, micros) => {
        const value = new Temporal.Instant(
          BigInt(date.getTime()) * 1_000_000n + BigInt(micros) * 1000n,
        )
        const written = text.encode(value)
        expect(roundTrip(text, written)).toBe(written)
        expect((roundTrip(temporal, value) as Temporal.Instant).equals(value)).toBe(true)
      }),
      { numRuns: 1000 },
    )
  })

  test('date and time, as Temporal', () => {
    const date = codecOf({ name: 'date' }, 'temporal')
    const time = codecOf({ name: 'time' }, 'temporal')
    fc.assert(
      fc.property(calendarDay, clock, (day, { hour, minute, second, micros }) => {
        const plainDate = new Temporal.PlainDate(day.year, day.month, day.day)
        expect((roundTrip(date, plainDate) as Temporal.PlainDate).equals(plainDate)).toBe(true)
        const plainTime = new Temporal.PlainTime(
          hour,
          minute,
          second,
          Math.floor(micros / 1000),
          micros % 1000,
        )
        expect((roundTrip(time, plainTime) as Temporal.PlainTime).equals(plainTime)).toBe(true)
      }),
      { numRuns: 1000 },
    )
  })
})

describe('the text of a timestamp', () => {
  const codec = codecOf({ name: 'timestamp' }, 'string')
  const zone = fc.record({
    sign: fc.constantFrom(1, -1),
    hours: fc.integer({ min: 0, max: 23 }),
    minutes: fc.integer({ min: 0, max: 59 }),
  })

  /** Microseconds since 1970 in BigInt, by the platform's calendar. */
  function epochMicros(
    day: { year: number; month: number; day: number },
    seconds: number,
    micros: number,
  ) {
    const date = new Date(0)
    date.setUTCFullYear(day.year, day.month - 1, day.day)
    return (BigInt(date.getTime()) + BigInt(seconds) * 1000n) * 1000n + BigInt(micros)
  }

  test('is moved to UTC as BigInt arithmetic moves it', () => {
    const inside = calendarDay.filter(({ year }) => Math.abs(year) < 9999)
    fc.assert(
      fc.property(inside, clock, zone, fc.integer({ min: 0, max: 3 }), (day, at, offset, extra) => {
        const seconds = at.hour * 3600 + at.minute * 60 + at.second
        const offsetSeconds = offset.sign * (offset.hours * 3600 + offset.minutes * 60)
        const expected = epochMicros(day, seconds - offsetSeconds, at.micros)
        const text = `${dayText(day)}T${pad(at.hour, 2)}:${pad(at.minute, 2)}:${pad(at.second, 2)}.${pad(at.micros, 6)}${'0'.repeat(extra)}${offset.sign === 1 ? '+' : '-'}${pad(offset.hours, 2)}:${pad(offset.minutes, 2)}`
        const canonical = codec.encode(text) as string

        const micros = BigInt(canonical.slice(-4, -1))
        const iso = canonical.startsWith('-') ? `-00${canonical.slice(1)}` : canonical
        const epochMs = Date.parse(`${iso.slice(0, -4)}Z`)
        expect(BigInt(epochMs) * 1000n + micros).toBe(expected)

        const date = codecOf({ name: 'timestamp' }).decode?.(canonical) as Date
        expect(date.getTime()).toBe(epochMs)
      }),
      { numRuns: 2000 },
    )
  })

  test('of a Date is what toISOString says, with microseconds', () => {
    fc.assert(
      fc.property(instant, (date) => {
        const iso = date.toISOString().replace(/^-00/, '-').replace('Z', '000Z')
        expect(codec.encode(date)).toBe(iso)
      }),
      { numRuns: 2000 },
    )
  })
})

describe('whatever is given is kept or refused', () => {
  /** Whether the value read says what the value written said. */
  function isKept(name: LogicalTypeName, written: unknown, read: unknown): boolean {
    if (name === 'bigint') return BigInt(written as never) === read
    if (name === 'decimal') return String(written) === read
    if (name === 'uuid') return String(written).toLowerCase() === read
    if (name === 'timestamp') {
      const given = written instanceof Date ? written : new Date(String(written))
      return Math.floor(given.getTime()) === (read as Date).getTime()
    }
    if (name === 'json')
      return JSON.stringify(written) === JSON.stringify(read).replaceAll('-0', '-0')
    return Object.is(written, read)
  }

  const names = Object.keys(identity.codecs) as LogicalTypeName[]
  const likely = fc.oneof(
    fc.anything({
      withDate: true,
      withBigInt: true,
      withTypedArray: true,
      withNullPrototype: true,
    }),
    fc.date(),
    fc.bigInt(),
    fc.double(),
    anyText,
    digits,
    calendarDay.map(dayText),
    instant.map((date) => date.toISOString()),
    fc.uuid().map((text) => text.toUpperCase()),
  )

  test.each(names.filter((name) => name !== 'json' && name !== 'array'))('%s', (name) => {
    const codec = codecOf({ name, values: ['a'] })
    fc.assert(
      fc.property(
        likely.filter((value) => value !== null && value !== undefined),
        (value) => {
          let read: unknown
          try {
            read = roundTrip(codec, value)
          } catch (error) {
            expect(error).toBeInstanceOf(ValueError)
            return
          }
          expect(isKept(name, value, read)).toBe(true)
        },
      ),
      { numRuns: 2000 },
    )
  })

  test('json', () => {
    const codec = codecOf({ name: 'json' })
    const documents = fc.anything({
      withBigInt: true,
      withDate: true,
      withMap: true,
      withSet: true,
      withTypedArray: true,
      withSparseArray: true,
      withUnicodeString: true,
      withNullPrototype: true,
    } as fc.ObjectConstraints)
    fc.assert(
      fc.property(
        documents.filter((value) => value !== null && value !== undefined),
        (value) => {
          let read: unknown
          try {
            read = roundTrip(codec, value)
          } catch (error) {
            expect(error).toBeInstanceOf(ValueError)
            return
          }
          // What JSON leaves out or says by toJSON, and prototypes, are all that may differ.
          expect(read).toEqual(plain(value))
        },
      ),
      { numRuns: 3000 },
    )
  })

  function plain(value: unknown): unknown {
    if (value instanceof Date) return value.toISOString()
    if (Array.isArray(value)) return value.map(plain)
    if (typeof value !== 'object' || value === null) return value
    return Object.fromEntries(
      Object.entries(value).flatMap(([key, member]) =>
        member === undefined ? [] : [[key, plain(member)]],
      ),
    )
  }
})

test('no refusal holds the value', () => {
  const secret = 'swordfish'
  const values: readonly unknown[] = [
    secret,
    `\ud800${secret}`,
    { [secret]: Number.NaN },
    { [secret]: secret, big: 1n },
    [secret, undefined],
    `{${secret}}`,
    `2024-01-02T03:04:05${secret}`,
    Object.assign(new Map(), { [secret]: secret }),
    Symbol(secret),
    function swordfish() {},
  ]
  const types: readonly LogicalType[] = [
    ...(Object.keys(identity.codecs) as LogicalTypeName[])
      .filter((name) => name !== 'array')
      .map((name): LogicalType => ({ name, values: ['a'], length: 1 })),
    { name: 'array', element: { name: 'integer' } },
  ]
  let refused = 0
  for (const type of types) {
    for (const form of type.name === 'json' ? (['parsed', 'text'] as const) : [undefined]) {
      const codec = codecOf(type, form)
      for (const value of values) {
        for (const convert of [codec.encode, codec.decode ?? codec.encode]) {
          try {
            convert(value)
          } catch (error) {
            refused++
            expect(error).toBeInstanceOf(ValueError)
            expect(`${error} ${(error as Error).stack} ${JSON.stringify(error)}`).not.toContain(
              secret,
            )
            expect((error as Error).cause).toBeUndefined()
          }
        }
      }
    }
  }
  expect(refused).toBeGreaterThan(200)
})
