import { isPromise } from '@mortise/core/adapter'
import { describe, expect, it } from 'vitest'
import { failure, fixtures, places, request, rows, run, statement } from './testing/fixture.ts'

describe.each(places)('a connection ($driver, $place)', (place) => {
  const fixture = fixtures()

  it('answers in the same tick', async () => {
    const connection = await fixture(place).connect()
    for (const sql of ['select 1', 'create table t (a)', 'insert into t values (1) returning a']) {
      expect(isPromise(connection.execute(request(sql))), sql).toBe(false)
    }
  })

  it('gives columns, rows, counts, the last id and the command', async () => {
    const connection = await fixture(place).connect()
    expect(await run(connection, 'create table t (id integer primary key, a text)')).toEqual({
      columns: [],
      rows: [],
      affected: null,
      command: 'CREATE TABLE',
    })
    expect(await run(connection, 'insert into t (a) values (?), (?)', ['x', null])).toEqual({
      columns: [],
      rows: [],
      affected: 2,
      lastInsertId: 2,
      command: 'INSERT',
    })
    expect(await run(connection, 'select id, a, 1.5 as f from t')).toEqual({
      columns: [
        { name: 'id', type: 'INTEGER' },
        { name: 'a', type: 'TEXT' },
        { name: 'f', type: undefined },
      ],
      rows: [
        [1, 'x', 1.5],
        [2, null, 1.5],
      ],
      affected: null,
      command: 'SELECT',
    })
    expect(await run(connection, "update t set a = 'y'")).toMatchObject({
      affected: 2,
      lastInsertId: undefined,
    })
    expect(await run(connection, 'delete from t where id = 1 returning a')).toMatchObject({
      columns: [{ name: 'a' }],
      rows: [['y']],
      affected: 1,
      command: 'DELETE',
    })
    expect((await run(connection, 'select * from t where id = 7')).columns).toHaveLength(2)
  })

  it('hangs its compiled statement on the runtime’s and uses it again', async () => {
    const connection = await fixture(place).connect()
    await run(connection, 'create table t (a)')
    const insert = statement('insert into t values (?)')
    await run(connection, insert.sql, [1n], { statement: insert })
    const { handle } = insert
    expect(handle).toBeDefined()
    await run(connection, insert.sql, [2n], { statement: insert })
    expect(insert.handle).toBe(handle)
    expect(await rows(connection, 'select a from t')).toEqual([[1], [2]])
    await connection.deallocate?.(insert)
    expect(insert.handle).toBeUndefined()
  })

  it('hangs nothing on a statement that does not compile', async () => {
    const database = fixture(place)
    const connection = await database.connect()
    const wrong = statement('select * from missing')
    const error = await failure(database, () =>
      run(connection, wrong.sql, [], { statement: wrong }),
    )
    expect(error).toMatchObject({ kind: 'undefined_object', table: 'missing' })
    expect(wrong.handle).toBeUndefined()
  })

  it('takes numbered parameters in any order and number of uses', async () => {
    const connection = await fixture(place).connect()
    expect(await rows(connection, 'select ?2, ?1, ?2', ['a', 'b'])).toEqual([['b', 'a', 'b']])
    expect(await rows(connection, 'select $2 || $1', ['a', 'b'])).toEqual([['ba']])
  })

  it('refuses a wrong number of parameters before it runs', async () => {
    const connection = await fixture(place).connect()
    await run(connection, 'create table t (a, b)')
    for (const parameters of [[], [1n], [1n, 2n, 3n]]) {
      await expect(
        run(connection, 'insert into t values (?, ?)', parameters),
      ).rejects.toMatchObject({ code: 'PARAMETERS_INVALID' })
    }
    expect(await rows(connection, 'select count(*) from t')).toEqual([[0]])
  })

  it('takes as many parameters as the manifest says, and not one more', async () => {
    const database = fixture(place)
    const connection = await database.connect()
    const { maxParameters } = database.adapter.capabilities
    const sum = (count: number) =>
      run(
        connection,
        `select count(*) from (values ${'(?),'.repeat(count).slice(0, -1)})`,
        Array.from({ length: count }, () => 1n),
      )
    expect((await sum(maxParameters)).rows).toEqual([[maxParameters]])
    expect(await failure(database, () => sum(maxParameters + 1))).toMatchObject({
      kind: 'too_large',
    })
  })

  it('refuses two statements in one text, and NUL in it', async () => {
    const connection = await fixture(place).connect()
    await run(connection, 'create table t (a)')
    await expect(run(connection, 'insert into t values (1); select 1')).rejects.toMatchObject({
      code: 'SEVERAL_STATEMENTS',
    })
    await expect(run(connection, 'insert into t values (1) \0 x')).rejects.toMatchObject({
      code: 'SQL_INVALID',
    })
    expect(await rows(connection, 'select count(*) from t')).toEqual([[0]])
  })

  it('keeps two columns of one name apart', async () => {
    const connection = await fixture(place).connect()
    const result = await run(connection, 'select 1 as a, 2 as a, 3 as "__proto__"')
    expect(result.rows).toEqual([[1, 2, 3]])
    expect(result.columns.map(({ name }) => name)).toEqual(['a', 'a', '__proto__'])
  })

  it('tells the transaction’s status as SQLite knows it', async () => {
    const connection = await fixture(place).connect()
    expect(connection.transactionStatus).toBe('idle')
    await connection.control?.({ kind: 'begin' })
    expect(connection.transactionStatus).toBe('active')
    await run(connection, 'create table t (a primary key)')
    await run(connection, 'insert into t values (1)')
    await expect(run(connection, 'insert into t values (1)')).rejects.toThrow()
    expect(connection.transactionStatus).toBe('active')
    await expect(run(connection, 'insert or rollback into t values (1)')).rejects.toThrow()
    expect(connection.transactionStatus).toBe('idle')
    await run(connection, 'begin')
    expect(connection.transactionStatus).toBe('active')
    await run(connection, 'end')
    expect(connection.transactionStatus).toBe('idle')
  })

  it('leaves the transaction open when its commit fails', async () => {
    const database = fixture(place)
    const connection = await database.connect()
    await run(connection, 'create table p (id integer primary key)')
    await run(
      connection,
      'create table c (p integer references p (id) deferrable initially deferred)',
    )
    await connection.control?.({ kind: 'begin' })
    await run(connection, 'insert into c values (1)')
    const error = await failure(database, () => connection.control?.({ kind: 'commit' }))
    expect(error).toMatchObject({ kind: 'foreign_key_violation' })
    expect(connection.transactionStatus).toBe('active')
    await connection.control?.({ kind: 'rollback' })
    expect(await rows(connection, 'select count(*) from c')).toEqual([[0]])
  })

  it('handles savepoints of any name', async () => {
    const connection = await fixture(place).connect()
    await run(connection, 'create table t (a)')
    await connection.control?.({ kind: 'begin' })
    const name = 'it\'s "x"; --'
    await connection.control?.({ kind: 'savepoint', name })
    await run(connection, 'insert into t values (1)')
    await connection.control?.({ kind: 'rollback_to', name })
    await connection.control?.({ kind: 'release', name })
    await connection.control?.({ kind: 'commit' })
    expect(await rows(connection, 'select count(*) from t')).toEqual([[0]])
  })

  it('lets a read-only transaction read only, and the next one write', async () => {
    const database = fixture(place)
    const connection = await database.connect()
    await run(connection, 'create table t (a)')
    await connection.control?.({ kind: 'begin', readOnly: true })
    expect(
      await failure(database, () => run(connection, 'insert into t values (1)')),
    ).toMatchObject({ kind: 'read_only' })
    await connection.control?.({ kind: 'rollback' })
    await run(connection, 'insert into t values (1)')
    await connection.control?.({ kind: 'begin', readOnly: true })
    expect(await rows(connection, 'select a from t')).toEqual([[1]])
    await connection.control?.({ kind: 'commit' })
    await run(connection, 'insert into t values (2)')
    for (const end of ['rollback', 'commit']) {
      await connection.control?.({ kind: 'begin', readOnly: true })
      await run(connection, end)
      await run(connection, 'insert into t values (3) returning a')
    }
  })

  it('answers a ping, and says that it is closed when it is', async () => {
    const database = fixture(place)
    const connection = await database.connect()
    await connection.ping?.()
    await connection.close()
    await connection.close()
    for (const work of [
      () => run(connection, 'select 1'),
      () => connection.ping?.(),
      () => connection.control?.({ kind: 'begin' }),
    ]) {
      const error = await failure(database, work)
      expect(error).toMatchObject({ kind: 'connection_lost', fate: 'discard' })
    }
  })

  it('opens with the settings that keep an application safe', async () => {
    const connection = await fixture(place).connect()
    const value = async (name: string) => (await rows(connection, `pragma ${name}`))[0]
    expect(await value('foreign_keys')).toEqual([1])
    expect(await value('trusted_schema')).toEqual([0])
    expect(await value('busy_timeout')).toEqual([0])
    expect(await value('synchronous')).toEqual([1])
    expect(await value('journal_mode')).toEqual([place.place === 'file' ? 'wal' : 'memory'])
  })

  it('does not load extensions or attach files', async () => {
    const database = fixture(place)
    const connection = await database.connect()
    expect(
      await failure(database, () => run(connection, "select load_extension('x')")),
    ).toMatchObject({ kind: 'permission' })
    await expect(run(connection, "attach 'x.db' as x")).rejects.toMatchObject({
      code: 'ATTACH_REFUSED',
    })
  })
})
