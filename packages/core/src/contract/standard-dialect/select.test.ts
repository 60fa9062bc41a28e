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
import type { SelectOperation } from '../operation.ts'
import { standardDialect } from './standard-dialect.ts'

const posts: TableName = { kind: 'table', name: 'posts' }
const slot = (index: number): Expression => ({ kind: 'slot', slot: index })
const id: Expression = { kind: 'column', name: 'id' }

function select(changes: Partial<SelectOperation> = {}): SelectOperation {
  return { kind: 'select', table: posts, columns: [id], ...changes }
}

function tail(changes: Partial<SelectOperation>, dialect = postgres): string {
  return dialect.compile(select(changes)).sql.replace(/^select \S+ from \S+ ?/, '')
}

describe('a select', () => {
  it('writes its clauses in order', () => {
    const whole = select({
      where: { kind: 'compare', operator: '=', left: id, right: slot(0) },
      orderBy: [{ by: id, direction: 'desc' }],
      limit: slot(1),
      offset: slot(2),
      lock: { mode: 'update', skipLocked: true },
    })
    expect(postgres.compile(whole)).toEqual({
      sql: 'select "id" from "posts" where "id" = $1 order by "id" desc limit $2 offset $3 for update skip locked',
      slots: [0, 1, 2],
    })
  })

  it('without columns selects a 1, which every database takes', () => {
    expect(postgres.compile(select({ columns: [] })).sql).toBe('select 1 from "posts"')
  })

  it.each([
    [postgres, 'offset $1'],
    [sqlite, 'limit -1 offset ?'],
    [mysql, 'limit 18446744073709551615 offset ?'],
  ])('has an offset without a limit: %#', (dialect, sql) => {
    expect(tail({ offset: slot(0) }, dialect)).toBe(sql)
  })

  it.each<[Partial<SelectOperation>, string]>([
    [{ limit: slot(0) }, 'fetch next ? rows only'],
    [{ offset: slot(0) }, 'offset ? rows'],
    [{ limit: slot(0), offset: slot(1) }, 'offset ? rows fetch next ? rows only'],
  ])('limits as the standard does where described so: %#', (changes, sql) => {
    const fetching = standardDialect({ ...plainDescription, limit: 'fetch' })
    expect(tail(changes, fetching)).toBe(sql)
  })

  it('puts a computed limit in parentheses', () => {
    const limit: Expression = { kind: 'add', left: slot(0), right: { kind: 'literal', value: 1 } }
    expect(tail({ limit })).toBe('limit ($1 + 1)')
  })

  it.each<[Partial<SelectOperation>['lock'], string]>([
    [{ mode: 'share' }, 'for share'],
    [{ mode: 'no key update', noWait: true }, 'for no key update nowait'],
    [{ mode: 'key share', skipLocked: true }, 'for key share skip locked'],
  ])('locks its rows: %#', (lock, sql) => {
    expect(tail({ lock })).toBe(sql)
  })

  it('refuses a row lock that the database does not have', () => {
    const refused = expect.objectContaining({ capability: 'rowLocks' })
    expect(() => tail({ lock: { mode: 'update' } }, sqlite)).toThrow(refused)
    expect(() => tail({ lock: { mode: 'key share' } }, mysql)).toThrow('it has "update", "share"')
    const both = { mode: 'update', skipLocked: true, noWait: true } as const
    expect(() => tail({ lock: both })).toThrow('choose one')
  })
})

describe('the order of nulls', () => {
  const terms = [
    { by: id, direction: 'asc', nulls: 'last' },
    { by: id, direction: 'desc', nulls: 'first' },
  ] as const

  it('is written natively or by a CASE before the term', () => {
    expect(tail({ orderBy: terms })).toBe('order by "id" asc nulls last, "id" desc nulls first')
    expect(tail({ orderBy: terms }, mysql)).toBe(
      'order by case when `id` is null then 1 else 0 end, `id` asc, case when `id` is null then 0 else 1 end, `id` desc',
    )
  })

  it('is the same in both ways', () => {
    const database = memoryDatabase(
      'create table posts (id integer); insert into posts values (2), (null), (1), (null)',
    )
    const byCase = sqlite.extend({ nullsOrder: 'case' })
    for (const term of terms) {
      const sorted = run(database, select({ orderBy: [term] }))
      expect(run(database, select({ orderBy: [term] }), [], byCase)).toEqual(sorted)
      expect(sorted[term.nulls === 'first' ? 0 : 3]).toEqual({ id: null })
    }
  })
})

describe('exists', () => {
  it('finds 1 where the select has a row and 0 where it has none', () => {
    const database = memoryDatabase('create table posts (id integer); insert into posts values (7)')
    const exists = (value: number) =>
      run(
        database,
        {
          kind: 'exists',
          select: select({
            columns: [],
            where: { kind: 'compare', operator: '=', left: id, right: slot(0) },
            limit: slot(1),
          }),
        },
        [value, 1],
      )
    expect(exists(7)).toEqual([{ found: 1 }])
    expect(exists(8)).toEqual([{ found: 0 }])
  })
})

describe('selects in SQLite', () => {
  it('page through rows with and without a limit', () => {
    const database = memoryDatabase(
      'create table posts (id integer); insert into posts values (1), (2), (3), (4)',
    )
    const orderBy = [{ by: id, direction: 'asc' }] as const
    const page = (changes: Partial<SelectOperation>, values: number[]) =>
      run(database, select({ orderBy, ...changes }), values).map((row) => row.id)
    expect(page({ limit: slot(0) }, [2])).toEqual([1, 2])
    expect(page({ offset: slot(0) }, [3])).toEqual([4])
    expect(page({ limit: slot(0), offset: slot(1) }, [2, 1])).toEqual([2, 3])
    expect(page({ limit: slot(0), offset: slot(0) }, [2])).toEqual([3, 4])
  })
})
