import { sqlite } from '@mortise/adapter-sqlite'
import { defineTable, type Repo, sql, t } from '@mortise/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { databases, openRepo } from './databases.ts'

const posts = defineTable('posts', {
  id: t.id(),
  title: t.text({ nullable: true, source: 'post_title' }),
  visits: t.integer({ nullable: true }),
  live: t.boolean({ default: true }),
  meta: t.json({ nullable: true }),
})
const readings = defineTable('readings', {
  sensor: t.integer({ primaryKey: true }),
  takenAt: t.timestamp({ primaryKey: true, as: 'string' }),
  value: t.float(),
})

const schema = `
  create table posts (
    id integer primary key, post_title text, visits integer, live integer not null, meta text
  ) strict;
  create table readings (
    sensor integer not null, takenAt text not null, value real not null, primary key (sensor, takenAt)
  ) strict;
`

const rows = [
  { id: 1, title: 'a', visits: 1, live: true, meta: null },
  { id: 2, title: 'b', visits: 2, live: true, meta: { a: [1, { b: null }] } },
  { id: 3, title: 'ab', visits: 3, live: false, meta: [] },
  { id: 4, title: null, visits: null, live: true, meta: 'text' },
  { id: 5, title: 'A', visits: 3, live: false, meta: 0 },
]

// biome-ignore lint/suspicious/noExplicitAny: conditions of every kind are given to one call
type Any = any

describe.each(databases)('reading from %s', (_name, adapter) => {
  const open = async (): Promise<Repo> => {
    const repo = await openRepo(adapter(), schema)
    await repo.insertAll(posts, rows)
    return repo
  }

  test.each<[string, unknown, number[]]>([
    ['everything', undefined, [1, 2, 3, 4, 5]],
    ['an empty condition', {}, [1, 2, 3, 4, 5]],
    ['equality', { visits: 3 }, [3, 5]],
    ['boolean equality', { live: false }, [3, 5]],
    ['null', { title: null }, [4]],
    ['eq null', { visits: { eq: null } }, [4]],
    ['ne null', { visits: { ne: null } }, [1, 2, 3, 5]],
    ['ne, which null never is', { visits: { ne: 3 } }, [1, 2]],
    ['a list', { title: ['a', 'ab'] }, [1, 3]],
    ['an empty list', { title: [] }, []],
    ['an empty in', { visits: { in: [] } }, []],
    ['a range', { visits: { gt: 1, lte: 3 } }, [2, 3, 5]],
    ['gte and lt', { visits: { gte: 2, lt: 3 } }, [2]],
    ['like', { title: { like: 'a%' } }, [1, 3, 5]],
    ['like that is no pattern', { title: { like: '_' } }, [1, 2, 5]],
    ['several columns', { visits: 3, live: false, title: { ne: 'A' } }, [3]],
    ['json by value', { meta: { eq: { a: [1, { b: null }] } } }, [2]],
    ['json by one of several', { meta: { in: [[], 'text', 0] } }, [3, 4, 5]],
    ['json null', { meta: null }, [1]],
    ['a fragment', sql`${posts.visits} % ${2} = ${1} and ${posts.live}`, [1]],
  ])('finds by %s', async (_what, where, ids) => {
    const repo = await open()
    const found = await repo.all(posts, { where: where as Any, orderBy: 'id' })
    expect(found).toEqual(rows.filter(({ id }) => ids.includes(id)))
    expect(await repo.count(posts, { where: where as Any })).toBe(ids.length)
    expect(await repo.exists(posts, { where: where as Any })).toBe(ids.length > 0)
    if (ids.length > 1) {
      await expect(repo.one(posts, { where: where as Any })).rejects.toMatchObject({
        code: 'NOT_ONE_ROW',
      })
    } else expect(await repo.one(posts, { where: where as Any })).toEqual(found[0])
  })

  test.each<[string, unknown, number[]]>([
    ['a column', 'visits', [4, 1, 2, 3, 5]],
    ['a column down', { visits: 'desc' }, [3, 5, 2, 1, 4]],
    ['nulls last', [{ visits: { nulls: 'last' } }, { id: 'desc' }], [1, 2, 5, 3, 4]],
    [
      'nulls first, down',
      { visits: { direction: 'desc', nulls: 'first' }, id: 'asc' },
      [4, 3, 5, 2, 1],
    ],
    ['two columns', ['live', { id: 'desc' }], [5, 3, 4, 2, 1]],
    [
      'a fragment with a direction',
      [sql`lower(${posts.title}) desc nulls last`, 'id'],
      [2, 3, 1, 5, 4],
    ],
    ['a fragment with a value', [sql`(${posts.id} + ${2}) % ${5}`], [3, 4, 5, 1, 2]],
  ])('orders by %s', async (_what, orderBy, ids) => {
    const repo = await open()
    const found = await repo.all(posts, { orderBy: orderBy as Any, select: ['id'] })
    expect(found.map(({ id }) => id)).toEqual(ids)
  })

  test('takes limit and offset, alone and together', async () => {
    const repo = await open()
    const ids = async (options: object): Promise<number[]> =>
      (await repo.all(posts, { orderBy: 'id', ...options })).map(({ id }) => id)
    expect(await ids({ limit: 2 })).toEqual([1, 2])
    expect(await ids({ limit: 2, offset: 3 })).toEqual([4, 5])
    expect(await ids({ offset: 4 })).toEqual([5])
    expect(await ids({ limit: 0 })).toEqual([])
    expect(await ids({ offset: 9 })).toEqual([])
    expect(await repo.one(posts, { orderBy: 'id', limit: 1, offset: 1 })).toMatchObject({ id: 2 })
  })

  test('gets by a composite key, exactly', async () => {
    const repo = await open()
    const takenAt = '2024-05-01T10:00:00.000001Z'
    await repo.insertAll(readings, [
      { sensor: 1, takenAt, value: 1 },
      { sensor: 1, takenAt: '2024-05-01T10:00:00.000002Z', value: 2 },
    ])
    expect(await repo.get(readings, { sensor: 1, takenAt })).toEqual({
      sensor: 1,
      takenAt,
      value: 1,
    })
    expect(await repo.get(readings, { sensor: 2, takenAt })).toBeUndefined()
    await repo.update(readings, { sensor: 1, takenAt }, { value: 5 })
    await repo.delete(readings, { sensor: 1, takenAt: '2024-05-01T10:00:00.000002Z' })
    expect(await repo.all(readings)).toEqual([{ sensor: 1, takenAt, value: 5 }])
  })

  test('refuses a lock, which SQLite does not have, before anything is sent', async () => {
    const repo = await open()
    await expect(repo.all(posts, { lock: 'update' })).rejects.toMatchObject({
      name: 'UnsupportedError',
      capability: 'rowLocks',
    })
  })

  test('reads what was written at once, from whichever connection', async () => {
    const repo = await open()
    for (let id = 10; id < 40; id++) {
      await repo.insert(posts, { id, title: `${id}` })
      expect(await repo.get(posts, id)).toMatchObject({ title: `${id}` })
    }
  })
})

test('conditions find what a filter of JavaScript finds', async () => {
  const repo = await openRepo(sqlite(':memory:'), schema)
  const number = fc.integer({ min: -2, max: 2 })
  const text = fc.constantFrom('', 'a', 'b', 'ab', 'ä')
  const rowOf = fc.record({
    title: fc.option(text),
    visits: fc.option(number),
    live: fc.boolean(),
  })
  const conditionOn = <V>(values: fc.Arbitrary<V>): fc.Arbitrary<unknown> =>
    fc.oneof(
      values,
      fc.constant(null),
      fc.array(values, { maxLength: 3 }),
      fc.dictionary(fc.constantFrom('eq', 'ne', 'gt', 'gte', 'lt', 'lte'), values, { minKeys: 1 }),
      fc.record({ in: fc.array(values, { maxLength: 3 }) }),
      fc.constantFrom({ eq: null }, { ne: null }),
    )
  const wheres = fc.record(
    { title: conditionOn(text), visits: conditionOn(number), live: fc.boolean() },
    { requiredKeys: [] },
  )
  await fc.assert(
    fc.asyncProperty(fc.array(rowOf, { maxLength: 8 }), wheres, async (stored, where) => {
      await repo.deleteAll(posts, { all: true })
      await repo.insertAll(posts, stored)
      const found = await repo.all(posts, {
        where: where as Any,
        orderBy: 'id',
        select: ['title', 'visits', 'live'],
      })
      expect(found).toEqual(
        stored.filter((row) =>
          Object.entries(where).every(([name, condition]) => fits((row as Any)[name], condition)),
        ),
      )
    }),
    { numRuns: 400 },
  )
})

/** Whether a value fits a condition, by SQL's logic of null. */
function fits(value: Any, condition: Any): boolean {
  if (condition === null) return value === null
  if (Array.isArray(condition)) return condition.includes(value)
  if (typeof condition !== 'object') return value === condition
  return Object.entries(condition).every(([operator, operand]: [string, Any]) => {
    if (operand === null) return operator === 'eq' ? value === null : value !== null
    if (value === null) return false
    switch (operator) {
      case 'eq':
        return value === operand
      case 'ne':
        return value !== operand
      case 'gt':
        return value > operand
      case 'gte':
        return value >= operand
      case 'lt':
        return value < operand
      case 'lte':
        return value <= operand
      default:
        return operand.includes(value)
    }
  })
}
