import { MisuseError } from '@mortise/core/adapter'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { AdapterTypes } from './adapter-types.ts'
import { oid } from './built-in-types.ts'
import type { ReadValue } from './read-text.ts'
import type { CatalogueQuery } from './type-catalogue.ts'
import { parseTypes } from './type-options.ts'

const on = (read: ReadValue | undefined, text: string): unknown => {
  const bytes = Buffer.from(text)
  return read?.(bytes, 0, bytes.length)
}

/** Rows of pg_type as the catalogue's query gives them. */
const rows: { readonly [oid: number]: readonly (string | null)[] } = {
  20001: ['20001', 'public', 'mood', 'e', '0', null, null],
  20002: ['20002', 'public', '_mood', 'a', '20001', ',', null],
  20003: ['20003', 'app', 'pair', 'c', '0', null, '[["a","23"],["__proto__","20002"]]'],
  20004: ['20004', 'app', 'cents', 'd', '23', null, null],
  20005: ['20005', 'app', '_cents', 'a', '20004', ',', null],
  20006: ['20006', 'app', 'loop', 'c', '0', null, '[["self","20006"]]'],
}

function server(): { query: CatalogueQuery; asked: string[] } {
  const asked: string[] = []
  return {
    asked,
    query: async (_sql, parameter) => {
      asked.push(parameter)
      const oids = parameter.slice(1, -1).split(',')
      return oids.flatMap((each) => {
        const row = rows[Number(each)]
        return row === undefined ? [] : [row]
      })
    },
  }
}

afterEach(() => {
  vi.unstubAllGlobals()
})

describe('types that the driver has not met', () => {
  it('have no reader until they are looked up, with everything they refer to', async () => {
    const types = new AdapterTypes()
    const readers = types.readers(undefined)
    const { query, asked } = server()
    expect(readers.reader(20003)).toBeUndefined()
    await types.catalogue.load([20003, oid.int4], query)
    expect(asked).toEqual(['{20003}', '{20002}', '{20001}'])
    const read = on(readers.reader(20003), '(7,"{sad,happy}")') as object
    expect(Object.entries(read)).toEqual([
      ['a', 7],
      ['__proto__', ['sad', 'happy']],
    ])
    await types.catalogue.load([20003], query)
    expect(asked).toHaveLength(3)
  })

  it('are read as what they stand for: domains, also in arrays', async () => {
    const types = new AdapterTypes()
    await types.catalogue.load([20005], server().query)
    expect(on(types.readers(undefined).reader(20005), '{1,NULL,2}')).toEqual([1, null, 2])
  })

  it('are text where the catalogue has none of them, or says that they hold themselves', async () => {
    const types = new AdapterTypes()
    await types.catalogue.load([29999, 20006], server().query)
    expect(on(types.readers(undefined).reader(29999), 'x')).toBe('x')
    expect(on(types.readers(undefined).reader(20006), '(x)')).toEqual({ self: 'x' })
  })

  it('are looked up anew once they were forgotten', async () => {
    const types = new AdapterTypes()
    const readers = types.readers(undefined)
    await types.catalogue.load([20001], server().query)
    const { version } = readers
    types.catalogue.clear()
    expect(readers.version).toBeGreaterThan(version)
    expect(readers.reader(20001)).toBeUndefined()
  })
})

describe('the registry', () => {
  it('takes readers by name and OID, before the preset, also inside other types', async () => {
    const types = new AdapterTypes({
      readers: {
        bigint: (text) => `i${text}`,
        [String(oid.jsonb)]: 'text',
        'public.mood': (text) => text.toUpperCase(),
        cents: (text) => Number(text) / 100,
      },
    })
    const readers = types.readers(undefined)
    await types.catalogue.load([20003, 20005], server().query)
    expect(on(readers.reader(oid.int8), '1')).toBe('i1')
    expect(on(readers.reader(1016), '{1,2}')).toEqual(['i1', 'i2'])
    expect(on(readers.reader(oid.jsonb), '{}')).toBe('{}')
    expect(on(readers.reader(20002), '{sad}')).toEqual(['SAD'])
    expect(on(readers.reader(20005), '{150}')).toEqual([1.5])
  })

  it('is the call’s where the call has one', () => {
    const types = new AdapterTypes('exact')
    const text = '2024-01-01 00:00:00.000001+00'
    expect(on(types.readers(undefined).reader(oid.timestamptz), text)).toBe(text)
    expect(on(types.readers('default').reader(oid.timestamptz), text)).toEqual(
      new Date('2024-01-01'),
    )
    const constant = { preset: 'default' } as const
    expect(types.readers(constant)).toBe(types.readers(constant))
  })

  it.each([
    ['an unknown preset', 'precise'],
    ['an unknown option', { int8: 'text' }],
    ['a reader that is none', { readers: { int8: 'string' } }],
    ['readers that are none', { readers: 'text' }],
    ['a list', []],
    ['null', null],
  ])('refuses %s', (_name, options) => {
    expect(() => parseTypes(options as never)).toThrow(MisuseError)
  })
})

describe('the preset temporal', () => {
  it('needs a runtime with Temporal', () => {
    vi.stubGlobal('Temporal', undefined)
    expect(() => new AdapterTypes('temporal')).toThrow(
      expect.objectContaining({ code: 'TEMPORAL_MISSING' }),
    )
  })

  it('hands Temporal texts of ISO 8601 and exact numbers', () => {
    const from = { from: (given: unknown) => given }
    vi.stubGlobal('Temporal', {
      Instant: class {
        readonly nanoseconds: bigint
        constructor(nanoseconds: bigint) {
          this.nanoseconds = nanoseconds
        }
      },
      PlainDate: from,
      PlainTime: from,
      PlainDateTime: from,
      Duration: from,
    })
    const readers = new AdapterTypes('temporal').readers(undefined)
    const read = (type: number, text: string): unknown => on(readers.reader(type), text)
    expect(read(oid.date, '0044-03-15 BC')).toBe('-000043-03-15')
    expect(read(oid.date, '10000-01-01')).toBe('+010000-01-01')
    expect(read(oid.date, 'infinity')).toBe(Number.POSITIVE_INFINITY)
    expect(read(oid.timestamp, '0001-01-01 00:00:00.000001 BC')).toBe('0000-01-01T00:00:00.000001')
    expect(read(oid.timestamptz, '1969-12-31 23:59:59.999999+00')).toMatchObject({
      nanoseconds: -1000n,
    })
    expect(read(oid.time, '12:00:00.5')).toBe('12:00:00.5')
    expect(() => read(oid.time, '24:00:00')).toThrow('beyond what Temporal')
    expect(read(oid.interval, '-1 mons +2 days -00:00:01.5')).toEqual({
      months: -1,
      days: 2,
      seconds: -1,
      microseconds: -500_000,
    })
  })
})
