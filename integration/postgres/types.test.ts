import { lowerBoundsOf, PostgresInterval, postgres } from '@mortise/adapter-postgres'
import { createRepo, defineTable, sql, t } from '@mortise/core'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type PostgresServer, startServer } from './server.ts'

let server: PostgresServer
let repo: ReturnType<typeof open>

function open() {
  const { host, port, user, password, database } = server
  return createRepo({
    adapter: postgres({ host, port, user, password, database, sslMode: 'disable' }),
    pool: { size: 1 },
  })
}

beforeAll(async () => {
  server = await startServer()
  repo = open()
})
afterAll(async () => {
  await repo?.close()
  await server?.stop()
})

/** The one value of a raw query. */
async function one(text: string, values: readonly unknown[] = [], options?: object) {
  const { rows } = await repo.query(`select ${text} as v`, values, options)
  return (rows[0] as { v: unknown }).v
}

/** Runs with session settings that last no longer than the function. */
async function hostile<T>(settings: readonly string[], run: () => Promise<T>): Promise<T> {
  return repo.transaction(async () => {
    for (const setting of settings) await repo.query(`set local ${setting}`)
    return run()
  })
}

const texts = fc.string({ unit: 'binary' }).filter((text) => !text.includes('\0'))
const dates = fc.date({
  noInvalidDate: true,
  min: new Date('-004700-01-01T00:00:00Z'),
  max: new Date('+200000-01-01T00:00:00Z'),
})

describe('values that the server made from a parameter’s text', () => {
  const cases: [string, fc.Arbitrary<unknown>][] = [
    ['bool', fc.boolean()],
    ['int2', fc.integer({ min: -32_768, max: 32_767 })],
    ['int4', fc.integer()],
    ['int8', fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n)],
    ['float8', fc.double()],
    ['text', texts],
    ['bytea', fc.uint8Array()],
    ['int4[]', fc.array(fc.option(fc.integer()))],
    ['text[]', fc.array(fc.option(fc.oneof(texts, fc.constantFrom('NULL', '', '{}', '"\\'))))],
    ['bytea[]', fc.array(fc.option(fc.uint8Array()))],
    ['timestamptz', fc.date({ noInvalidDate: true, min: new Date(0), max: new Date('9999') })],
  ]

  it.each(cases)('%s come back as they were', async (type, values) => {
    await fc.assert(
      fc.asyncProperty(values, async (value) => {
        expect(await one(`$1::${type}`, [value])).toEqual(value)
      }),
      { numRuns: 60 },
    )
  })
})

describe('raw values against the server’s own literals', () => {
  it.each<[string, unknown]>([
    [`1.10::numeric`, '1.10'],
    [`'NaN'::numeric`, 'NaN'],
    [
      `9999999999999999999999999999.99999999999999999999::numeric`,
      '9999999999999999999999999999.99999999999999999999',
    ],
    [`'NaN'::float8`, Number.NaN],
    [`'-0'::float8`, -0],
    [`'infinity'::timestamptz`, Number.POSITIVE_INFINITY],
    [`'infinity'::date`, 'infinity'],
    [`date '0044-03-15 BC'`, '0044-03-15 BC'],
    [`timestamptz '0044-03-15 12:00:00+00 BC'`, new Date('-000043-03-15T12:00:00Z')],
    [`timestamp '2024-01-01 00:00:00.000001'`, '2024-01-01 00:00:00.000001'],
    [`time '24:00:00'`, '24:00:00'],
    [`timetz '12:00:00.5+05:45'`, '12:00:00.5+05:45'],
    [
      `interval '1 mon -2 days 3.000001 sec'`,
      new PostgresInterval({ months: 1, days: -2, microseconds: 3_000_001n }),
    ],
    [`'"x"'::"char"`, '"'],
    [`'abc'::name`, 'abc'],
    [`4294967295::oid`, 4_294_967_295],
    [`'{"a":[1,"é"]}'::jsonb`, { a: [1, 'é'] }],
    [`'1.2.3.4/24'::inet`, '1.2.3.4/24'],
    [`b'101'`, '101'],
    [`point(1,2)`, '(1,2)'],
    [`array[box(point(1,2),point(3,4)),null]`, ['(3,4),(1,2)', null]],
    [
      `array[[1,2],[3,null]]`,
      [
        [1, 2],
        [3, null],
      ],
    ],
    [`'{}'::int[]`, []],
    [`array['{"a":1}']::jsonb[]`, [{ a: 1 }]],
    [`null::int[]`, null],
    [
      `int8range(1,5)`,
      { empty: false, lower: 1n, upper: 5n, lowerInclusive: true, upperInclusive: false },
    ],
    [
      `'empty'::int4range`,
      { empty: true, lower: null, upper: null, lowerInclusive: false, upperInclusive: false },
    ],
    [
      `tstzrange('2024-01-01 00:00:00+00', 'infinity', '[]')`,
      {
        empty: false,
        lower: new Date('2024-01-01'),
        upper: Number.POSITIVE_INFINITY,
        lowerInclusive: true,
        upperInclusive: true,
      },
    ],
    [
      `numrange(null, 1.50)`,
      { empty: false, lower: null, upper: '1.50', lowerInclusive: false, upperInclusive: false },
    ],
    [`'{}'::datemultirange`, []],
    [
      `array[int4range(1,2)]`,
      [{ empty: false, lower: 1, upper: 2, lowerInclusive: true, upperInclusive: false }],
    ],
    [`row(1,'a')`, '(1,a)'],
  ])('%s', async (literal, expected) => {
    expect(await one(literal)).toStrictEqual(expected)
  })

  it('keep the bounds of an array', async () => {
    const array = (await one(`'[0:1]={a,b}'::text[]`)) as string[]
    expect(array).toEqual(['a', 'b'])
    expect(lowerBoundsOf(array)).toEqual([0])
  })

  it('refuse a json number that would change, and give it as text to the preset exact', async () => {
    await expect(one(`'9007199254740993'::jsonb`)).rejects.toThrow("'exact'")
    expect(await one(`'9007199254740993'::jsonb`, [], { types: 'exact' })).toBe('9007199254740993')
    const readers = { numeric: Number }
    expect(await one('array[1.5]::numeric[]', [], { types: { readers } })).toEqual([1.5])
    await expect(one('1', [], { types: 'none' })).rejects.toThrow('types.preset')
  })
})

describe('untyped arrays', () => {
  it('are what any() takes', async () => {
    expect(await one('2 = any($1)', [[1, 2]])).toBe(true)
    expect(await one('2 = any($1)', [[]])).toBe(false)
    expect(await one('$1::int[]', [[[1], [2]]])).toEqual([[1], [2]])
  })

  it('are never taken for a JSON object', async () => {
    await expect(one('$1::jsonb', [[]])).rejects.toMatchObject({ kind: 'data' })
  })
})

describe('types of the database’s own', () => {
  it('are read by what they are, from the first result on, also under a hostile search_path', async () => {
    await repo.query(`create schema odd`)
    await repo.query(`create type odd.mood as enum ('sad', 'so "so"')`)
    await repo.query(`create domain odd.cents as int8 check (value >= 0)`)
    await repo.query(`create type odd.pair as (a odd.cents, "__proto__" odd.mood[], c text)`)
    await repo.query(`create type odd.moods as range (subtype = text)`)
    // What is unqualified in catalogue SQL would be found here first.
    await repo.query(`create table odd.pg_type (oid int)`)
    const read = await hostile([`search_path = odd, pg_catalog`], () =>
      one(`array[row(7, '{sad,"so \\"so\\""}', ' x')::odd.pair, null]`),
    )
    const [pair, nothing] = read as [object, null]
    expect(nothing).toBeNull()
    expect(Object.entries(pair)).toEqual([
      ['a', 7n],
      ['__proto__', ['sad', 'so "so"']],
      ['c', ' x'],
    ])
    expect(await one(`odd.moods('a', 'b,"c"')`)).toMatchObject({ lower: 'a', upper: 'b,"c"' })
    expect(await one(`array[5]::odd.cents[]`)).toEqual([5n])
    expect(await one(`'sad'::odd.mood`, [], { types: { readers: { 'odd.mood': () => 1 } } })).toBe(
      1,
    )
  })

  it('answer calls in flight together, each with its own result', async () => {
    await repo.query(`create type odd.hue as enum ('red', 'blue')`)
    const asked = Array.from({ length: 8 }, (_, i) =>
      one(`array['red']::odd.hue[] || '{blue}', ${i}`.split(', ')[0] ?? ''),
    )
    for (const answer of await Promise.all(asked)) expect(answer).toEqual(['red', 'blue'])
  })

  it('that were altered are read right after one refusal', async () => {
    await repo.query(`create type odd.growing as (a int)`)
    expect(await one(`row(1)::odd.growing`)).toEqual({ a: 1 })
    await repo.query(`alter type odd.growing add attribute b text`)
    await one(`row(1, 'x')::odd.growing`).catch(() => {})
    expect(await one(`row(1, 'x')::odd.growing`)).toEqual({ a: 1, b: 'x' })
  })
})

describe('settings of the session', () => {
  it.each(['UTC', 'Asia/Kathmandu', 'America/St_Johns', 'Africa/Monrovia'])(
    'an instant is the same in the time zone %s',
    async (zone) => {
      await hostile([`timezone = '${zone}'`], () =>
        fc.assert(
          fc.asyncProperty(dates, async (date) => {
            const micros = BigInt(date.getTime()) * 1000n
            const text = `timestamptz 'epoch' + interval '${micros} microseconds'`
            expect(await one(text)).toEqual(date)
          }),
          { numRuns: 25 },
        ),
      )
    },
  )

  it.each(['SQL, DMY', 'German', 'Postgres, MDY'])(
    'DateStyle %s is refused, not misread',
    async (style) => {
      await expect(
        hostile([`datestyle = '${style}'`], () => one(`timestamp '2024-03-04 01:02:03'`)),
      ).rejects.toThrow('DateStyle')
      await expect(hostile([`datestyle = '${style}'`], () => one('now()'))).rejects.toThrow(
        'DateStyle',
      )
    },
  )

  it('an interval is the same in the styles that say it plainly, and refused in the others', async () => {
    const int32 = fc.integer({ min: -2_000_000, max: 2_000_000 })
    const parts = fc.record({
      months: int32,
      days: int32,
      microseconds: fc.bigInt(-(2n ** 60n), 2n ** 60n),
    })
    for (const style of ['postgres', 'iso_8601']) {
      await hostile([`intervalstyle = ${style}`], () =>
        fc.assert(
          fc.asyncProperty(parts, async (given) => {
            const interval = new PostgresInterval(given)
            expect(await one('$1::interval', [String(interval)])).toEqual(interval)
          }),
          { numRuns: 40 },
        ),
      )
    }
    for (const style of ['sql_standard', 'postgres_verbose']) {
      await expect(
        hostile([`intervalstyle = ${style}`], () => one(`interval '-1 mon +2 days'`)),
      ).rejects.toThrow('IntervalStyle')
    }
  })

  it('bytes are the same in both formats', async () => {
    await hostile([`bytea_output = 'escape'`], () =>
      fc.assert(
        fc.asyncProperty(fc.uint8Array(), async (bytes) => {
          expect(await one('$1::bytea', [bytes])).toEqual(bytes)
          expect(await one('$1::bytea[]', [[bytes, null]])).toEqual([bytes, null])
        }),
        { numRuns: 40 },
      ),
    )
  })

  it('a double has every digit that extra_float_digits gives it', async () => {
    expect(await hostile([`extra_float_digits = 3`], () => one('1::float8 / 3'))).toBe(1 / 3)
  })
})

describe('columns of a table', () => {
  const table = defineTable('typed', {
    id: t.id(),
    words: t.array(t.text(), { nullable: true }),
    grid: t.array(t.array(t.integer())),
    days: t.array(t.date({ nullable: true })),
    prices: t.array(t.decimal()),
    blobs: t.array(t.bytes()),
    docs: t.array(t.json()),
    born: t.date(),
    seen: t.timestamp({ as: 'string' }),
  })

  it('hold arrays and years before Christ', async () => {
    await repo.query(sql`create table ${table} (id int generated by default as identity primary key,
      words text[], grid int[][], days date[], prices numeric[], blobs bytea[], docs jsonb[],
      born date, seen timestamptz)`)
    const values = {
      words: ['a', 'NULL', '', '"\\{},'],
      grid: [
        [1, 2],
        [3, 4],
      ],
      days: ['-0043-03-15', null, '2024-02-29'],
      prices: ['1.50', '0.00000000000000000001'],
      blobs: [Uint8Array.of(0, 255, 92)],
      docs: [{ a: ['"'] }, [1]],
      born: '0000-12-31',
      seen: '-0043-03-15T12:00:00.123456Z',
    }
    const written = await repo.insert(table, values)
    expect(await repo.get(table, written.id)).toEqual({ id: written.id, ...values })
    const empty = { ...values, words: null, grid: [], days: [], prices: [], blobs: [], docs: [] }
    const second = await repo.insert(table, empty)
    expect(await repo.get(table, second.id)).toEqual({ id: second.id, ...empty })
    expect(await one(`(select born::text from typed where id = 1)`)).toBe('0001-12-31 BC')
  })

  it('refuse what would be lost', async () => {
    await repo.query(`update typed set words = '[0:0]={a}' where id = 1`)
    await expect(repo.get(table, 1)).rejects.toThrow('index 1')
    await repo.query(`update typed set words = null, prices = '{NaN}' where id = 1`)
    expect(await repo.query('select prices from typed where id = 1')).toMatchObject({
      rows: [{ prices: ['NaN'] }],
    })
  })
})
