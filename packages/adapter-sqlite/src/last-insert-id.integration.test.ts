import { describe, expect, it } from 'vitest'
import { fixtures, places, request, run, statement } from './testing/fixture.ts'

describe.each(places)('the last inserted id ($driver, $place)', (place) => {
  const fixture = fixtures()

  it('is that of the last row of an insert into a table with rowids', async () => {
    const connection = await fixture(place).connect()
    await run(connection, 'create table t (a)')
    await run(connection, 'create table u (id integer primary key, a)')
    const id = async (sql: string) => (await run(connection, sql)).lastInsertId
    expect(await id('insert into t values (1)')).toBe(1)
    expect(await id('insert into u (a) values (1)')).toBe(1)
    expect(await id('insert into main.u (a) values (1), (2)')).toBe(3)
    expect(await id('insert into t values (1)')).toBe(2)
    expect(await id('insert or replace into u values (3, 9)')).toBe(3)
    expect(await id('insert into u values (0, 9)')).toBe(0)
    expect(await id('insert into u values (-5, 9)')).toBe(-5)
    expect(await id('with x as (select 1) insert into t select * from x')).toBe(3)
  })

  it('is not told by what makes none', async () => {
    const connection = await fixture(place).connect()
    await run(connection, 'create table t (id integer primary key, a unique)')
    await run(connection, 'create table w (a primary key) without rowid')
    await run(connection, 'create view v as select a from t')
    await run(
      connection,
      'create trigger tr instead of insert on v begin insert into t (a) values (new.a); end',
    )
    for (const sql of [
      'create table x as select 1',
      'insert into w values (1)',
      'insert into v values (77)',
      'insert or ignore into t values (1, 77)',
      'insert into t (a) select 1 where 0',
      "insert into t (a) values (77) on conflict (a) do update set a = 'b'",
      'update t set a = 5',
      'select 1',
      'delete from t',
    ]) {
      expect((await run(connection, sql)).lastInsertId, sql).toBeUndefined()
    }
  })

  it('is not one of a write that was not asked for it', async () => {
    const connection = await fixture(place).connect()
    await run(connection, 'create table t (id integer primary key)')
    await run(connection, 'create table w (a primary key) without rowid')
    await run(connection, 'insert into t values (5) returning id')
    expect((await run(connection, 'insert into w values (1)')).lastInsertId).toBeUndefined()
    await connection.executeScript?.(request('insert into t values (8)'))
    expect((await run(connection, 'insert into w values (2)')).lastInsertId).toBeUndefined()
    expect((await run(connection, 'insert into t values (9)')).lastInsertId).toBe(9)
  })

  it('follows a table that is made anew without rowids', async () => {
    const connection = await fixture(place).connect()
    const insert = statement('insert into t values (?)')
    const id = async (value: unknown) =>
      (await run(connection, insert.sql, [value], { statement: insert })).lastInsertId
    await run(connection, 'create table t (a primary key)')
    await run(connection, 'create table u (a primary key)')
    await run(connection, 'insert into u values (1)')
    expect(await id(1n)).toBe(1)
    await run(connection, 'drop table t')
    await run(connection, 'create table t (a primary key) without rowid')
    expect(await id(2n)).toBeUndefined()
  })
})
