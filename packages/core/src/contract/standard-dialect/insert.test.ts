import { describe, expect, it } from 'vitest'
import { UnsupportedError } from '../../errors/index.ts'
import {
  memoryDatabase,
  mysql,
  plainDescription,
  postgres,
  run,
  sqlite,
} from '../../testing/dialects.ts'
import type { Expression } from '../expression.ts'
import type { ConflictAction, InsertOperation } from '../operation.ts'
import { standardDialect } from './standard-dialect.ts'

const plain = standardDialect(plainDescription)
const slot = (index: number): Expression => ({ kind: 'slot', slot: index })

function insert(changes: Partial<InsertOperation> = {}): InsertOperation {
  return {
    kind: 'insert',
    table: { kind: 'table', name: 'posts' },
    columns: ['id', 'title'],
    rows: [[slot(0), slot(1)]],
    primaryKey: ['id'],
    ...changes,
  }
}

const empty = { columns: [], rows: [[]] }

describe('an insert', () => {
  it('names its columns and holds its values as placeholders', () => {
    const rows = [
      [slot(0), slot(1)],
      [slot(2), slot(1)],
    ]
    expect(plain.compile(insert({ rows }))).toEqual({
      sql: 'insert into "posts" ("id", "title") values (?, ?), (?, ?)',
      slots: [0, 1, 2, 1],
    })
    expect(postgres.compile(insert({ rows, returning: ['id'] }))).toEqual({
      sql: 'insert into "posts" ("id", "title") values ($1, $2), ($3, $2) returning "id"',
      slots: [0, 1, 2],
    })
  })

  it('may have as many parameters as a protocol takes', () => {
    const rows = Array.from({ length: 32_767 }, (_, row) => [slot(row), slot(row + 32_767)])
    const { sql, slots } = postgres.compile(insert({ rows }))
    expect(slots).toHaveLength(65_534)
    expect(sql).toMatch(/\(\$65533, \$65534\)$/)
  })

  it('qualifies its table by the prefix', () => {
    const table = { kind: 'table', name: 'posts', prefix: 'tenant' } as const
    expect(plain.compile(insert({ table })).sql).toMatch(/^insert into "tenant"."posts" /)
  })

  it('writes a default where the database takes one among values', () => {
    const rows = [[slot(0), { kind: 'default' } as const]]
    expect(postgres.compile(insert({ rows })).sql).toContain('values ($1, default)')
    expect(() => sqlite.compile(insert({ rows }))).toThrow(
      expect.objectContaining({ name: 'UnsupportedError', capability: 'cellDefault' }),
    )
  })

  it('refuses RETURNING where the database has none', () => {
    expect(() => plain.compile(insert({ returning: ['id'] }))).toThrow(
      expect.objectContaining({ capability: 'returning.insert' }),
    )
    const some = plain.extend({ returning: { insert: true, update: false, delete: true } })
    expect(some.compile(insert({ returning: ['id'] })).sql).toMatch(/ returning "id"$/)
    expect(plain.compile(insert({ returning: [] })).sql).not.toContain('returning')
  })

  it.each([
    [{ rows: [] }, 'has no rows'],
    [{ rows: [[slot(0)]] }, 'row 0 of an insert has 1 values for 2 columns'],
    [{ columns: [], rows: [[], [slot(0)]] }, 'row 1 of an insert has 1 values for 0 columns'],
  ])('refuses rows that do not fit their columns: %#', (changes, message) => {
    expect(() => plain.compile(insert(changes))).toThrow(message)
  })
})

describe('an insert without columns', () => {
  const nothing: ConflictAction = { kind: 'nothing' }

  it.each([
    ['the standard', plain, undefined, 'insert into "posts" default values'],
    ['postgresql', postgres, nothing, 'insert into "posts" default values on conflict do nothing'],
    ['mysql', mysql, undefined, 'insert into `posts` () values ()'],
    [
      'mysql',
      mysql,
      nothing,
      'insert into `posts` () values () on duplicate key update `id` = `posts`.`id`',
    ],
    ['sqlite', sqlite, undefined, 'insert into "posts" default values'],
    [
      'sqlite',
      sqlite,
      nothing,
      'insert into "posts" ("_rowid_") values (null) on conflict do nothing',
    ],
  ])(
    'in %s is one row of defaults and keeps its conflict action',
    (_, dialect, onConflict, sql) => {
      expect(dialect.compile(insert({ ...empty, onConflict })).sql).toBe(sql)
    },
  )

  it.each([
    ['postgresql', postgres, 'insert into "posts" ("id") values (default), (default)'],
    ['mysql', mysql, 'insert into `posts` () values (), ()'],
    ['sqlite', sqlite, 'insert into "posts" ("_rowid_") values (null), (null)'],
  ])('in %s may make several rows', (_, dialect, sql) => {
    expect(dialect.compile(insert({ columns: [], rows: [[], []] })).sql).toBe(sql)
  })

  it('refuses several rows where there is no column to name', () => {
    const several = insert({ columns: [], rows: [[], []], primaryKey: [] })
    expect(() => postgres.compile(several)).toThrow('insert them one by one')
  })

  it('calls the rowid by a name that no column of the statement has', () => {
    const keyed = insert({ ...empty, onConflict: nothing, primaryKey: ['_ROWID_', 'rowid'] })
    expect(sqlite.compile(keyed).sql).toContain('("oid") values (null)')
  })

  it.each([
    ['a generated key', 'id integer primary key, hits integer default 0, u text unique default 1'],
    ['a key with a default', "id text primary key default 'main', hits integer default 0"],
    [
      'two key columns',
      'id text default 1, k text default 2, hits integer default 0, primary key (id, k)',
    ],
  ])('meets the row that is there in SQLite, with %s', (_, columns) => {
    const database = memoryDatabase(`create table posts (${columns})`)
    const more: ConflictAction = {
      kind: 'update',
      set: [
        {
          column: 'hits',
          value: { kind: 'add', left: { kind: 'column', name: 'hits' }, right: slot(0) },
        },
      ],
    }
    const upsert = insert({ ...empty, onConflict: more, returning: ['hits'] })
    expect(run(database, upsert, [5])).toEqual([{ hits: 0 }])
    expect(run(database, upsert, [5])).toEqual([{ hits: 5 }])
    expect(run(database, insert({ ...empty, onConflict: nothing, returning: ['hits'] }))).toEqual(
      [],
    )
    expect(run(database, upsert, [2])).toEqual([{ hits: 7 }])
  })

  it('is refused by SQLite itself, not changed, in a table without a rowid', () => {
    const database = memoryDatabase(
      "create table posts (id text primary key default 'x') without rowid",
    )
    expect(() => run(database, insert({ ...empty, onConflict: nothing }))).toThrow('_rowid_')
    expect(run(database, insert({ ...empty, returning: ['id'] }))).toEqual([{ id: 'x' }])
  })

  it('is an UnsupportedError with a conflict action where there are no upserts', () => {
    expect(() => plain.compile(insert({ ...empty, onConflict: nothing }))).toThrow(UnsupportedError)
  })
})
