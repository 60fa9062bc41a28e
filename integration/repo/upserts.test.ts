import { defineTable, sql, t } from '@mortise/core'
import { describe, expect, test } from 'vitest'
import { databases, openRepo } from './databases.ts'

const posts = defineTable('posts', {
  id: t.id(),
  slug: t.text({ nullable: true }),
  lang: t.text({ dbDefault: true }),
  title: t.text({ source: 'post_title' }),
  visits: t.integer({ default: 0 }),
  gone: t.boolean({ default: false }),
})
const readings = defineTable('readings', {
  sensor: t.integer({ primaryKey: true, source: 'sensor_id' }),
  day: t.date({ primaryKey: true, source: 'taken' }),
  value: t.float({ source: 'reading' }),
})
const counters = defineTable('counters', { id: t.id(), n: t.integer({ dbDefault: true }) })

const schema = `
  create table posts (
    id integer primary key, slug text, lang text not null default 'en', post_title text not null,
    visits integer not null, gone integer not null
  ) strict;
  create unique index posts_slug on posts (slug) where gone = 0;
  create unique index posts_title on posts (post_title);
  create table readings (
    sensor_id integer not null, taken text not null, reading real not null,
    primary key (sensor_id, taken)
  ) strict;
  create table counters (id integer primary key, n integer unique default 7) strict;
`

const old = { slug: 'a', title: 'old', visits: 5 }
const proposed = { slug: 'a', title: 'new', visits: 9 }
const partial = { columns: 'slug', where: { gone: false } } as const

/** An upsert of `proposed` onto `old`, and the row that is there afterwards. */
const outcomes: readonly (readonly [string, object, object])[] = [
  ['nothing', { onConflict: 'nothing' }, { title: 'old', visits: 5 }],
  [
    'replace_all_except_primary_key',
    { onConflict: 'replace_all_except_primary_key' },
    { title: 'new', visits: 9, lang: 'en' },
  ],
  ['replace', { onConflict: { replace: ['title'] } }, { title: 'new', visits: 5 }],
  [
    'replaceAllExcept',
    { onConflict: { replaceAllExcept: ['id', 'title'] } },
    { title: 'old', visits: 9 },
  ],
  ['set', { onConflict: { set: { title: 'set' } } }, { title: 'set', visits: 5 }],
  ['inc', { onConflict: { inc: { visits: 3 } } }, { title: 'old', visits: 8 }],
  [
    'set of both rows',
    {
      onConflict: {
        // biome-ignore lint/suspicious/noExplicitAny: the options are given to several calls
        set: ({ existing, excluded }: any) => ({
          title: sql`${existing.title} || '+' || ${excluded.title}`,
        }),
      },
    },
    { title: 'old+new', visits: 5 },
  ],
  [
    'where that holds',
    { onConflict: { inc: { visits: 1 }, where: { visits: 5, title: ['old', 'x'] } } },
    { visits: 6 },
  ],
  [
    'where that does not hold',
    { onConflict: { inc: { visits: 1 }, where: { visits: { gt: 5 } } } },
    { visits: 5 },
  ],
  [
    'where of both rows',
    {
      onConflict: {
        inc: { visits: 1 },
        // biome-ignore lint/suspicious/noExplicitAny: the options are given to several calls
        where: ({ existing, excluded }: any) => sql`${existing.visits} < ${excluded.visits}`,
      },
    },
    { visits: 6 },
  ],
]

const targets: readonly (readonly [string, object])[] = [
  ['without a target', {}],
  ['on a partial index', { conflictTarget: partial }],
  ['on a fragment', { conflictTarget: { unsafeFragment: '(slug) where gone = 0' } }],
]

describe.each(databases)('an upsert on %s', (_name, adapter) => {
  // biome-ignore lint/suspicious/noExplicitAny: options of every kind are given to one call
  const open = (): Promise<any> => openRepo(adapter(), schema)
  const skipped = (options: object): boolean =>
    JSON.stringify(options).includes('nothing') || JSON.stringify(options).includes('"gt"')

  describe.each(targets)('%s', (_target, target) => {
    test.each(outcomes)('of one row: %s', async (_action, options, expected) => {
      for (const returning of [true, ['title', 'visits'], false]) {
        const repo = await open()
        const { id } = await repo.insert(posts, old)
        const row = await repo.insert(posts, proposed, { ...options, ...target, returning })
        const stored = await repo.get(posts, id)
        expect(stored).toMatchObject(expected)
        expect(await repo.count(posts)).toBe(1)
        if (returning === false || skipped(options)) expect(row).toBeUndefined()
        else if (returning === true) expect(row).toEqual(stored)
        else expect(row).toEqual({ title: stored.title, visits: stored.visits })
      }
    })

    test.each(outcomes)('of many rows: %s', async (_action, options, expected) => {
      for (const returning of [true, false]) {
        const repo = await open()
        const { id } = await repo.insert(posts, old)
        const rows = [{ title: 'first' }, proposed, { title: 'last', slug: 'z' }]
        const answer = await repo.insertAll(posts, rows, { ...options, ...target, returning })
        expect(await repo.get(posts, id)).toMatchObject(expected)
        expect(await repo.count(posts)).toBe(3)
        expect(answer.count).toBe(skipped(options) ? 2 : 3)
        if (returning) {
          const titles = answer.rows.map(({ title }: { title: string }) => title)
          const written = (await repo.get(posts, id)).title
          expect(titles).toEqual(skipped(options) ? ['first', 'last'] : ['first', written, 'last'])
        } else expect(answer.rows).toBeUndefined()
      }
    })
  })

  test('with replace_all replaces the key too, with replace_all_except_primary_key never', async () => {
    const repo = await open()
    await repo.insert(posts, { id: 1, ...old })
    const target = { conflictTarget: partial }
    await repo.insert(
      posts,
      { id: 2, ...proposed },
      { onConflict: 'replace_all_except_primary_key', ...target },
    )
    expect(await repo.all(posts)).toMatchObject([{ id: 1, title: 'new' }])
    await repo.insert(posts, { id: 2, ...proposed }, { onConflict: 'replace_all', ...target })
    expect(await repo.all(posts)).toMatchObject([{ id: 2, title: 'new' }])
  })

  test('leaves a composite, renamed key alone', async () => {
    const repo = await open()
    const options = {
      onConflict: 'replace_all_except_primary_key',
      conflictTarget: ['sensor', 'day'],
    }
    await repo.insert(readings, { sensor: 1, day: '2024-05-01', value: 1.5 })
    expect(
      await repo.insert(readings, { sensor: 1, day: '2024-05-01', value: 2.5 }, options),
    ).toEqual({
      sensor: 1,
      day: '2024-05-01',
      value: 2.5,
    })
    await repo.insertAll(readings, [{ sensor: 1, day: '2024-05-02', value: 3.5 }], options)
    expect(await repo.count(readings)).toBe(2)
  })

  test('with a target raises for another unique index', async () => {
    const repo = await open()
    await repo.insert(posts, old)
    for (const onConflict of ['nothing', { inc: { visits: 1 } }]) {
      await expect(
        repo.insert(posts, { slug: 'b', title: 'old' }, { onConflict, conflictTarget: partial }),
      ).rejects.toMatchObject({ kind: 'unique_violation', table: 'posts', column: 'post_title' })
    }
  })

  test('on a partial index does not see rows outside of it', async () => {
    const repo = await open()
    await repo.insert(posts, { ...old, gone: true })
    const options = { onConflict: 'nothing', conflictTarget: partial }
    expect(await repo.insert(posts, proposed, options)).toMatchObject({ title: 'new' })
    expect(await repo.insert(posts, { ...proposed, title: 'x' }, options)).toBeUndefined()
  })

  test('of a row without columns keeps its onConflict', async () => {
    const repo = await open()
    expect(await repo.insert(counters, {})).toEqual({ id: 1, n: 7 })
    await expect(repo.insert(counters, {})).rejects.toMatchObject({ kind: 'unique_violation' })
    expect(await repo.insert(counters, {}, { onConflict: 'nothing' })).toBeUndefined()
    expect(
      await repo.insert(counters, {}, { onConflict: { inc: { n: 1 } }, conflictTarget: 'n' }),
    ).toEqual({ id: 1, n: 8 })
    expect(await repo.insertAll(counters, [{}, {}], { onConflict: 'nothing' })).toEqual({
      count: 1,
    })
    expect(await repo.all(counters, { orderBy: 'id' })).toEqual([
      { id: 1, n: 8 },
      { id: 2, n: 7 },
    ])
  })

  test('answers keys that come twice in one batch the same however it is split', async () => {
    const repo = await open()
    const options = { onConflict: 'replace_all_except_primary_key', conflictTarget: partial }
    const rows = Array.from({ length: 300 }, (_, i) => ({ slug: `${i % 200}`, title: `${i}` }))
    await expect(repo.insertAll(posts, rows, options)).rejects.toMatchObject({
      code: 'DUPLICATE_KEY_IN_BATCH',
      message: expect.stringContaining('rows[0] and rows[200]'),
    })
    expect(await repo.count(posts)).toBe(0)
    expect(await repo.insertAll(posts, rows, { ...options, duplicates: 'first' })).toEqual({
      count: 200,
    })
    expect(await repo.one(posts, { where: { slug: '7' } })).toMatchObject({ title: '7' })
    expect(await repo.insertAll(posts, rows, { ...options, duplicates: 'last' })).toEqual({
      count: 200,
    })
    expect(await repo.one(posts, { where: { slug: '7' } })).toMatchObject({ title: '207' })
  })

  test('refuses a constraint’s name, which SQLite does not know, before anything is sent', async () => {
    const repo = await open()
    await expect(
      repo.insert(posts, old, {
        onConflict: 'nothing',
        conflictTarget: { constraint: 'posts_slug' },
      }),
    ).rejects.toMatchObject({ name: 'UnsupportedError', capability: 'upsert.constraint' })
  })
})
