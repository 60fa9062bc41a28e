import type { SQLInputValue } from 'node:sqlite'
import { describe, expect, it } from 'vitest'
import { memoryDatabase, plainDescription, postgres, sqlite } from '../../testing/dialects.ts'
import { standardDialect } from './standard-dialect.ts'

describe('a declared cursor', () => {
  const { cursor } = postgres

  it('is opened, read and closed by name', () => {
    expect(cursor?.within).toBe('transaction')
    expect(cursor?.hidden).toBe(0)
    expect(cursor?.open('a"b', 'select $1')).toBe('declare "a""b" no scroll cursor for select $1')
    expect(cursor?.fetch('c', 500, 1000)).toBe('fetch forward 500 from "c"')
    expect(cursor?.close('c')).toBe('close "c"')
  })

  it('counts in whole numbers', () => {
    expect(() => cursor?.fetch('c', 1.5, 0)).toThrow(RangeError)
    expect(() => sqlite.cursor?.fetch('c', 10, -1)).toThrow(RangeError)
    expect(() => sqlite.cursor?.fetch('c', Number.NaN, 0)).toThrow(RangeError)
  })
})

describe('a cursor over a temporary table', () => {
  const { cursor } = sqlite
  if (!cursor) throw new Error('the dialect has a cursor')

  function readAll(sql: string, values: SQLInputValue[], batch: number) {
    const database = memoryDatabase(`
      create table c (a text); insert into c values ('another table of this name');
      create table t (id integer primary key, real_ real, text_ text, any_ any);
      insert into t values (1, 1.5, '007', 7), (2, -0.25, 'b', '7'), (3, null, '', x'07')`)
    database.prepare(cursor?.open('c', sql) ?? '').run(...values)
    const batches: unknown[][] = []
    for (let done = 0; ; ) {
      const statement = database.prepare(cursor?.fetch('c', batch, done) ?? '')
      const rows = statement.all()
      if (rows.length === 0) break
      batches.push(rows.map((row) => Object.values(row)))
      done += rows.length
    }
    database.exec(cursor?.close('c') ?? '')
    database.exec(cursor?.close('c') ?? '')
    expect(database.prepare('select a from c').get()?.a).toBe('another table of this name')
    return {
      batches,
      direct: database
        .prepare(sql)
        .all(...values)
        .map((row) => Object.values(row)),
    }
  }

  it.each([
    ['the rows of a table', 'select * from t order by id desc', []],
    ['values of every kind', "select 1, 1.5, 'x', null, x'00ff', 9007199254740991, ?", ['bound']],
    [
      'columns of mixed kinds',
      'select text_ from t union all select 7 union all select any_ from t',
      [],
    ],
    ['a compound of numbers and text', "select id from t union all select '007'", []],
    ['a rowid', 'select rowid, text_ from t', []],
    [
      'a recursive query',
      'with recursive n(i) as (select 1 union all select i + 1 from n where i < 50) select i from n',
      [],
    ],
    ['a list of values', 'values (1), (2), (3)', []],
    ['a query with a comment at its end', 'select id from t -- the end', []],
    ['a query with a semicolon at its end', 'select id from t;', []],
    ['no rows', 'select id from t where false', []],
  ])('reads %s as the query itself gives them', (_, sql, values) => {
    const { batches, direct } = readAll(sql, values, 2)
    expect(batches.flat()).toEqual(direct)
    expect(batches.every((rows) => rows.length <= 2)).toBe(true)
  })
})

describe('a dialect without a cursor', () => {
  it('has none', () => {
    expect(standardDialect(plainDescription).cursor).toBeUndefined()
  })
})
