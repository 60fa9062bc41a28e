import { sqlite } from '@mortise/adapter-sqlite'
import { defineTable, type Repo, t } from '@mortise/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { databases, openRepo, temporaryFile } from './databases.ts'

const tags = defineTable('tags', {
  id: t.id(),
  name: t.text(),
  lang: t.text({ default: 'en' }),
  gone: t.boolean({ default: false }),
  uses: t.integer({ default: 0 }),
})

const schema = `
  create table tags (
    id integer primary key, name text not null collate nocase, lang text not null,
    gone integer not null, uses integer not null, unique (uses, name)
  ) strict;
  create unique index tags_live on tags (name, lang) where gone = 0;
`

const target = { conflictTarget: { columns: ['name', 'lang'], where: { gone: false } } } as const

describe.each(databases)('insertOrGet on %s', (_name, adapter) => {
  const open = (): Promise<Repo> => openRepo(adapter(), schema)

  test('inserts once and gets from then on', async () => {
    const repo = await open()
    const first = await repo.insertOrGet(tags, { name: 'a' }, target)
    expect(first).toEqual({
      inserted: true,
      row: { id: 1, name: 'a', lang: 'en', gone: false, uses: 0 },
    })
    const again = await repo.insertOrGet(tags, { name: 'a', uses: 5 }, target)
    expect(again).toEqual({ inserted: false, row: first.row })
    // As the index compares, so does the read.
    const upper = await repo.insertOrGet(tags, { name: 'A', uses: 6 }, target)
    expect(upper).toEqual({ inserted: false, row: first.row })
  })

  test('sees no row outside of a partial index', async () => {
    const repo = await open()
    await repo.insertAll(tags, [
      { name: 'a', gone: true },
      { name: 'a', gone: true, uses: 1 },
    ])
    expect(await repo.insertOrGet(tags, { name: 'a', uses: 2 }, target)).toMatchObject({
      inserted: true,
      row: { id: 3 },
    })
    expect(await repo.insertOrGet(tags, { name: 'a', uses: 3 }, target)).toMatchObject({
      inserted: false,
      row: { id: 3 },
    })
  })

  test('raises for another unique index', async () => {
    const repo = await open()
    await repo.insert(tags, { name: 'a' })
    await expect(repo.insertOrGet(tags, { name: 'a', lang: 'de' }, target)).rejects.toMatchObject({
      kind: 'unique_violation',
    })
  })

  test('works inside a transaction and is undone with it', async () => {
    const repo = await open()
    const failure = new Error('undo')
    await expect(
      repo.transaction(async (tx) => {
        expect(await repo.insertOrGet(tags, { name: 'a' }, target)).toMatchObject({
          inserted: true,
        })
        expect(await tx.insertOrGet(tags, { name: 'a' }, target)).toMatchObject({ inserted: false })
        throw failure
      }),
    ).rejects.toBe(failure)
    expect(await repo.count(tags)).toBe(0)
  })
})

describe('insertOrGet under races', () => {
  test('gives every caller the one row, whichever connection inserted it', async () => {
    const file = temporaryFile()
    const repos = [
      await openRepo(sqlite(file), schema),
      await openRepo(sqlite({ filename: file, driver: 'node:sqlite' }), ''),
    ]
    const names = Array.from({ length: 25 }, (_, i) => `tag ${i}`)
    const answers = await Promise.all(
      names.flatMap((name, n) =>
        repos.flatMap((repo) =>
          [1, 2, 3].map((caller) =>
            repo.insertOrGet(tags, { name, uses: n * 10 + caller }, target),
          ),
        ),
      ),
    )
    for (const name of names) {
      const ours = answers.filter(({ row }) => row.name === name)
      expect(ours).toHaveLength(6)
      expect(ours.filter(({ inserted }) => inserted)).toHaveLength(1)
      expect(new Set(ours.map(({ row }) => row.id)).size).toBe(1)
    }
    expect(await repos[0]?.count(tags)).toBe(names.length)
  })

  test('gives a row that was there, also while others delete and insert it', async () => {
    const file = temporaryFile()
    const [one, other] = [await openRepo(sqlite(file), schema), await openRepo(sqlite(file), '')]
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.record({
            repo: fc.constantFrom(one, other),
            call: fc.constantFrom('get', 'get', 'delete', 'in a transaction'),
          }),
          { minLength: 4, maxLength: 12 },
        ),
        async (steps) => {
          await Promise.all(
            steps.map(async ({ repo, call }, step) => {
              if (call === 'delete') {
                await repo.deleteAll(tags, { where: { name: 'a' } })
                return
              }
              const get = (): Promise<{ row: { id: number; name: string }; inserted: boolean }> =>
                repo.insertOrGet(tags, { name: 'a', uses: step }, target)
              const { row } = call === 'get' ? await get() : await repo.transaction(get)
              expect(row).toMatchObject({ name: 'a', gone: false })
            }),
          )
          expect(await one.count(tags)).toBeLessThanOrEqual(1)
        },
      ),
      { numRuns: 60 },
    )
  })
})
