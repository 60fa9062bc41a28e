import { describe, expect, it } from 'vitest'
import { memoryDatabase, mysql, postgres, run } from '../../testing/dialects.ts'
import type { Expression, TableName } from '../expression.ts'
import type { DeleteOperation, UpdateOperation } from '../operation.ts'

const table: TableName = { kind: 'table', name: 'posts', prefix: 'main' }
const slot = (index: number): Expression => ({ kind: 'slot', slot: index })
const id: Expression = { kind: 'column', name: 'id', of: table }
const where: Expression = { kind: 'compare', operator: '=', left: id, right: slot(0) }

const update: UpdateOperation = {
  kind: 'update',
  table,
  set: [
    { column: 'title', value: slot(1) },
    {
      column: 'visits',
      value: { kind: 'add', left: { kind: 'column', name: 'visits' }, right: slot(0) },
    },
  ],
  where,
  returning: ['visits'],
}
const remove: DeleteOperation = { kind: 'delete', table, where, returning: ['title'] }

describe('updates and deletes', () => {
  it('are written with their condition and RETURNING', () => {
    expect(postgres.compile(update)).toEqual({
      sql: 'update "main"."posts" set "title" = $1, "visits" = "visits" + $2 where "main"."posts"."id" = $2 returning "visits"',
      slots: [1, 0],
    })
    expect(postgres.compile(remove)).toEqual({
      sql: 'delete from "main"."posts" where "main"."posts"."id" = $1 returning "title"',
      slots: [0],
    })
    expect(postgres.compile({ kind: 'delete', table }).sql).toBe('delete from "main"."posts"')
  })

  it('change and return the rows in SQLite', () => {
    const database = memoryDatabase(`
      create table posts (id integer, title text, visits integer);
      insert into posts values (1, 'one', 10), (2, 'two', 20)`)
    expect(run(database, update, [2, 'new'])).toEqual([{ visits: 22 }])
    expect(run(database, remove, [2])).toEqual([{ title: 'new' }])
    expect(run(database, remove, [2])).toEqual([])
  })

  it('refuse to set nothing and to return what the database cannot', () => {
    expect(() => postgres.compile({ ...update, set: [] })).toThrow('sets no column')
    expect(() => mysql.compile(update)).toThrow(
      expect.objectContaining({ capability: 'returning.update' }),
    )
    expect(() => mysql.compile(remove)).toThrow(
      expect.objectContaining({ capability: 'returning.delete' }),
    )
  })
})
