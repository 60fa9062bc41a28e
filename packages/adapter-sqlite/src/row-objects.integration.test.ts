import type { Connection, LogicalTypeName, Request, RowShape } from '@mortise/core/adapter'
import { describe, expect, it } from 'vitest'
import { built, fixtures, places, run, statement } from './testing/fixture.ts'

const shapeOf = (
  columns: Record<string, LogicalTypeName>,
  attach?: (row: object) => void,
): RowShape => ({
  columns: Object.entries(columns).map(([property, name]) => ({
    property,
    type: { name },
    decode:
      name === 'boolean'
        ? (value) => value === 1
        : name === 'bigint'
          ? (value) => BigInt(value as number)
          : undefined,
  })),
  attach,
})

describe.each(places)('rows of a shape ($driver, $place)', (place) => {
  const fixture = fixtures()

  /** The rows of three runs, which have to be the same whatever road they took. */
  const three = async (
    connection: Connection,
    sql: string,
    shape: RowShape,
    parts: Partial<Request> = {},
  ): Promise<object[]> => {
    const cached = statement(sql)
    const first = built(await run(connection, sql, [], { shape, ...parts }), shape)
    for (let i = 0; i < 3; i++) {
      const result = await run(connection, sql, [], { statement: cached, shape, ...parts })
      expect(built(result, shape)).toEqual(first)
      expect(result.columns).toHaveLength(shape.columns.length)
    }
    return first
  }

  it('are the same on the first run and later', async () => {
    const connection = await fixture(place).connect()
    const shape = shapeOf({
      id: 'integer',
      title: 'text',
      rating: 'float',
      data: 'bytes',
      big: 'bigint',
      done: 'boolean',
    })
    const sql = `select 1 as id, 'a' as title, 1.5 as rating, x'0102' as data, 7 as big, 1 as done
      union all select 2, null, null, null, null, null
      union all select 3, 'c', 1e300, x'', -5, 0`
    const all = await three(connection, sql, shape)
    expect(all).toEqual([
      { id: 1, title: 'a', rating: 1.5, data: new Uint8Array([1, 2]), big: 7n, done: true },
      { id: 2, title: null, rating: null, data: null, big: null, done: null },
      { id: 3, title: 'c', rating: 1e300, data: new Uint8Array(0), big: -5n, done: false },
    ])
    for (const row of all) expect(Object.getPrototypeOf(row)).toBe(Object.prototype)
  })

  it('get what the shape attaches, each once', async () => {
    const connection = await fixture(place).connect()
    const attached = new Map<object, number>()
    const shape = shapeOf({ a: 'integer' }, (row) => {
      attached.set(row, (attached.get(row) ?? 0) + 1)
    })
    const call = { statement: statement('select column1 as a from (values (1), (2))'), shape }
    for (let i = 0; i < 3; i++) {
      attached.clear()
      const rows = built(await run(connection, call.statement.sql, [], call), shape)
      expect([...attached]).toEqual(rows.map((row) => [row, 1]))
    }
  })

  it('keep odd names, also those that are something else to an object', async () => {
    const connection = await fixture(place).connect()
    for (const name of ['__proto__', 'constructor', '1', 'a"b\\', '\u2028', "it's", '${x']) {
      const sql = `select 5 as "${name.replaceAll('"', '""')}", 'x' as other`
      const shape: RowShape = {
        columns: [
          { property: name, type: { name: 'integer' }, decode: undefined },
          { property: 'other', type: { name: 'text' }, decode: undefined },
        ],
        attach: undefined,
      }
      const [row] = await three(connection, sql, shape)
      expect(Object.getOwnPropertyDescriptor(row, name), name).toEqual({
        value: 5,
        configurable: true,
        enumerable: true,
        writable: true,
      })
    }
  })

  it('may have other names than the columns, and the same name twice', async () => {
    const connection = await fixture(place).connect()
    const shape = shapeOf({ insertedAt: 'text', id: 'integer' })
    const sql = "select 'now' as inserted_at, 1 as inserted_at"
    expect(await three(connection, sql, shape)).toEqual([{ insertedAt: 'now', id: 1 }])
    // The columns' names, in another order.
    expect(await three(connection, "select 'now' as id, 1 as insertedAt", shape)).toEqual([
      { insertedAt: 'now', id: 1 },
    ])
  })

  it('follow a change of the schema', async () => {
    const connection = await fixture(place).connect()
    await run(connection, 'create table t (a, b)')
    await run(connection, 'insert into t values (1, 9007199254740993)')
    const shape = shapeOf({ a: 'integer', b: 'bigint' })
    const cached = statement('select * from t')
    const read = async () =>
      built(await run(connection, cached.sql, [], { statement: cached, shape }), shape)
    for (let i = 0; i < 3; i++) expect(await read()).toEqual([{ a: 1, b: 9007199254740993n }])
    await run(connection, 'update t set b = 2')
    for (let i = 0; i < 3; i++) expect(await read()).toEqual([{ a: 1, b: 2n }])
    await run(connection, 'alter table t rename column b to c')
    for (let i = 0; i < 3; i++) expect(await read()).toEqual([{ a: 1, b: 2n }])
  })
})

describe.each(places.filter(({ place }) => place === 'file'))(
  'rows of a shape after another connection changed the schema ($driver)',
  (place) => {
    const fixture = fixtures()

    it('have the right values', async () => {
      const database = fixture(place)
      const writer = await database.connect()
      await run(writer, 'create table t (a integer primary key, b)')
      await run(writer, 'insert into t values (1, 2)')
      const reader = await database.connect('reader')
      const shape = shapeOf({ a: 'integer', b: 'bigint' })
      for (const sql of ['select rowid, b from t', 'select a, b from v', 'select A, B from t']) {
        await run(writer, 'create view v as select a, b from t')
        const cached = statement(sql)
        const read = async () =>
          built(await run(reader, cached.sql, [], { statement: cached, shape }), shape)
        for (let i = 0; i < 3; i++) expect(await read()).toEqual([{ a: 1, b: 2n }])
        await run(writer, 'alter table t rename column a to "A"')
        await run(writer, 'update t set b = 9007199254740993')
        for (let i = 0; i < 3; i++) expect(await read()).toEqual([{ a: 1, b: 9007199254740993n }])
        await run(writer, 'drop view v')
        await run(writer, 'alter table t rename column "A" to a')
        await run(writer, 'update t set b = 2')
      }
    })
  },
)
