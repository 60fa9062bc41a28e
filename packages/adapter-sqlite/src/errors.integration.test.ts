import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseError } from '@mortise/core/adapter'
import { describe, expect, it } from 'vitest'
import { sqlite } from './adapter.ts'
import { describeError } from './errors.ts'
import { drivers, failure, fixtures, run } from './testing/fixture.ts'

describe.each(drivers)('errors of %s', (driver) => {
  const fixture = fixtures()

  /** What the last statement fails with, after the others. */
  const fails = async (...statements: string[]): Promise<DatabaseError> => {
    const database = fixture({ driver, place: 'memory' })
    const connection = await database.connect()
    const last = statements.pop() as string
    for (const sql of statements) await run(connection, sql)
    const error = await failure(database, () => run(connection, last))
    expect(error).toBeInstanceOf(DatabaseError)
    return error as DatabaseError
  }

  it('names table and columns of a unique violation', async () => {
    expect(await fails('create table t (a unique)', 'insert into t values (1), (1)')).toMatchObject(
      {
        kind: 'unique_violation',
        nativeCode: 'SQLITE_CONSTRAINT_UNIQUE',
        table: 't',
        columns: ['a'],
        retryable: false,
        fate: 'keep',
      },
    )
    expect(
      await fails(
        'create table "my t" ("a b", "c""d", unique ("a b", "c""d"))',
        'insert into "my t" values (1, 2), (1, 2)',
      ),
    ).toMatchObject({ table: 'my t', columns: ['a b', 'c"d'] })
  })

  it('names the index of a violation on an expression', async () => {
    expect(
      await fails(
        'create table t (a)',
        'create unique index "lower it\'s" on t (lower(a))',
        "insert into t values ('A'), ('a')",
      ),
    ).toMatchObject({ kind: 'unique_violation', constraint: "lower it's", table: undefined })
  })

  it('knows violations of every kind of primary key', async () => {
    expect(
      await fails('create table t (id integer primary key)', 'insert into t values (1), (1)'),
    ).toMatchObject({
      kind: 'unique_violation',
      nativeCode: 'SQLITE_CONSTRAINT_PRIMARYKEY',
      columns: ['id'],
    })
    expect(
      await fails(
        'create table t (a, b, primary key (a, b)) without rowid',
        'insert into t values (1, 1), (1, 1)',
      ),
    ).toMatchObject({ kind: 'unique_violation', table: 't', columns: ['a', 'b'] })
    expect(
      await fails('create table t (a)', 'insert into t (rowid) values (1), (1)'),
    ).toMatchObject({ kind: 'unique_violation', nativeCode: 'SQLITE_CONSTRAINT_ROWID' })
  })

  it('claims no table where the names can be read in two ways', async () => {
    expect(
      await fails('create table "a.b" ("c" unique)', 'insert into "a.b" values (1), (1)'),
    ).toMatchObject({ kind: 'unique_violation', table: undefined, columns: undefined })
  })

  it('knows not null, check and foreign key', async () => {
    expect(await fails('create table t (a not null)', 'insert into t values (null)')).toMatchObject(
      { kind: 'not_null_violation', table: 't', column: 'a' },
    )
    expect(
      await fails(
        'create table t (a, constraint "a is positive" check (a > 0))',
        'insert into t values (-1)',
      ),
    ).toMatchObject({ kind: 'check_violation', constraint: 'a is positive' })
    expect(
      await fails('create table t (a check (a > 0))', 'insert into t values (-1)'),
    ).toMatchObject({ kind: 'check_violation', constraint: 'a > 0' })
    expect(
      await fails(
        'create table p (id integer primary key)',
        'create table c (p references p (id))',
        'insert into c values (1)',
      ),
    ).toMatchObject({ kind: 'foreign_key_violation', nativeCode: 'SQLITE_CONSTRAINT_FOREIGNKEY' })
  })

  it('knows values of the wrong type', async () => {
    expect(
      await fails('create table t (a integer) strict', "insert into t values ('secret')"),
    ).toMatchObject({
      kind: 'data',
      nativeCode: 'SQLITE_CONSTRAINT_DATATYPE',
      table: 't',
      column: 'a',
    })
    expect(
      await fails('create table t (a integer primary key)', "insert into t values ('secret')"),
    ).toMatchObject({ kind: 'data', nativeCode: 'SQLITE_MISMATCH' })
    expect(await fails('select abs(-9223372036854775808)')).toMatchObject({ kind: 'data' })
    expect(await fails("select json('{')")).toMatchObject({ kind: 'data' })
  })

  it('shows no value of the row or the call', async () => {
    for (const error of [
      await fails('create table t (a integer) strict', "insert into t values ('secret')"),
      await fails('create table t (a unique)', "insert into t values ('secret'), ('secret')"),
      await fails("select json_extract('{}', 'secret')"),
      await fails(
        'create table t (a)',
        "create trigger r before insert on t begin select raise(abort, 'secret'); end",
        'insert into t values (1)',
      ),
    ]) {
      expect(error.message).not.toContain('secret')
      expect(JSON.stringify(error)).not.toContain('secret')
    }
  })

  it('knows a trigger’s refusal', async () => {
    expect(
      await fails(
        'create table t (a)',
        "create trigger r before insert on t begin select raise(abort, 'no'); end",
        'insert into t values (1)',
      ),
    ).toMatchObject({ kind: 'check_violation', nativeCode: 'SQLITE_CONSTRAINT_TRIGGER' })
  })

  it('knows what is missing', async () => {
    expect(await fails('select * from ghosts')).toMatchObject({
      kind: 'undefined_object',
      table: 'ghosts',
    })
    expect(await fails('create table t (a)', 'select b from t')).toMatchObject({
      kind: 'undefined_object',
      column: 'b',
    })
    expect(await fails('create table t (a)', 'select "b" from t')).toMatchObject({
      kind: 'undefined_object',
      column: 'b',
    })
    expect(await fails('create table t (a)', 'insert into t (b) values (1)')).toMatchObject({
      kind: 'undefined_object',
      column: 'b',
    })
    for (const sql of [
      'select missing()',
      'drop index missing',
      'drop view missing',
      'rollback to missing',
      "select 'a' = 'b' collate missing",
      'create virtual table v using missing(a)',
      'select * from missing.t',
      'detach missing',
    ]) {
      expect(await fails(sql), sql).toMatchObject({ kind: 'undefined_object' })
    }
  })

  it('knows what is there already', async () => {
    const kind = 'duplicate_object'
    expect(await fails('create table t (a)', 'create table t (a)')).toMatchObject({
      kind,
      table: 't',
    })
    expect(
      await fails('create table t (a)', 'create index i on t (a)', 'create index i on t (a)'),
    ).toMatchObject({ kind, constraint: 'i' })
    expect(await fails('create table t (a, a)')).toMatchObject({ kind, column: 'a' })
    expect(await fails('create view v as select 1', 'create view v as select 1')).toMatchObject({
      kind,
    })
  })

  it('knows syntax errors, and shows SQLite’s own words for them', async () => {
    for (const sql of ['selec 1', 'select', "select 'a", 'select 1 from', 'values (1), (1, 2)']) {
      expect(await fails(sql), sql).toMatchObject({ kind: 'syntax' })
    }
    expect((await fails('selec 1')).message).toContain('near "selec": syntax error')
  })

  it('knows statements that are too large', async () => {
    expect(await fails(`select ${'1+'.repeat(2000)}1`)).toMatchObject({ kind: 'too_large' })
    expect(await fails(`select ${Array.from({ length: 3000 }, (_, i) => i).join()}`)).toMatchObject(
      { kind: 'too_large' },
    )
  })

  it('knows a full database', async () => {
    expect(
      await fails(
        'create table t (a)',
        'pragma max_page_count = 3',
        'insert into t values (zeroblob(100000))',
      ),
    ).toMatchObject({ kind: 'resources', nativeCode: 'SQLITE_FULL' })
  })

  it('knows transaction control out of order', async () => {
    expect(await fails('commit')).toMatchObject({ kind: 'other', nativeCode: 'SQLITE_ERROR' })
    expect((await fails('begin', 'begin')).message).toContain('within a transaction')
  })

  it('knows a reader that writes', async () => {
    const database = fixture({ driver, place: 'file' })
    await run(await database.connect(), 'create table t (a)')
    const reader = await database.connect('reader')
    expect(await failure(database, () => run(reader, 'insert into t values (1)'))).toMatchObject({
      kind: 'read_only',
      nativeCode: 'SQLITE_READONLY',
    })
    expect(
      await failure(database, () => run(reader, 'insert into t values (1) returning a')),
    ).toMatchObject({ kind: 'read_only' })
    expect(reader.transactionStatus).toBe('idle')
  })

  it('knows files that cannot be opened, and files that are no databases', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'mortise-sqlite-'))
    const connect = (filename: string) => {
      const adapter = sqlite({ filename, driver })
      return failure(adapter, () =>
        adapter.connect({
          role: 'writer',
          signal: new AbortController().signal,
          onNotice: () => undefined,
          onClosed: () => undefined,
        }),
      )
    }
    try {
      expect(await connect(join(directory, 'missing', 'test.db'))).toMatchObject({
        kind: 'connection_refused',
        nativeCode: 'SQLITE_CANTOPEN',
      })
      expect(await connect(directory)).toMatchObject({ kind: 'connection_refused' })
      const text = join(directory, 'text.db')
      writeFileSync(text, 'no database, but long enough to have a header of its own. '.repeat(40))
      expect(await connect(text)).toMatchObject({
        kind: 'internal',
        nativeCode: 'SQLITE_NOTADB',
        fate: 'discard',
      })
    } finally {
      rmSync(directory, { recursive: true })
    }
  })
})

describe('describeError', () => {
  const native = (errcode: number, message: string) =>
    describeError(Object.assign(new Error(message), { code: 'ERR_SQLITE_ERROR', errcode }), false)

  it('knows codes that no test can provoke', () => {
    expect(native(517, 'database is locked')).toMatchObject({
      kind: 'serialization_failure',
      code: 'SQLITE_BUSY_SNAPSHOT',
    })
    expect(native(261, 'database is locked')).toMatchObject({ kind: 'lock_timeout' })
    expect(native(9, 'interrupted')).toMatchObject({ kind: 'cancelled' })
    expect(native(7, 'out of memory')).toMatchObject({ kind: 'resources' })
    expect(native(10 | (4 << 8), 'disk I/O error')).toMatchObject({
      kind: 'resources',
      code: 'SQLITE_IOERR_FSYNC',
      fate: 'discard',
    })
    expect(native(11, 'database disk image is malformed')).toMatchObject({ kind: 'internal' })
    expect(native(17, 'database schema has changed')).toMatchObject({ kind: 'stale_statement' })
    expect(native(1032, 'attempt to write a readonly database')).toMatchObject({
      kind: 'connection_lost',
      code: 'SQLITE_READONLY_DBMOVED',
    })
  })

  it('keeps the number of a code that is newer than it', () => {
    expect(native(5 | (9 << 8), 'database is locked')).toMatchObject({
      kind: 'lock_timeout',
      code: 'SQLITE_BUSY_9',
    })
    const unnamed = Object.assign(new Error(''), { code: 'UNKNOWN_SQLITE_ERROR_773' })
    expect(describeError(unnamed, false)).toMatchObject({ code: 'SQLITE_BUSY_TIMEOUT' })
  })

  it('says nothing about what is not SQLite’s', () => {
    expect(describeError(new Error('boom'), false)).toBeUndefined()
    expect(describeError('boom', false)).toBeUndefined()
    expect(describeError(undefined, false)).toBeUndefined()
  })
})
