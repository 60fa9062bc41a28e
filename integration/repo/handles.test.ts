import { channel } from 'node:diagnostics_channel'
import { sqlite } from '@mortise/adapter-sqlite'
import { createRepo, defineTable, metadataOf, type Repo, sql, t } from '@mortise/core'
import { describe, expect, onTestFinished, test } from 'vitest'
import { databases, openRepo, temporaryFile } from './databases.ts'

const posts = defineTable('posts', { id: t.id(), title: t.text() })
const schema = 'create table posts (id integer primary key, title text not null) strict;'

describe.each(databases)('a repo on %s', (_name, adapter) => {
  const open = (): Promise<Repo> => openRepo(adapter(), schema)

  test('runs fragments and texts', async () => {
    const repo = await open()
    const insert = await repo.query(
      sql`insert into ${posts} (${sql.id('title')}) values (${'a'}), (${'b'})`,
    )
    expect(insert).toMatchObject({ rows: [], affected: 2, command: 'INSERT', lastInsertId: 2 })
    const { rows, columns } = await repo.query<{ id: number; title: string }>(
      'select id, title from posts where title in (?, ?) order by id',
      ['a', 'b'],
    )
    expect(rows).toEqual([
      { id: 1, title: 'a' },
      { id: 2, title: 'b' },
    ])
    expect(columns.map(({ name }) => name)).toEqual(['id', 'title'])
    expect(metadataOf(rows[0] as object)).toBeUndefined()
    const ids = [1, 2, 3]
    const filters = [sql`${posts.id} in ${sql.list(ids)}`, sql`${posts.title} <> ${'b'}`]
    const found = await repo.query(
      sql`select title from ${posts} where ${sql.join(filters, sql` and `)}`,
    )
    expect(found.rows).toEqual([{ title: 'a' }])
  })

  test('takes as many parameters as SQLite, and refuses one more before it is sent', async () => {
    const repo = await open()
    const most = Array.from({ length: 32_766 }, (_, i) => i)
    expect(
      (
        await repo.query(
          sql`select count(*) as n from (values ${sql.join(most.map((n) => sql`(${n})`))})`,
        )
      ).rows,
    ).toEqual([{ n: 32_766 }])
    expect(await repo.all(posts, { where: { id: most } })).toEqual([])
    await expect(repo.all(posts, { where: { id: [...most, -1] } })).rejects.toMatchObject({
      code: 'TOO_MANY_PARAMETERS',
    })
  })

  test('counts connections, hits and misses', async () => {
    const repo = await open()
    const before = repo.stats().statements
    for (let id = 1; id <= 5; id++) await repo.get(posts, id)
    const { statements, pool } = repo.stats()
    expect(statements).toEqual({ ...before, hits: before.hits + 4, misses: before.misses + 1 })
    expect(pool).toMatchObject({ inUse: 0, waiting: 0 })
    await repo.checkout(() => expect(repo.stats().pool.inUse).toBe(1))
  })

  test('puts tables into a schema, which SQLite calls an attached database', async () => {
    const repo = await open()
    const main = repo.withPrefix('main')
    const row = await main.insert(posts, { title: 'a' })
    expect(metadataOf(row)).toMatchObject({ prefix: 'main', source: 'posts' })
    await main.insert(
      posts,
      { id: row.id, title: 'b' },
      {
        onConflict: { set: ({ excluded }) => ({ title: excluded.title }), where: { title: 'a' } },
        conflictTarget: 'id',
      },
    )
    await main.updateAll(posts, {
      where: { id: row.id },
      inc: {},
      set: { title: sql`${posts.title} || 'x'` },
    })
    expect((await main.query(sql`select ${posts.title} as t from ${posts}`)).rows).toEqual([
      { t: 'bx' },
    ])
    expect(await repo.get(posts, row.id)).toEqual({ id: row.id, title: 'bx' })
    await expect(repo.withPrefix('nowhere').all(posts)).rejects.toMatchObject({
      kind: 'undefined_object',
    })
  })

  test('is closed at the end of its block', async () => {
    let kept: Repo
    {
      await using repo = createRepo({ adapter: adapter() })
      kept = repo
      await repo.query(sql`select 1`)
    }
    await kept.close()
    await expect(kept.query(sql`select 1`)).rejects.toMatchObject({ code: 'POOL_CLOSED' })
    expect(kept.stats().pool).toEqual({ size: 0, idle: 0, inUse: 0, waiting: 0 })
  })

  test('tells of its statements on the diagnostics channel, without values', async () => {
    const events: unknown[] = []
    const listen = (event: unknown): void => void events.push(event)
    channel('mortise:query').subscribe(listen)
    onTestFinished(() => void channel('mortise:query').unsubscribe(listen))
    const repo = await open()
    events.length = 0
    await repo.insert(posts, { title: 'geheim' })
    await repo.all(posts, { where: { title: 'geheim' } })
    await repo.insert(posts, { id: 1, title: 'geheim' }).catch(() => {})
    expect(events).toMatchObject([
      { adapter: 'sqlite', parameterCount: 1, rowCount: 1, error: undefined },
      { parameterCount: 1, rowCount: 1, cached: false },
      { error: { kind: 'unique_violation' }, rowCount: 0 },
    ])
    expect(JSON.stringify(events)).not.toContain('geheim')
  })
})

test('two repos see one file, and a reader sees what the writer wrote', async () => {
  const file = temporaryFile()
  const writer = await openRepo(sqlite(file), schema)
  const reader = await openRepo(sqlite(file), '')
  for (let i = 0; i < 20; i++) {
    const { id } = await writer.insert(posts, { title: `${i}` })
    expect(await reader.get(posts, id)).toEqual({ id, title: `${i}` })
    expect(await writer.get(posts, id)).toEqual({ id, title: `${i}` })
  }
})
