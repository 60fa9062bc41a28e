import { sqlite } from '@mortise/adapter-sqlite'
import { defineTable, metadataOf, type Repo, sql, t } from '@mortise/core'
import { describe, expect, test } from 'vitest'
import { databases, openRepo, withoutReturning } from './databases.ts'

const posts = defineTable('posts', {
  id: t.id(),
  slug: t.text({ nullable: true }),
  lang: t.text({ dbDefault: true }),
  title: t.text(),
  visits: t.integer({ default: 0 }),
  gone: t.boolean({ default: false }),
})
const readings = defineTable('readings', {
  sensor: t.integer({ primaryKey: true, source: 'sensor_id' }),
  takenAt: t.timestamp({ primaryKey: true, source: 'taken' }),
  value: t.float(),
})
const codes = defineTable('codes', {
  code: t.text({ primaryKey: true, dbDefault: true }),
  n: t.integer(),
})
const views = defineTable('views', { path: t.text(), n: t.integer() })

const schema = `
  create table posts (
    id integer primary key, slug text, lang text not null default 'en', title text not null,
    visits integer not null, gone integer not null
  ) strict;
  create unique index posts_slug on posts (slug) where gone = 0;
  create unique index posts_place on posts (slug, lang);
  create table readings (
    sensor_id integer not null, taken text not null, value real not null,
    primary key (sensor_id, taken)
  ) strict;
  create table codes (code text primary key default (hex(randomblob(8))), n integer unique) strict;
  create table views (path text unique, n integer) strict;
`

/** Each database with RETURNING and held to do without. */
const ways = databases.flatMap(([name, open]) => [
  [`${name}, native`, open] as const,
  [`${name}, emulated`, () => withoutReturning(open())] as const,
])

describe.each(ways)('returning on %s', (_name, adapter) => {
  const open = (): Promise<Repo> => openRepo(adapter(), schema)

  test('gives back a new row by its given key, and by the id that the database made', async () => {
    const repo = await open()
    expect(await repo.insert(posts, { id: 5, slug: 'a', title: 'A' })).toEqual({
      id: 5,
      slug: 'a',
      lang: 'en',
      title: 'A',
      visits: 0,
      gone: false,
    })
    const row = await repo.insert(posts, { title: 'B' }, { returning: ['id', 'lang'] })
    expect(row).toEqual({ id: 6, lang: 'en' })
    expect(metadataOf(row)?.table).toBe(posts)
    expect(await repo.insert(readings, { sensor: 1, takenAt: new Date(7), value: 1.5 })).toEqual({
      sensor: 1,
      takenAt: new Date(7),
      value: 1.5,
    })
  })

  test('gives back the row that an upsert changed, not the one that was proposed', async () => {
    const repo = await open()
    await repo.insert(posts, { id: 1, slug: 'a', title: 'A' })
    await repo.insert(posts, { id: 2, slug: 'b', title: 'B' })
    const target = { conflictTarget: ['slug', 'lang'] as const }
    const again = { id: 9, slug: 'a', lang: 'en', title: 'new' }
    expect(
      await repo.insert(posts, again, { onConflict: 'replace_all_except_primary_key', ...target }),
    ).toMatchObject({ id: 1, title: 'new' })
    expect(
      await repo.insert(posts, again, { onConflict: { inc: { visits: 2 } }, ...target }),
    ).toMatchObject({ id: 1, visits: 2 })
    expect(await repo.insert(posts, again, { onConflict: 'replace_all', ...target })).toMatchObject(
      {
        id: 9,
        visits: 0,
      },
    )
    const fresh = { ...again, id: 10, slug: 'c' }
    expect(
      await repo.insert(posts, fresh, { onConflict: { inc: { visits: 1 } }, ...target }),
    ).toMatchObject({ id: 10, slug: 'c', visits: 0 })
  })

  test('gives back the row of a partial index, and a new one beside it', async () => {
    const repo = await open()
    const options = {
      onConflict: { set: { title: 'new' } },
      conflictTarget: { columns: 'slug', where: { gone: false } },
    } as const
    const { id } = await repo.insert(posts, { slug: 'a', lang: 'de', title: 'A' })
    expect(await repo.insert(posts, { slug: 'a', title: 'x' }, options)).toMatchObject({
      id,
      title: 'new',
    })
    const gone = await repo.insert(
      posts,
      { slug: 'a', lang: 'fr', title: 'G', gone: true },
      options,
    )
    expect(gone).toMatchObject({ title: 'G', gone: true })
    const nameless = await repo.insert(posts, { title: 'N', slug: null }, options)
    expect(nameless).toMatchObject({ title: 'N', slug: null })
    expect(new Set([id, gone?.id, nameless?.id]).size).toBe(3)
  })

  test('gives undefined where a conflict wrote nothing, and never an id', async () => {
    const repo = await open()
    await repo.insert(posts, { slug: 'a', lang: 'en', title: 'A' })
    const again = { slug: 'a', lang: 'en', title: 'new' }
    const target = { conflictTarget: ['slug', 'lang'] as const }
    expect(await repo.insert(posts, again, { onConflict: 'nothing' })).toBeUndefined()
    expect(await repo.insert(posts, again, { onConflict: 'nothing', ...target })).toBeUndefined()
    expect(
      await repo.insert(posts, again, {
        onConflict: { set: { title: 'x' }, where: { visits: { gt: 5 } } },
        ...target,
      }),
    ).toBeUndefined()
    expect(await repo.insert(posts, { title: 'B' }, { onConflict: 'nothing' })).toMatchObject({
      title: 'B',
    })
    expect(await repo.count(posts)).toBe(2)
  })

  test('works for insertOrGet', async () => {
    const repo = await open()
    const target = { conflictTarget: ['slug', 'lang'] as const }
    const values = { slug: 'a', lang: 'en', title: 'A' }
    const first = await repo.insertOrGet(posts, values, target)
    expect(first).toMatchObject({ inserted: true, row: { slug: 'a' } })
    const second = await repo.insertOrGet(posts, { ...values, title: 'B' }, target)
    expect(second).toEqual({ inserted: false, row: first.row })
  })

  test('works for insertAll, in the order given', async () => {
    const repo = await open()
    await repo.insert(posts, { slug: 'b', lang: 'en', title: 'old' })
    const rows = [
      { slug: 'c', lang: 'en', title: 'C' },
      { slug: 'b', lang: 'en', title: 'B' },
      { slug: 'a', lang: 'en', title: 'A' },
    ]
    expect(
      await repo.insertAll(posts, rows, {
        onConflict: 'replace_all_except_primary_key',
        conflictTarget: ['slug', 'lang'],
        returning: ['id', 'title'],
      }),
    ).toEqual({
      count: 3,
      rows: [
        { id: 2, title: 'C' },
        { id: 1, title: 'B' },
        { id: 3, title: 'A' },
      ],
    })
    expect(
      await repo.insertAll(posts, [...rows, { title: 'D' }], {
        onConflict: 'nothing',
        returning: ['title'],
      }),
    ).toEqual({ count: 1, rows: [{ title: 'D' }] })
  })

  test('inserts all of them or none', async () => {
    const repo = await open()
    await repo.insert(posts, { id: 3, title: 'old' })
    const rows = [{ title: 'x' }, { id: 3, title: 'taken' }]
    await expect(repo.insertAll(posts, rows, { returning: true })).rejects.toMatchObject({
      kind: 'unique_violation',
    })
    expect(await repo.count(posts)).toBe(1)
  })

  test('gives back the row of an update, or undefined', async () => {
    const repo = await open()
    await repo.insert(posts, { id: 1, title: 'A' })
    expect(await repo.update(posts, 1, { title: 'B' }, { returning: ['title'] })).toEqual({
      title: 'B',
    })
    expect(await repo.update(posts, 1, { title: 'B' })).toMatchObject({ id: 1, title: 'B' })
    expect(await repo.update(posts, 2, { title: 'B' })).toBeUndefined()
    expect(await repo.update(posts, 1, { title: 'C' }, { returning: false })).toBeUndefined()
    expect(await repo.get(posts, 1)).toMatchObject({ title: 'C' })
  })

  test('gives back the row of a delete, or undefined', async () => {
    const repo = await open()
    await repo.insert(posts, { id: 1, title: 'A' })
    expect(await repo.delete(posts, 1, { returning: ['title'] })).toEqual({ title: 'A' })
    expect(await repo.delete(posts, 1)).toBeUndefined()
    expect(await repo.count(posts)).toBe(0)
  })

  test('gives back the rows of updateAll as they are afterwards', async () => {
    const repo = await open()
    await repo.insertAll(
      posts,
      Array.from({ length: 300 }, (_, i) => ({ title: `${i}`, visits: i })),
    )
    const { count, rows } = await repo.updateAll(posts, {
      where: { visits: { lt: 200 } },
      // The rows fit no longer when they are read.
      inc: { visits: 1000 },
      returning: ['id', 'visits'],
    })
    expect(count).toBe(200)
    expect(rows.map(({ visits }) => visits).sort((a, b) => a - b)).toEqual(
      Array.from({ length: 200 }, (_, i) => 1000 + i),
    )
    const none = { where: { id: [] }, set: { title: 'x' }, returning: true } as const
    expect(await repo.updateAll(posts, none)).toEqual({ count: 0, rows: [] })
  })

  test('gives back the rows of deleteAll as they were', async () => {
    const repo = await open()
    const taken = Array.from({ length: 150 }, (_, i) => new Date(i))
    await repo.insertAll(
      readings,
      taken.map((takenAt) => ({ sensor: 1, takenAt, value: 0.5 })),
    )
    // A microsecond that a Date cannot hold is still the row's key.
    await repo.query(sql`insert into readings values (2, '1970-01-01 00:00:00.000001', 9)`)
    const { count, rows } = await repo.deleteAll(readings, {
      where: { takenAt: { lt: new Date(140) } },
      returning: ['value'],
    })
    expect(count).toBe(141)
    expect(rows).toHaveLength(141)
    expect(rows).toContainEqual({ value: 9 })
    expect(await repo.count(readings)).toBe(10)
    expect((await repo.deleteAll(readings, { all: true, returning: true })).rows).toHaveLength(10)
  })

  test('is part of the transaction around it', async () => {
    const repo = await open()
    const failure = new Error('undo')
    await expect(
      repo.transaction(async (tx) => {
        await tx.insert(posts, { id: 1, title: 'A' })
        await tx.update(posts, 1, { title: 'B' })
        await tx.insertAll(posts, [{ title: 'C' }], { returning: true })
        await tx.deleteAll(posts, { where: { title: 'C' }, returning: true })
        expect(await tx.count(posts)).toBe(1)
        throw failure
      }),
    ).rejects.toBe(failure)
    expect(await repo.count(posts)).toBe(0)
  })
})

describe('emulated returning', () => {
  const open = (): Promise<Repo> => openRepo(withoutReturning(sqlite(':memory:')), schema)

  test('is refused before anything is sent where the row could not be found for certain', async () => {
    const repo = await open()
    const target = { conflictTarget: ['slug', 'lang'] as const }
    const row = { slug: 'a', lang: 'en', title: 'A' }
    const refused = [
      // No column tells which row the conflict is with.
      () => repo.insert(posts, row, { onConflict: 'replace_all' }),
      () =>
        repo.insert(posts, row, {
          onConflict: 'replace_all',
          conflictTarget: { unsafeFragment: '(slug)' },
        }),
      // The database makes a part of the key.
      () => repo.insert(posts, { slug: 'a', title: 'A' }, { onConflict: 'replace_all', ...target }),
      // The row has another key afterwards.
      () => repo.insert(posts, row, { onConflict: { set: { slug: 'z' } }, ...target }),
      () =>
        repo.insert(posts, row, {
          onConflict: { set: { gone: true } },
          conflictTarget: { columns: 'slug', where: { gone: false } },
        }),
      // The database does not tell the key it makes.
      () => repo.insert(codes, { n: 1 }),
      () => repo.insertAll(codes, [{ n: 1 }], { returning: true }),
      () => repo.insert(views, { path: '/', n: 1 }),
    ]
    for (const call of refused) {
      await expect(call()).rejects.toMatchObject({
        name: 'UnsupportedError',
        capability: 'returning.insert',
        message: expect.stringContaining('pass returning: false'),
      })
    }
    expect(await repo.count(posts)).toBe(0)
    expect(await repo.count(codes)).toBe(0)
    // A unique index that the row is in names it as well as a key.
    expect(
      await repo.insert(
        views,
        { path: '/', n: 1 },
        { onConflict: 'nothing', conflictTarget: 'path' },
      ),
    ).toEqual({ path: '/', n: 1 })
    await expect(
      repo.updateAll(views, { all: true, set: { n: 2 }, returning: true }),
    ).rejects.toMatchObject({ capability: 'returning.update' })
    await expect(repo.deleteAll(views, { all: true, returning: true })).rejects.toMatchObject({
      capability: 'returning.delete',
    })
    expect(await repo.all(views)).toEqual([{ path: '/', n: 1 }])
  })

  test('tells when a trigger took the row away', async () => {
    const repo = await open()
    await repo.script(
      `create trigger gone after insert on posts begin delete from posts where id = new.id; end`,
    )
    await expect(
      repo.insertAll(posts, [{ title: 'A' }], { returning: true }),
    ).rejects.toMatchObject({
      code: 'NOT_ONE_ROW',
    })
  })
})
