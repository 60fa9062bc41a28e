import { describe, expect, test } from 'vitest'
import { scriptedRepo } from '../../test/scripted-repo.ts'
import { defineTable, t } from '../query/index.ts'

let made = 0
const tags = defineTable('tags', {
  id: t.id(),
  name: t.text({ source: 'tag' }),
  lang: t.text({ nullable: true }),
  gone: t.boolean({ default: false }),
  token: t.text({ default: () => `token ${++made}` }),
})

// biome-ignore lint/suspicious/noExplicitAny: what the types refuse is what is tested
type Any = any

const columns = ['id', 'tag', 'lang', 'gone', 'token']
const mine = [1, 'a', null, false, 'mine']
const theirs = [2, 'a', null, false, 'theirs']
const insert = /^insert into tags .* on conflict \(tag\) do nothing returning/
const select = 'select id, tag, lang, gone, token from tags where tag = ?'

function open() {
  made = 0
  return scriptedRepo()
}

describe('insertOrGet', () => {
  test('gives the row it inserted', async () => {
    const { repo, database } = open()
    database.expect(insert, { columns, rows: [mine], affected: 1 })
    expect(await repo.insertOrGet(tags, { name: 'a' }, { conflictTarget: 'name' })).toEqual({
      row: { id: 1, name: 'a', lang: null, gone: false, token: 'mine' },
      inserted: true,
    })
  })

  test('reads the row that is there in a statement of its own, on the writer', async () => {
    const { repo, database, sent } = open()
    database.expect(insert, { columns, rows: [] }).expect(select, { columns, rows: [theirs] })
    const answer = await repo.insertOrGet(tags, { name: 'a' }, { conflictTarget: 'name' })
    expect(answer).toMatchObject({ row: { id: 2, token: 'theirs' }, inserted: false })
    expect(sent()[1]?.parameters).toEqual(['a'])
    expect(database.calls.at(-1)?.request?.access).toBe('write')
  })

  test('tries again where the row was deleted in between, with the same row', async () => {
    const { repo, database, sent } = open()
    database
      .expect(insert, { columns, rows: [] })
      .expect(select, { columns, rows: [] })
      .expect(insert, { columns, rows: [mine], affected: 1 })
    expect(await repo.insertOrGet(tags, { name: 'a' }, { conflictTarget: 'name' })).toMatchObject({
      inserted: true,
    })
    const [first, , second] = sent()
    expect(first).toEqual(second)
    expect(made).toBe(1)
  })

  test('gives up after a bounded number of rounds', async () => {
    const { repo, database, sent } = open()
    database.allow(insert, { columns, rows: [] }).allow(select, { columns, rows: [] })
    await expect(
      repo.insertOrGet(tags, { name: 'a' }, { conflictTarget: 'name' }),
    ).rejects.toMatchObject({
      code: 'ROW_NOT_VISIBLE',
      message: expect.stringContaining('neither inserted nor found the row in 8 rounds'),
    })
    expect(sent()).toHaveLength(16)
  })

  test('has one deadline for all rounds', async () => {
    const { repo, database } = open()
    const deadlines: unknown[] = []
    const note = (rows: unknown[][]) => (call: Any) => {
      deadlines.push(call.request?.deadline)
      return { columns, rows }
    }
    database
      .expect(insert, note([]))
      .expect(select, note([]))
      .expect(insert, note([]))
      .expect(select, note([theirs]))
    await repo.insertOrGet(tags, { name: 'a' }, { conflictTarget: 'name', timeoutMs: 5000 })
    expect(deadlines).toHaveLength(4)
    expect(typeof deadlines[0]).toBe('number')
    expect(new Set(deadlines).size).toBe(1)
  })

  test('finds the row of a partial index by its predicate too', async () => {
    const { repo, database, sent } = open()
    const conflictTarget = { columns: ['name', 'lang'], where: { gone: false } } as const
    for (let round = 0; round < 2; round++) {
      database
        .expect(/on conflict \(tag, lang\) where gone = false do nothing/, { columns, rows: [] })
        .expect(/^select/, { columns, rows: [theirs] })
      await repo.insertOrGet(tags, { name: 'a', lang: 'en' }, { conflictTarget })
      expect(sent()[1]).toEqual({
        sql: 'select id, tag, lang, gone, token from tags where (tag = ? and lang = ? and gone = false)',
        parameters: ['a', 'en'],
      })
    }
  })

  test.each<[object, unknown, string, RegExp]>([
    [
      { name: 'a' },
      undefined,
      'CONFLICT_TARGET_MISSING',
      /insertOrGet needs a conflictTarget of columns/,
    ],
    [{ name: 'a' }, {}, 'CONFLICT_TARGET_MISSING', /insertOrGet needs a conflictTarget/],
    [
      { name: 'a' },
      { conflictTarget: { constraint: 'x' } },
      'CONFLICT_TARGET_MISSING',
      /of columns/,
    ],
    [
      { name: 'a' },
      { conflictTarget: { unsafeFragment: '(a)' } },
      'CONFLICT_TARGET_MISSING',
      /of columns/,
    ],
    [
      { name: 'a' },
      { conflictTarget: 'lang' },
      'COLUMN_MISSING',
      /value that is not null for tags\.lang/,
    ],
    [
      { name: 'a', lang: null },
      { conflictTarget: ['name', 'lang'] },
      'COLUMN_MISSING',
      /tags\.lang/,
    ],
    [{ name: 'a' }, { conflictTarget: 'id' }, 'COLUMN_MISSING', /tags\.id/],
    [
      { name: 'a' },
      { conflictTarget: 'nope' },
      'UNKNOWN_COLUMN',
      /conflictTarget: tags has no column/,
    ],
    [
      { name: 'a' },
      { conflictTarget: 'name', returning: false },
      'UNKNOWN_OPTION',
      /insertOrGet has no option "returning"; it takes conflictTarget/,
    ],
    [
      { name: 'a' },
      { conflictTarget: 'name', onConflict: 'nothing' },
      'UNKNOWN_OPTION',
      /"onConflict"/,
    ],
    [{}, { conflictTarget: 'name' }, 'COLUMN_MISSING', /^insertOrGet: tags\.name has no value/],
  ])('refuses %j with %j', async (values, options, code, message) => {
    const { repo, sent } = open()
    await expect(repo.insertOrGet(tags, values as Any, options as Any)).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message),
    })
    expect(sent()).toEqual([])
  })

  test('is refused where the database cannot give the row back', async () => {
    const { repo, sent } = scriptedRepo({
      capabilities: { returning: { insert: 'absent', update: 'absent', delete: 'absent' } },
    })
    await expect(
      repo.insertOrGet(tags, { name: 'a' }, { conflictTarget: 'name' }),
    ).rejects.toMatchObject({ capability: 'returning.insert' })
    expect(sent()).toEqual([])
  })
})
