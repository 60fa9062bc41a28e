import { describe, expect, it } from 'vitest'
import { fixtures, places, request, rows, run, statement } from './testing/fixture.ts'

describe.each(places)('a session ($driver, $place)', (place) => {
  const fixture = fixtures()

  it.each([
    ['pragma foreign_keys = off', true],
    ['PRAGMA main.cache_size(100)', true],
    ['pragma case_sensitive_like = on', true],
    ['create temp table x (a)', true],
    ['create view temp.v as select 1', true],
    ["attach ':memory:' as other", true],
    ['pragma foreign_keys', false],
    ['pragma table_info(t)', false],
    ['pragma user_version = 5', false],
    ['pragma optimize', false],
    ['create table x (a)', false],
    ['insert into t values (1)', false],
    ['select 1', false],
  ])('says whether %s changes it', async (sql, changed) => {
    const connection = await fixture(place, { allowAttach: true }).connect()
    await run(connection, 'create table t (a)')
    expect((await run(connection, sql)).sessionChanged ?? false).toBe(changed)
  })

  it('comes back from a reset as it was', async () => {
    const connection = await fixture(place, { allowAttach: true }).connect()
    await run(connection, 'create table t (a)')
    const names = [
      'foreign_keys',
      'cache_size',
      'temp_store',
      'recursive_triggers',
      'busy_timeout',
      'query_only',
      'trusted_schema',
      'synchronous',
      'wal_autocheckpoint',
      'reverse_unordered_selects',
      'locking_mode',
      'journal_mode',
    ]
    const state = async () => {
      const found: Record<string, unknown> = {}
      for (const name of names) found[name] = (await rows(connection, `pragma ${name}`))[0]
      found.like = await rows(connection, "select 'A' like 'a'")
      found.temp = await rows(connection, 'select name from sqlite_temp_schema')
      found.databases = (await rows(connection, 'pragma database_list')).map(
        (row) => (row as string[])[1],
      )
      found.databases = (found.databases as string[]).filter((name) => name !== 'temp')
      return found
    }
    const before = await state()
    await connection.executeScript?.(
      request(`
        pragma foreign_keys = off; pragma cache_size = 7; pragma cache_size = 8;
        pragma temp_store = memory; pragma recursive_triggers = off; pragma busy_timeout = 77;
        pragma trusted_schema = on; pragma synchronous = off; pragma wal_autocheckpoint = 1;
        pragma reverse_unordered_selects = on; pragma locking_mode = exclusive;
        pragma case_sensitive_like = on;
        attach ':memory:' as "other ""one";
        create table "other ""one".x (a);
        create temp table "my ""t" (a primary key, b references "my ""t" (a));
        insert into "my ""t" values (1, null), (2, 1), (3, 2);
        create temp view v as select * from "my ""t";
        create temp trigger tr after insert on t begin select 1; end;
        pragma query_only = on;
        begin;
      `),
    )
    expect(connection.transactionStatus).toBe('active')
    await connection.reset?.()
    expect(connection.transactionStatus).toBe('idle')
    expect(await state()).toEqual(before)
    await run(connection, 'insert into t values (1)')
  })

  it('gives back the locks of an exclusive mode, or says that it cannot', async () => {
    const database = fixture(place)
    const connection = await database.connect()
    await run(connection, 'create table t (a)')
    await run(connection, 'pragma locking_mode = exclusive')
    await run(connection, 'insert into t values (1)')
    await connection.reset?.()
    if (place.place === 'memory') return
    await run(await database.connect(), 'insert into t values (2)')

    const other = await fixture(place).connect()
    await run(other, 'pragma locking_mode = exclusive')
    await run(other, 'create table t (a)')
    expect(() => other.reset?.()).toThrow('exclusive')
  })

  it('keeps what the runtime prepared, across a reset', async () => {
    const connection = await fixture(place).connect()
    await run(connection, 'create table t (a)')
    const all = statement('select * from t')
    await run(connection, all.sql, [], { statement: all })
    await run(connection, 'create temp table t (b)')
    expect((await run(connection, all.sql, [], { statement: all })).columns).toMatchObject([
      { name: 'b' },
    ])
    await connection.reset?.()
    expect((await run(connection, all.sql, [], { statement: all })).columns).toMatchObject([
      { name: 'a' },
    ])
  })

  it('carries out a cached pragma every time', async () => {
    const connection = await fixture(place).connect()
    const off = statement('pragma foreign_keys = off')
    for (let i = 0; i < 2; i++) {
      await run(connection, off.sql, [], { statement: off })
      expect(await rows(connection, 'pragma foreign_keys')).toEqual([[0]])
      await connection.reset?.()
      expect(await rows(connection, 'pragma foreign_keys')).toEqual([[1]])
    }
  })
})

describe.each(places)('a script ($driver, $place)', (place) => {
  const fixture = fixtures()
  const script = async (sql: string) => {
    const connection = await fixture(place).connect()
    const results = []
    let result = await connection.executeScript?.(request(sql))
    while (result !== undefined) {
      results.push(result)
      result = result.next
    }
    return { connection, results }
  }

  it('gives every statement’s own result, in order', async () => {
    const { results } = await script(`
      create table t (a, b); -- a comment; with a semicolon
      create trigger tr after insert on t when new.a > 1 begin
        update t set b = case when new.a > 2 then 'x;' else 'y' end where a = new.a;
        select 1;
      end;
      insert into t (a) values (1), (2), (3);
      select a, b from t order by a;;
    `)
    expect(results.map(({ command, affected, rows }) => [command, affected, rows])).toEqual([
      ['CREATE TABLE', null, []],
      ['CREATE TRIGGER', null, []],
      ['INSERT', 3, []],
      [
        'SELECT',
        null,
        [
          [1, null],
          [2, 'y'],
          [3, 'x;'],
        ],
      ],
    ])
  })

  it('is nothing where there is nothing', async () => {
    const { results } = await script(' -- nothing')
    expect(results).toEqual([{ columns: [], rows: [], affected: null }])
  })

  it('keeps what was done before the statement that failed', async () => {
    const { connection } = await script('create table t (a unique)')
    const failing = connection.executeScript?.(
      request('insert into t values (1); insert into t values (1); insert into t values (2)'),
    )
    await expect(failing).rejects.toThrow('UNIQUE')
    expect(await rows(connection, 'select a from t')).toEqual([[1]])
  })

  it('tells at its first result whether the session changed', async () => {
    const { results } = await script('select 1; pragma cache_size = 5; select 2')
    expect(results[0]?.sessionChanged).toBe(true)
  })
})
