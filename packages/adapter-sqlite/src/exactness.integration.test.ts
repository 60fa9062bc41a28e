import {
  type Connection,
  type LogicalType,
  type Request,
  type RowShape,
  type TypeCodec,
  ValueError,
} from '@mortise/core/adapter'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { types } from './codecs.ts'
import { built, fixtures, places, rows, run, statement } from './testing/fixture.ts'

const codec = (name: LogicalType['name']): TypeCodec => types.codecs[name] as TypeCodec
const encode = (name: LogicalType['name'], value: unknown): unknown => {
  const { encode } = codec(name)
  return encode === undefined ? value : encode(value as never, { name })
}
const decode = (name: LogicalType['name'], value: unknown): unknown => {
  const { decode } = codec(name)
  return decode === undefined ? value : decode(value as never, { name })
}

/** A shape of one column, as the runtime would give it. */
const shapeOf = (name: LogicalType['name']): RowShape => ({
  columns: [
    {
      property: 'a',
      type: { name },
      decode: (value) => decode(name, value),
    },
  ],
  attach: undefined,
})

const int64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })
const safe = fc.maxSafeInteger().map((value) => (Object.is(value, -0) ? 0 : value))
const double = fc.double({ noNaN: true }).filter((value) => !Object.is(value, -0))
const anyText = fc.string({ unit: 'binary', maxLength: 40 })
const decimal = fc
  .tuple(fc.boolean(), fc.bigInt({ min: 0n, max: 10n ** 40n }), fc.option(fc.nat(10 ** 9)))
  .map(([minus, whole, part]) => `${minus ? '-' : ''}${whole}${part === null ? '' : `.${part}`}`)
const time = fc
  .date({ min: new Date(0), max: new Date('9999-12-31T23:59:59.999Z'), noInvalidDate: true })
  .chain((date) =>
    fc
      .nat(999)
      .map((micros) => `${date.toISOString().slice(0, -1)}${String(micros).padStart(3, '0')}Z`),
  )

const values: readonly [LogicalType['name'], fc.Arbitrary<unknown>][] = [
  ['boolean', fc.boolean()],
  ['integer', safe],
  ['bigint', int64],
  ['float', double],
  ['decimal', decimal],
  ['text', anyText],
  ['bytes', fc.uint8Array({ maxLength: 40 })],
  ['uuid', fc.uuid()],
  ['json', fc.json()],
]

describe.each(places)('exactness ($driver, $place)', (place) => {
  const fixture = fixtures()

  it.each(values)('keeps every %s through a STRICT column', async (name, arbitrary) => {
    const connection = await fixture(place).connect()
    const { ddl } = codec(name)
    await run(connection, `create table t (a ${String(ddl)}) strict`)
    const insert = statement('insert into t values (?)')
    const returning = statement('insert into t values (?) returning a')
    const select = statement('select a from t')
    const shape = shapeOf(name)
    await fc.assert(
      fc.asyncProperty(arbitrary, async (value) => {
        await run(connection, 'delete from t')
        const parameters = [encode(name, value)]
        await run(connection, insert.sql, parameters, { statement: insert })
        const back = await run(connection, returning.sql, parameters, {
          statement: returning,
          shape,
        })
        expect(built(back, shape)).toEqual([{ a: value }])
        const found = await run(connection, select.sql, [], { statement: select, shape })
        expect(built(found, shape)).toEqual([{ a: value }, { a: value }])
      }),
      { numRuns: place.place === 'file' ? 30 : 200 },
    )
  })

  it('binds what SQLite itself takes for the same literal', async () => {
    const connection = await fixture(place).connect()
    const same = async (parameter: unknown, literal: string): Promise<void> => {
      const [[type, text, bytes]] = (await rows(
        connection,
        `select typeof(?) = typeof(${literal}), quote(?) = quote(${literal}), hex(?) = hex(${literal})`,
        [parameter, parameter, parameter],
      )) as [[number, number, number]]
      expect([type, text, bytes], literal).toEqual([1, 1, 1])
    }
    await fc.assert(
      fc.asyncProperty(safe, int64, fc.uint8Array(), async (integer, big, bytes) => {
        await same(encode('integer', integer), String(integer))
        // SQLite reads the literal -9223372036854775808 as a REAL that is negated.
        if (big !== -(2n ** 63n)) await same(encode('bigint', big), String(big))
        await same(encode('bytes', bytes), `x'${Buffer.from(bytes).toString('hex')}'`)
      }),
      { numRuns: 50 },
    )
    await fc.assert(
      fc.asyncProperty(
        anyText.filter((text) => !text.includes('\0')),
        async (text) => {
          await same(encode('text', text), `'${text.replaceAll("'", "''")}'`)
        },
      ),
      { numRuns: 50 },
    )
    await same(encode('float', 2), '2.0')
    await same(encode('float', 1e300), '1e300')
    await same(encode('boolean', true), '1')
    await same(null, 'null')
  })

  it('keeps NUL inside of text, to the byte', async () => {
    const connection = await fixture(place).connect()
    await run(connection, 'create table t (a text) strict')
    await run(connection, 'insert into t values (?)', ['a\0b\0'])
    expect(await rows(connection, 'select a, hex(a), octet_length(a) from t')).toEqual([
      ['a\0b\0', '61006200', 4],
    ])
    expect(await rows(connection, 'select a = ? from t', ['a\0b\0'])).toEqual([[1]])
    expect(await rows(connection, 'select a = ? from t', ['a'])).toEqual([[0]])
  })

  it('keeps the infinities, and refuses NaN and −0 before anything is sent', async () => {
    const connection = await fixture(place).connect()
    await run(connection, 'create table t (a real) strict')
    for (const value of [
      Number.POSITIVE_INFINITY,
      Number.NEGATIVE_INFINITY,
      5e-324,
      1.7976931348623157e308,
    ]) {
      await run(connection, 'delete from t')
      await run(connection, 'insert into t values (?)', [encode('float', value)])
      expect(await rows(connection, 'select a from t')).toEqual([[value]])
    }
    expect(() => encode('float', Number.NaN)).toThrow(ValueError)
    expect(() => encode('float', -0)).toThrow(ValueError)
  })

  it('binds a view of part of a buffer, and gives bytes that belong to the reader', async () => {
    const connection = await fixture(place).connect()
    const whole = new Uint8Array([1, 2, 3, 4, 5])
    const [[hex, bytes, again, empty]] = (await rows(connection, 'select hex(?), ?, ?, ?', [
      whole.subarray(1, 3),
      whole.subarray(1, 3),
      Buffer.from(whole).subarray(2),
      new Uint8Array(0),
    ])) as [[string, Uint8Array, Uint8Array, Uint8Array]]
    expect(hex).toBe('0203')
    expect(bytes).toEqual(new Uint8Array([2, 3]))
    expect(Object.getPrototypeOf(bytes)).toBe(Uint8Array.prototype)
    expect(bytes.buffer.byteLength).toBe(2)
    expect(again).toEqual(new Uint8Array([3, 4, 5]))
    expect(empty).toEqual(new Uint8Array(0))
    bytes[0] = 99
    expect(whole[1]).toBe(2)
    expect(
      await rows(connection, "select typeof(?), typeof(x''), x''", [new Uint8Array(0)]),
    ).toEqual([['blob', 'blob', new Uint8Array(0)]])
  })

  describe('integers beyond 2^53', () => {
    const big = 2n ** 53n + 1n
    const table = async (connection: Connection): Promise<void> => {
      await run(connection, 'create table t (i integer primary key, a any, r real) strict')
      await run(connection, 'insert into t values (1, 5, 1e18), (2, ?, 1e300), (3, null, ?)', [
        big,
        Number.POSITIVE_INFINITY,
      ])
    }

    it('raise in a raw query, and name the option', async () => {
      const connection = await fixture(place).connect()
      await table(connection)
      const select = statement('select i, a from t order by i')
      for (let i = 0; i < 2; i++) {
        const error = await run(connection, select.sql, [], { statement: select }).catch(
          (error: unknown) => error,
        )
        expect(error).toBeInstanceOf(ValueError)
        expect((error as Error).message).toContain("integers: 'bigint'")
        expect((error as Error).message).toContain('"a"')
        expect((error as Error).message).not.toContain(String(big))
      }
    })

    it('raise also for the smallest, which node:sqlite does not', async () => {
      const connection = await fixture(place).connect()
      await run(connection, 'create table t (a integer) strict')
      await run(connection, 'insert into t values (?)', [-(2n ** 63n)])
      await expect(run(connection, 'select a from t')).rejects.toThrow("integers: 'bigint'")
    })

    it('are bigint with the option, of the call or of the adapter', async () => {
      const connection = await fixture(place).connect()
      await table(connection)
      const sql = 'select i, a from t order by i'
      const expected = [
        [1n, 5n],
        [2n, big],
        [3n, null],
      ]
      expect(await rows(connection, sql, [], { options: { integers: 'bigint' } })).toEqual(expected)
      const other = await fixture(place, { integers: 'bigint' }).connect()
      await table(other)
      expect(await rows(other, sql)).toEqual(expected)
      expect(
        await rows(other, 'select i from t where i = 1', [], { options: { integers: 'number' } }),
      ).toEqual([[1]])
    })

    it('are told from REALs of the same size', async () => {
      const connection = await fixture(place).connect()
      await table(connection)
      const select = statement('select r, i from t order by i')
      for (let i = 0; i < 2; i++) {
        expect(await rows(connection, select.sql, [], { statement: select })).toEqual([
          [1e18, 1],
          [1e300, 2],
          [Number.POSITIVE_INFINITY, 3],
        ])
      }
    })

    it('come as bigint in a column of 64 bits, next to numbers in others', async () => {
      const connection = await fixture(place).connect()
      await table(connection)
      const shape: RowShape = {
        columns: [
          { property: 'i', type: { name: 'integer' }, decode: undefined },
          { property: 'a', type: { name: 'bigint' }, decode: (value) => decode('bigint', value) },
          { property: 'r', type: { name: 'float' }, decode: undefined },
        ],
        attach: undefined,
      }
      const select = statement('select i, a, r from t where i >= ? order by i')
      const read = async (from: bigint) =>
        built(await run(connection, select.sql, [from], { statement: select, shape }), shape)
      const all = [
        { i: 1, a: 5n, r: 1e18 },
        { i: 2, a: big, r: 1e300 },
        { i: 3, a: null, r: Number.POSITIVE_INFINITY },
      ]
      expect(await read(3n)).toEqual(all.slice(2))
      expect(await read(3n)).toEqual(all.slice(2))
      expect(await read(1n)).toEqual(all)
      expect(await read(3n)).toEqual(all.slice(2))
    })

    it('raise in a column of numbers', async () => {
      const connection = await fixture(place).connect()
      await table(connection)
      for (const name of ['integer', 'boolean'] as const) {
        await expect(
          run(connection, 'select a from t where i = 2', [], { shape: shapeOf(name) }),
        ).rejects.toBeInstanceOf(ValueError)
      }
      await run(connection, 'update t set a = 1152921504606846976 where i = 2')
      expect(
        await rows(connection, 'select a from t where i = 2', [], { shape: shapeOf('float') }),
      ).toEqual([[2 ** 60]])
    })

    it('undo a write that returns one, outside of a transaction', async () => {
      const connection = await fixture(place).connect()
      await run(connection, 'create table t (a integer)')
      const insert = 'insert into t values (?) returning a'
      await expect(run(connection, insert, [big])).rejects.toBeInstanceOf(ValueError)
      await expect(
        run(connection, insert, [big], { shape: shapeOf('integer') }),
      ).rejects.toBeInstanceOf(ValueError)
      expect(connection.transactionStatus).toBe('idle')
      expect(await rows(connection, 'select count(*) from t')).toEqual([[0]])
      expect(await rows(connection, insert, [big], { options: { integers: 'bigint' } })).toEqual([
        [big],
      ])
      expect(await rows(connection, 'select count(*) from t')).toEqual([[1]])
    })

    it('fail the transaction in which a write returns one', async () => {
      const connection = await fixture(place).connect()
      await run(connection, 'create table t (a integer)')
      await connection.control?.({ kind: 'begin' })
      await expect(
        run(connection, 'insert into t values (?) returning a', [big]),
      ).rejects.toMatchObject({
        name: 'DatabaseError',
        kind: 'data',
        cause: expect.any(ValueError),
      })
      expect(connection.transactionStatus).toBe('active')
    })

    it('are told exactly as the last inserted id', async () => {
      const connection = await fixture(place).connect()
      await run(connection, 'create table t (a integer primary key)')
      for (const id of [big, big + 1n, 2n ** 63n - 1n]) {
        const result = await run(connection, 'insert into t values (?)', [id])
        expect(result.lastInsertId).toBe(id)
      }
    })
  })

  it('refuses a stored value that is not of its column’s type', async () => {
    const connection = await fixture(place).connect()
    await run(connection, 'create table t (a)')
    const cases: readonly [LogicalType['name'], string][] = [
      ['integer', "'1'"],
      ['integer', '1.5'],
      ['integer', "x'00'"],
      ['float', "'1'"],
      ['text', '1'],
      ['text', "x'00'"],
      ['bytes', "'x'"],
      ['bigint', '1.5'],
      ['bigint', "'1'"],
      ['boolean', '2'],
      ['boolean', "'true'"],
      ['decimal', '0.1'],
      ['decimal', "'1e3'"],
      ['uuid', "'x'"],
      ['json', '1'],
      ['timestamp', '1700000000'],
      ['date', '2460000'],
    ]
    for (const [name, literal] of cases) {
      await run(connection, 'delete from t')
      await run(connection, `insert into t values (${literal})`)
      const shape = shapeOf(name)
      const select = statement('select a from t')
      const read = async (parts: Partial<Request>) =>
        built(await run(connection, select.sql, [], { shape, ...parts }), shape)
      for (const parts of [
        {},
        { deadline: performance.now() + 10_000 },
        // The second run of a cached statement may take another road than its first.
        { statement: select },
        { statement: select },
      ]) {
        await expect(read(parts), `${name} ${literal}`).rejects.toBeInstanceOf(ValueError)
      }
    }
  })

  it('stores times so that they sort together with CURRENT_TIMESTAMP', async () => {
    const connection = await fixture(place).connect()
    await fc.assert(
      fc.asyncProperty(time, time, async (one, other) => {
        const [a, b] = [encode('timestamp', one) as string, encode('timestamp', other) as string]
        expect(Math.sign(a < b ? -1 : a > b ? 1 : 0)).toBe(one < other ? -1 : one > other ? 1 : 0)
        expect(await rows(connection, 'select datetime(?) = substr(?, 1, 19)', [a, a])).toEqual([
          [1],
        ])
      }),
      { numRuns: 100 },
    )
    expect(encode('timestamp', '2024-05-01T10:00:00.250000Z')).toBe('2024-05-01 10:00:00.25')
    expect(encode('timestamp', '2024-05-01T10:00:00.000000Z')).toBe('2024-05-01 10:00:00')
    expect(encode('timestamp', '2024-05-01T10:00:00Z')).toBe('2024-05-01 10:00:00')
    expect(encode('time', '10:00:00.500')).toBe('10:00:00.5')
    expect(encode('time', '10:00:00')).toBe('10:00:00')
  })
})
