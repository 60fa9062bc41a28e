import { MisuseError } from '@mortise/core/adapter'
import { describe, expect, it } from 'vitest'
import { readScript, readStatement } from './read-statement.ts'

const code = (sql: string): string | undefined => {
  try {
    readStatement(sql)
    return undefined
  } catch (error) {
    return error instanceof MisuseError ? error.code : String(error)
  }
}

describe('readStatement', () => {
  it.each([
    ['select 1', 'read', 'SELECT'],
    [' /* a */ -- b\n values (1)', 'read', 'VALUES'],
    ['with a as (select 1) select * from a', 'read', 'SELECT'],
    ['with recursive a(x) as (select 1) insert into t select x from a', 'write', 'INSERT'],
    ['with a as (select 1) delete from t', 'write', 'DELETE'],
    ['with replace as (select 1) select * from replace', 'write', 'REPLACE'],
    ['explain query plan delete from t', 'read', 'EXPLAIN'],
    ['replace into t values (1)', 'write', 'REPLACE'],
    ['update t set a = 1', 'write', 'UPDATE'],
    ['begin immediate', 'transaction', 'BEGIN'],
    ['end', 'transaction', 'COMMIT'],
    ['rollback to a', 'transaction', 'ROLLBACK'],
    ['PRAGMA user_version', 'pragma', 'PRAGMA'],
    ['create unique index i on t (a)', 'schema', 'CREATE INDEX'],
    ['create temp table t (a)', 'schema', 'CREATE TABLE'],
    ['drop table if exists t', 'schema', 'DROP TABLE'],
    ['alter table t add column b', 'schema', 'ALTER TABLE'],
    ['vacuum', 'schema', 'VACUUM'],
    ["attach 'x' as y", 'schema', 'ATTACH'],
  ])('knows what %s does', (sql, effect, command) => {
    expect(readStatement(sql)).toMatchObject({ effect, command })
  })

  it('cuts semicolons and comments around the statement, and nothing inside', () => {
    expect(readStatement(" ; /* x */ select ';' -- y;\n , 2 ; -- z\n ;").sql).toBe(
      "select ';' -- y;\n , 2",
    )
    expect(readStatement('select 1').sql).toBe('select 1')
  })

  it('refuses an empty text, two statements, NUL and half of a surrogate pair', () => {
    expect(code('')).toBe('SQL_INVALID')
    expect(code(' ; -- nothing')).toBe('SQL_INVALID')
    expect(code('select 1; select 2')).toBe('SEVERAL_STATEMENTS')
    expect(code('select 1\0')).toBe('SQL_INVALID')
    expect(code("select '\ud800'")).toBe('SQL_INVALID')
    expect(code('select 1; -- done')).toBeUndefined()
  })

  it('counts parameters, and only real ones', () => {
    const count = (sql: string) => readStatement(sql).parameters
    expect(count(`select ?, '?', "?", [?], \`?\`, /* ? */ ? -- ?`)).toEqual({
      count: 2,
      numbered: false,
    })
    expect(count('select ?2, ?1, ?2')).toEqual({ count: 2, numbered: true })
    expect(count('select $1, a$2 from t')).toEqual({ count: 1, numbered: true })
    expect(count("select x'00', 1e-5, .5, 0x1F, 1_000, a->'$.b', a ->> '$'")).toEqual({
      count: 0,
      numbered: false,
    })
  })

  it('refuses named, mixed and missing parameters', () => {
    for (const sql of ['select :a', 'select @a', 'select $a', 'select ?, ?1', 'select ?1, $2']) {
      expect(code(sql), sql).toBe('PARAMETERS_INVALID')
    }
    expect(code('select ?1, ?3')).toBe('PARAMETERS_INVALID')
  })

  it.each([
    ['select * from t', true],
    ['select t.* from t', true],
    ['select distinct * from t', true],
    ['select a, * from t', true],
    ['insert into t values (1) returning *', true],
    ['select "rowid" from t', true],
    ['select _rowid_ from t', true],
    ['select count(*), 2 * 3, a * b from t', false],
    ["select '*' from t", false],
  ])('tells whether the columns of %s follow the schema', (sql, expected) => {
    expect(readStatement(sql).columnsFollowSchema).toBe(expected)
  })

  it('names the table of an insert that stays one', () => {
    const target = (sql: string) => readStatement(sql).insertsInto
    expect(target('insert or ignore into "my ""t""" values (1)')).toEqual({
      schema: undefined,
      table: 'my "t"',
    })
    expect(target('with a as (select 1) replace into main.[t] select * from a')).toEqual({
      schema: 'main',
      table: 't',
    })
    expect(target('insert into t values (1) on conflict do nothing')?.table).toBe('t')
    expect(target('insert into t values (1) on conflict (a) do update set a = 2')).toBeUndefined()
    expect(target('update t set a = 1')).toBeUndefined()
  })

  it('sees what changes the session', () => {
    const change = (sql: string) => readStatement(sql).sessionChange
    expect(change("attach 'x' as y")).toBe('attach')
    expect(change('detach y')).toBe('attach')
    expect(change('create temporary view v as select 1')).toBe('temp')
    expect(change('create table if not exists "temp".t (a)')).toBe('temp')
    expect(change('create table t (a)')).toBeUndefined()
  })

  it('reads pragmas', () => {
    const pragma = (sql: string) => readStatement(sql).pragma
    expect(pragma('pragma Foreign_Keys')).toEqual({
      schema: undefined,
      name: 'foreign_keys',
      hasValue: false,
    })
    expect(pragma('pragma main.synchronous = 1')).toEqual({
      schema: 'main',
      name: 'synchronous',
      hasValue: true,
    })
    expect(pragma('pragma table_info(t)')).toMatchObject({ name: 'table_info', hasValue: true })
  })
})

describe('readScript', () => {
  const split = (sql: string) => readScript(sql).map((statement) => statement.sql)

  it('splits at semicolons outside of strings, names and comments', () => {
    expect(
      split(`create table "a;b" (c text default ';'); -- first; really
        insert into "a;b" values ('it''s;'); /* ; */ ;; select [x;y], \`;\` from "a;b"`),
    ).toEqual([
      `create table "a;b" (c text default ';')`,
      `insert into "a;b" values ('it''s;')`,
      'select [x;y], `;` from "a;b"',
    ])
  })

  it('keeps the body of a trigger together', () => {
    const trigger = `create temp trigger tr after insert on t begin
      update t set a = case when 1 then 2 else 3 end;
      insert into log values (';end;');
      select 'x' as "end";
    end`
    expect(split(`${trigger}; select 1; end;`)).toEqual([trigger, 'select 1', 'end'])
    expect(
      split('explain create trigger x after insert on t begin select 1; end; select 2'),
    ).toEqual(['explain create trigger x after insert on t begin select 1; end', 'select 2'])
  })

  it('does not take other statements for triggers', () => {
    expect(split('drop trigger a; select 1')).toEqual(['drop trigger a', 'select 1'])
    expect(split('create table trigger_log (a); select 1')).toHaveLength(2)
    expect(split('begin; select 1; end; select 2')).toHaveLength(4)
  })

  it('gives nothing for a text of comments', () => {
    expect(split(' -- a\n/* b */ ; ')).toEqual([])
  })

  it('leaves what is not terminated to SQLite', () => {
    expect(split("select 'a; select 2")).toEqual(["select 'a; select 2"])
    expect(split('select 1 /* ; select 2')).toEqual(['select 1'])
  })
})
