import { sqlite } from '@mortise/adapter-sqlite'
import { createRepo, defineTable, shared, sql, t } from '@mortise/core'
import type { Adapter } from '@mortise/core/adapter'
import { describe, expect, test } from 'vitest'
import { databases, openRepo } from './databases.ts'

const items = defineTable('items', {
  id: t.id(),
  name: t.text(),
  n: t.integer({ dbDefault: true }),
  note: t.text({ nullable: true }),
  at: t.timestamp({ dbDefault: true }),
})

const schema = `
  create table items (
    id integer primary key, name text not null unique, n integer not null default 42, note text default 'none',
    at text not null default '2024-05-01 10:00:00'
  ) strict;
`

/** The same database with room for fewer parameters. */
function limited(adapter: Adapter, maxParameters: number): Adapter {
  return { ...adapter, capabilities: { ...adapter.capabilities, maxParameters } }
}

/** Counts the statements that a connection gets, by their first word. */
function counting(adapter: Adapter): { adapter: Adapter; statements: string[] } {
  const statements: string[] = []
  return {
    statements,
    adapter: {
      ...adapter,
      async connect(context) {
        const connection = await adapter.connect(context)
        return {
          execute(request) {
            statements.push(request.sql.split(' ', 1)[0] as string)
            return connection.execute(request)
          },
          close: () => connection.close(),
        }
      },
    },
  }
}

describe.each(databases)('insertAll on %s', (_name, adapter) => {
  test('inserts more rows than any parameter limit, in order, and gives them back', async () => {
    const repo = await openRepo(adapter(), schema)
    const rows = Array.from({ length: 70_000 }, (_, i) => ({ name: `item ${i}`, n: i }))
    expect(await repo.insertAll(items, rows)).toEqual({ count: 70_000 })
    const { rows: sums } = await repo.query(
      sql`select count(*) as rows, sum(${items.n}) as total, sum(${items.id} - 1 = ${items.n}) as placed from ${items}`,
    )
    expect(sums).toEqual([{ rows: 70_000, total: (70_000 * 69_999) / 2, placed: 70_000 }])
  })

  test('gives rows back in the order given, across statements and sets of columns', async () => {
    const repo = await openRepo(limited(adapter(), 50), schema)
    const rows = Array.from({ length: 500 }, (_, i) =>
      i % 7 < 3 ? { name: `${i}` } : { name: `${i}`, n: i, note: i % 2 === 0 ? null : 'odd' },
    )
    const { count, rows: written } = await repo.insertAll(items, rows, { returning: true })
    expect(count).toBe(500)
    expect(written).toEqual(
      rows.map((row, i) => ({
        id: i + 1,
        name: row.name,
        n: row.n ?? 42,
        note: row.note === undefined ? 'none' : row.note,
        at: new Date('2024-05-01T10:00:00Z'),
      })),
    )
  })

  test('is all or nothing, however many statements it took', async () => {
    const repo = await openRepo(limited(adapter(), 20), schema)
    await repo.insert(items, { name: 'item 99' })
    const rows = Array.from({ length: 100 }, (_, i) => ({ name: `item ${i}` }))
    await expect(repo.insertAll(items, rows)).rejects.toMatchObject({ kind: 'unique_violation' })
    expect(await repo.all(items, { select: ['name'] })).toEqual([{ name: 'item 99' }])
    expect(await repo.insertAll(items, rows, { onConflict: 'nothing' })).toEqual({ count: 99 })
  })

  test('is part of the transaction around it, and fails it', async () => {
    const repo = await openRepo(limited(adapter(), 20), schema)
    const rows = Array.from({ length: 30 }, (_, i) => ({ name: `${i % 29}` }))
    await expect(
      repo.transaction(async () => {
        await repo.insert(items, { name: 'before' })
        await repo.insertAll(items, rows).catch(() => {})
        await repo.insert(items, { name: 'after' })
      }),
    ).rejects.toMatchObject({ kind: 'transaction_failed', cause: { kind: 'unique_violation' } })
    expect(await repo.count(items)).toBe(0)
    await repo.transaction(async (tx) => {
      await tx.insert(items, { name: 'before' })
      await tx.transaction(() => repo.insertAll(items, rows)).catch(() => {})
      await tx.insert(items, { name: 'after' })
    })
    expect(await repo.count(items)).toBe(2)
  })

  test('is all or nothing inside a transaction that goes on after errors', async () => {
    const repo = await openRepo(limited(adapter(), 20), schema)
    const rows = Array.from({ length: 30 }, (_, i) => ({ name: `${i % 29}` }))
    await repo.transaction(
      async (tx) => {
        await tx.insert(items, { name: 'before' })
        await expect(tx.insertAll(items, rows)).rejects.toMatchObject({ kind: 'unique_violation' })
        await tx.insert(items, { name: 'after' })
      },
      { onError: 'continue' },
    )
    expect((await repo.all(items, { orderBy: 'id' })).map(({ name }) => name)).toEqual([
      'before',
      'after',
    ])
  })

  test('takes shared values', async () => {
    const repo = await openRepo(adapter(), schema)
    const at = shared(new Date('2030-01-01T00:00:00.123Z'))
    const n = shared(7)
    const rows = Array.from({ length: 300 }, (_, i) => ({
      name: `${i}`,
      at,
      n,
      note: shared(`own ${i}`),
    }))
    expect(await repo.insertAll(items, rows)).toEqual({ count: 300 })
    expect(await repo.count(items, { where: { at: at.value, n: 7 } })).toBe(300)
    expect(await repo.one(items, { where: { name: '299' } })).toMatchObject({ note: 'own 299' })
  })

  test('takes values of every kind exactly, also those that look like SQL', async () => {
    const repo = await openRepo(adapter(), schema)
    const names = [
      "'; drop table items; --",
      '"',
      '`',
      '?',
      '$1',
      ':a',
      '\\',
      '%',
      'ä€😀',
      'a\0b',
      '',
    ]
    await repo.insertAll(
      items,
      names.map((name) => ({ name })),
    )
    expect((await repo.all(items, { orderBy: 'id' })).map(({ name }) => name)).toEqual(names)
  })
})

test('insertAll sends one statement where one will do, and nothing for no rows', async () => {
  const { adapter, statements } = counting(sqlite(':memory:'))
  await using counted = createRepo({ adapter })
  await counted.query(schema.trim())
  statements.length = 0
  await counted.insertAll(items, [])
  await counted.insertAll(items, [{ name: 'a' }, { name: 'b' }, { name: 'c' }])
  expect(statements).toEqual(['insert'])
  await counted.insertAll(
    items,
    Array.from({ length: 200 }, (_, i) => ({ name: `${i}` })),
  )
  expect(statements).toEqual(['insert', 'begin', 'insert', 'insert', 'insert', 'commit'])
})
