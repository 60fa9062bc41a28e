import { describe, expect, it } from 'vitest'
import {
  memoryDatabase,
  mysql,
  plainDescription,
  postgres,
  run,
  sqlite,
} from '../../testing/dialects.ts'
import type { Expression, TableName } from '../expression.ts'
import type { Assignment, ConflictAction, ConflictTarget, InsertOperation } from '../operation.ts'
import { standardDialect } from './standard-dialect.ts'

const posts: TableName = { kind: 'table', name: 'posts' }
const slot = (index: number): Expression => ({ kind: 'slot', slot: index })
const column = (name: string, of?: TableName): Expression => ({ kind: 'column', name, of })
const excluded = (name: string): Expression => ({ kind: 'excluded', name })
const add = (left: Expression, right: Expression): Expression => ({ kind: 'add', left, right })

function upsert(onConflict: ConflictAction, table = posts): InsertOperation {
  return {
    kind: 'insert',
    table,
    columns: ['id', 'visits'],
    rows: [[slot(0), slot(1)]],
    primaryKey: ['id'],
    onConflict,
    returning: undefined,
  }
}

const byId: ConflictTarget = { kind: 'columns', columns: ['id'] }
const sum: Assignment = { column: 'visits', value: add(column('visits'), excluded('visits')) }

function clause(onConflict: ConflictAction, dialect = postgres, table = posts): string {
  return dialect.compile(upsert(onConflict, table)).sql.replace(/^.*?values \(\S+ \S+\) /, '')
}

describe('on conflict', () => {
  it.each<[ConflictAction, string]>([
    [{ kind: 'nothing' }, 'on conflict do nothing'],
    [{ kind: 'nothing', target: byId }, 'on conflict ("id") do nothing'],
    [
      { kind: 'nothing', target: { kind: 'constraint', name: 'posts_key' } },
      'on conflict on constraint "posts_key" do nothing',
    ],
    [
      { kind: 'nothing', target: { kind: 'unsafe', sql: '(lower(title))' } },
      'on conflict (lower(title)) do nothing',
    ],
    [
      {
        kind: 'nothing',
        target: {
          kind: 'columns',
          columns: ['id', 'title'],
          where: {
            kind: 'compare',
            operator: '=',
            left: column('state'),
            right: { kind: 'literal', value: "it's" },
          },
        },
      },
      `on conflict ("id", "title") where "state" = 'it''s' do nothing`,
    ],
    [
      { kind: 'update', target: byId, set: [{ column: 'visits', value: excluded('visits') }] },
      'on conflict ("id") do update set "visits" = excluded."visits"',
    ],
    [
      {
        kind: 'update',
        target: byId,
        set: [sum, { column: 'title', value: slot(2) }],
        where: { kind: 'compare', operator: '<', left: column('visits', posts), right: slot(2) },
      },
      'on conflict ("id") do update set "visits" = "posts"."visits" + excluded."visits", "title" = $3 where "posts"."visits" < $3',
    ],
  ])('writes each target and action: %#', (action, sql) => {
    expect(clause(action)).toBe(sql)
  })

  it('means the existing row by a column of its table, wherever the column stands', () => {
    const tenant = { ...posts, prefix: 'tenant' }
    const other: TableName = { kind: 'table', name: 'other', prefix: 'tenant' }
    const value: Expression = {
      kind: 'raw',
      parts: ['coalesce(', column('a'), ', ', column('b', tenant), ', ', column('c', other), ')'],
    }
    const action: ConflictAction = { kind: 'update', target: byId, set: [{ column: 'x', value }] }
    expect(clause(action, postgres, tenant)).toBe(
      'on conflict ("id") do update set "x" = coalesce("posts"."a", "posts"."b", "tenant"."other"."c")',
    )
  })

  it('leaves columns elsewhere as they are', () => {
    const action: ConflictAction = { kind: 'update', target: byId, set: [sum] }
    const rows = [[column('id'), slot(0)]]
    const { sql } = postgres.compile({ ...upsert(action), rows, returning: ['visits'] })
    expect(sql).toContain('values ("id", $1)')
    expect(sql).toMatch(/ returning "visits"$/)
  })

  it('refuses to set nothing, and to upsert where there is no way', () => {
    const plain = standardDialect(plainDescription)
    const none: ConflictAction = { kind: 'update', target: byId, set: [] }
    expect(() => clause(none)).toThrow(expect.objectContaining({ code: 'OPERATION_INVALID' }))
    for (const action of [{ kind: 'nothing' }, { kind: 'update', set: [sum] }] as const)
      expect(() => plain.compile(upsert(action))).toThrow(
        expect.objectContaining({ capability: `upsert.${action.kind}` }),
      )
  })
})

describe('on duplicate key', () => {
  it('takes the proposed row from values() or from a row alias', () => {
    const update: ConflictAction = { kind: 'update', set: [sum] }
    expect(clause(update, mysql)).toBe(
      'on duplicate key update `visits` = `posts`.`visits` + values(`visits`)',
    )
    expect(clause(update, mysql.extend({ upsert: 'on_duplicate_key_alias' }))).toBe(
      'as excluded on duplicate key update `visits` = `posts`.`visits` + excluded.`visits`',
    )
  })

  it('does nothing by setting a column to itself', () => {
    expect(clause({ kind: 'nothing' }, mysql)).toBe('on duplicate key update `id` = `posts`.`id`')
  })

  it.each<[ConflictAction, string]>([
    [{ kind: 'nothing', target: byId }, 'upsert.columns'],
    [{ kind: 'nothing', target: { kind: 'constraint', name: 'c' } }, 'upsert.constraint'],
    [{ kind: 'nothing', target: { kind: 'unsafe', sql: '(a)' } }, 'upsert.unsafeFragment'],
    [
      { kind: 'nothing', target: { kind: 'columns', columns: ['id'], where: column('a') } },
      'upsert.partialIndex',
    ],
    [{ kind: 'update', set: [sum], where: column('a') }, 'upsert.updateWhere'],
  ])('refuses what it cannot say: %#', (action, capability) => {
    expect(() => clause(action, mysql)).toThrow(expect.objectContaining({ capability }))
  })
})

describe('upserts in SQLite', () => {
  const schema = `attach ':memory:' as tenant;
    create table posts (id integer primary key, visits integer);
    create table excluded (id integer primary key, visits integer);
    create table tenant.posts (id integer primary key, visits integer)`
  const below: ConflictAction = {
    kind: 'update',
    target: byId,
    set: [sum],
    where: { kind: 'compare', operator: '<', left: column('visits'), right: slot(1) },
  }

  it.each<[string, TableName]>([
    ['a table', posts],
    ['a table of an attached database', { ...posts, prefix: 'tenant' }],
    ['a table that is called like the proposed row', { kind: 'table', name: 'excluded' }],
  ])('add the proposed to the existing row, in %s', (_, table) => {
    const database = memoryDatabase(schema)
    const statement = { ...upsert(below, table), returning: ['visits'] }
    expect(run(database, statement, [1, 10])).toEqual([{ visits: 10 }])
    expect(run(database, statement, [1, 15])).toEqual([{ visits: 25 }])
    expect(run(database, statement, [1, 20])).toEqual([])
  })

  it('reach a partial index through the literals of its predicate', () => {
    const database = memoryDatabase(`
      create table posts (id integer, visits integer);
      create unique index live on posts (id) where visits > -1`)
    const where: Expression = {
      kind: 'compare',
      operator: '>',
      left: column('visits'),
      right: { kind: 'literal', value: -1 },
    }
    const action: ConflictAction = { ...below, target: { ...byId, where } }
    const statement = { ...upsert(action), returning: ['visits'] }
    expect(run(database, statement, [1, 3])).toEqual([{ visits: 3 }])
    expect(run(database, statement, [1, 4])).toEqual([{ visits: 7 }])
    expect(run(database, statement, [1, -1])).toEqual([{ visits: -1 }])
  })

  it('take the same slot as often as it stands', () => {
    const database = memoryDatabase(schema)
    const both: Assignment = { column: 'visits', value: add(slot(1), slot(1)) }
    const action: ConflictAction = { kind: 'update', target: byId, set: [both] }
    const statement = { ...upsert(action), returning: ['visits'] }
    expect(sqlite.compile(statement).slots).toEqual([0, 1, 1, 1])
    expect(run(database, statement, [1, 5])).toEqual([{ visits: 5 }])
    expect(run(database, statement, [1, 5])).toEqual([{ visits: 10 }])
  })
})
