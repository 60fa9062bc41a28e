import { describe, expect, it } from 'vitest'
import { fixtures, places, run, statement } from './testing/fixture.ts'

describe.each(places)('columns after a change of the schema ($driver, $place)', (place) => {
  const fixture = fixtures()

  it('are those of the table as it is now', async () => {
    const connection = await fixture(place).connect()
    await run(connection, 'create table t (a, b)')
    await run(connection, 'insert into t values (1, 2)')
    const all = statement('select * from t')
    const read = async () => {
      const { columns, rows } = await run(connection, all.sql, [], { statement: all })
      return Object.fromEntries(columns.map(({ name }, i) => [name, (rows[0] as unknown[])[i]]))
    }
    expect(await read()).toEqual({ a: 1, b: 2 })
    await run(connection, 'alter table t add column c default 3')
    expect(await read()).toEqual({ a: 1, b: 2, c: 3 })
    await run(connection, 'alter table t rename column b to d')
    expect(await read()).toEqual({ a: 1, d: 2, c: 3 })
    await run(connection, 'alter table t drop column a')
    expect(await read()).toEqual({ d: 2, c: 3 })
    await run(connection, 'drop table t')
    await run(connection, 'create table t as select 4 as c, 5 as d')
    expect(await read()).toEqual({ c: 4, d: 5 })
  })

  it('are right again after a change was rolled back, twice', async () => {
    const connection = await fixture(place).connect()
    await run(connection, 'create table t (a)')
    const all = statement('select * from t')
    const names = async () =>
      (await run(connection, all.sql, [], { statement: all })).columns.map(({ name }) => name)
    for (const name of ['b', 'c']) {
      await connection.control?.({ kind: 'begin' })
      await run(connection, `alter table t rename column a to ${name}`)
      expect(await names()).toEqual([name])
      await connection.control?.({ kind: 'rollback' })
      expect(await names()).toEqual(['a'])
    }
    await run(connection, 'begin')
    await run(connection, 'savepoint s')
    await run(connection, 'alter table t rename column a to d')
    expect(await names()).toEqual(['d'])
    await run(connection, 'rollback to s')
    expect(await names()).toEqual(['a'])
    await run(connection, 'alter table t rename column a to e')
    await run(connection, 'commit')
    expect(await names()).toEqual(['e'])
  })

  it('follow RETURNING too', async () => {
    const connection = await fixture(place).connect()
    await run(connection, 'create table t (a)')
    const insert = statement('insert into t values (?) returning *')
    const names = async () =>
      (await run(connection, insert.sql, [1n], { statement: insert })).columns.map((c) => c.name)
    expect(await names()).toEqual(['a'])
    await run(connection, 'alter table t rename column a to b')
    expect(await names()).toEqual(['b'])
  })
})

describe.each(places.filter(({ place }) => place === 'file'))(
  'columns after a change by another connection ($driver)',
  (place) => {
    const fixture = fixtures()

    it('are those of the table as it is now, whatever was read in between', async () => {
      const database = fixture(place)
      const writer = await database.connect()
      await run(writer, 'create table t (a, b)')
      await run(writer, 'insert into t values (1, 2)')
      const reader = await database.connect('reader')
      const all = statement('select * from t')
      const read = async () => {
        const { columns, rows } = await run(reader, all.sql, [], { statement: all })
        return Object.fromEntries(columns.map(({ name }, i) => [name, (rows[0] as unknown[])[i]]))
      }
      expect(await read()).toEqual({ a: 1, b: 2 })
      await run(writer, 'alter table t rename column a to x')
      expect(await read()).toEqual({ x: 1, b: 2 })
      await run(writer, 'alter table t rename column x to a')
      await run(writer, 'alter table t rename column b to x')
      expect(await read()).toEqual({ a: 1, x: 2 })
      expect(await read()).toEqual({ a: 1, x: 2 })
      await run(writer, 'drop table t')
      await run(writer, 'create table t as select 3 as x, 4 as a')
      expect(await read()).toEqual({ x: 3, a: 4 })
    })

    it('are right for the snapshot of an open transaction', async () => {
      const database = fixture(place)
      const writer = await database.connect()
      await run(writer, 'create table t (a)')
      const reader = await database.connect('reader')
      const all = statement('select * from t')
      const names = async () =>
        (await run(reader, all.sql, [], { statement: all })).columns.map(({ name }) => name)
      await reader.control?.({ kind: 'begin', readOnly: true })
      expect(await names()).toEqual(['a'])
      await run(writer, 'alter table t rename column a to b')
      expect(await names()).toEqual(['a'])
      await reader.control?.({ kind: 'commit' })
      expect(await names()).toEqual(['b'])
    })
  },
)
