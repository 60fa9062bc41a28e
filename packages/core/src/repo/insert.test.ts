import { describe, expect, test } from 'vitest'
import { scriptedRepo } from '../../test/scripted-repo.ts'
import { defineTable, sql, t } from '../query/index.ts'
import { shared } from './shared.ts'

let made = 0
const posts = defineTable('posts', {
  id: t.id(),
  title: t.text({ source: 'post_title' }),
  visits: t.integer({ default: 3 }),
  token: t.text({ default: () => `token ${++made}` }),
  note: t.text({ nullable: true }),
  at: t.timestamp({ dbDefault: true }),
  words: t.integer({ generated: 'always' }),
})

// biome-ignore lint/suspicious/noExplicitAny: what the types refuse is what is tested
type Any = any

const columns = ['id', 'post_title', 'visits', 'token', 'note', 'at', 'words']
const stored = [1, 'a', 3, 'token', null, '2024-05-01T10:00:00Z', 4]

function open() {
  const opened = scriptedRepo()
  opened.database
    .allow(/^insert.*words$/, { columns, rows: [stored], affected: 1 })
    .allow(/^insert/, { affected: 1 })
  return opened
}

describe('insert', () => {
  test('sends what is given and our defaults, leaves the rest to the database, and gives the row', async () => {
    const { repo, sent } = open()
    made = 0
    expect(await repo.insert(posts, { title: 'a' })).toEqual({
      id: 1,
      title: 'a',
      visits: 3,
      token: 'token',
      note: null,
      at: new Date('2024-05-01T10:00:00Z'),
      words: 4,
    })
    expect(sent()).toEqual([
      {
        sql: 'insert into posts (post_title, visits, token) values (?, ?, ?) returning id, post_title, visits, token, note, at, words',
        parameters: ['a', 3, 'token 1'],
      },
    ])
    await repo.insert(posts, { title: 'a' }, { returning: false })
    expect(sent()[0]?.parameters).toEqual(['a', 3, 'token 2'])
    expect(made).toBe(2)
  })

  test('sends null, 0, false and empty text as they are, never as a default', async () => {
    const { repo, sent } = open()
    await repo.insert(posts, { title: '', visits: 0, token: '', note: null }, { returning: false })
    expect(sent()[0]).toEqual({
      sql: 'insert into posts (post_title, visits, token, note) values (?, ?, ?, ?)',
      parameters: ['', 0, '', null],
    })
  })

  test('takes a key that the database would make', async () => {
    const { repo, sent } = open()
    await repo.insert(posts, { id: 9, title: 'a', token: 't' }, { returning: false })
    expect(sent()[0]?.parameters).toEqual([9, 'a', 3, 't'])
  })

  test('takes a shared value for what it holds', async () => {
    const { repo, sent } = open()
    await repo.insert(posts, { title: shared('a') as Any, token: 't' }, { returning: false })
    expect(sent()[0]?.parameters).toEqual(['a', 3, 't'])
  })

  test('stores a document that looks like a shared value as the document it is', async () => {
    const docs = defineTable('docs', { doc: t.json() })
    const { repo, sent } = open()
    await repo.insert(docs, { doc: { kind: 'mortise.shared', value: 1 } }, { returning: false })
    expect(sent()[0]?.parameters).toEqual(['{"kind":"mortise.shared","value":1}'])
  })

  test('keeps a column called __proto__', async () => {
    const odd = defineTable('odd', { ['__proto__']: t.text(), constructor: t.text() })
    const { repo, sent } = open()
    await repo.insert(odd, { ['__proto__']: 'a', constructor: 'b' } as Any, { returning: false })
    expect(sent()[0]).toEqual({
      sql: 'insert into odd (__proto__, constructor) values (?, ?)',
      parameters: ['a', 'b'],
    })
    await expect(repo.insert(odd, {} as Any)).rejects.toMatchObject({ code: 'COLUMN_MISSING' })
  })

  test('tells when the database gave no row back though no conflict may be the reason', async () => {
    const { repo, database } = open()
    for (const options of [
      undefined,
      { onConflict: 'replace_all', conflictTarget: 'id' } as const,
    ]) {
      database.expect(/^insert/, { columns, rows: [], affected: 0 })
      await expect(repo.insert(posts, { title: 'a' }, options)).rejects.toMatchObject({
        code: 'NOT_ONE_ROW',
        message: expect.stringContaining('pass returning: false where that is meant'),
      })
    }
    database.expect(/^insert/, { columns, rows: [], affected: 0 })
    expect(await repo.insert(posts, { title: 'a' }, { onConflict: 'nothing' })).toBeUndefined()
  })

  test.each<[unknown, string, RegExp]>([
    [{}, 'COLUMN_MISSING', /^insert: posts\.title has no value and no default; give it one$/],
    [
      { title: undefined },
      'UNDEFINED_VALUE',
      /^insert: posts\.title is undefined; leave the property out, or give a value/,
    ],
    [
      { title: 'a', note: undefined },
      'UNDEFINED_VALUE',
      /^insert: posts\.note is undefined; .* or give null/,
    ],
    [{ title: 'a', visits: undefined }, 'UNDEFINED_VALUE', /^insert: posts\.visits is undefined/],
    [{ title: null }, 'NOT_NULLABLE', /^insert: posts\.title is null/],
    [{ title: 5 }, 'VALUE_REFUSED', /^insert: posts\.title: takes/],
    [
      { title: sql`now()` },
      'FRAGMENT_MISPLACED',
      /^insert: posts\.title takes a value, not SQL; write the whole statement/,
    ],
    [
      { title: 'a', words: 5 },
      'COLUMN_NOT_WRITABLE',
      /^insert: posts\.words is generated by the database.*leave it out/,
    ],
    [
      { title: 'a', post_title: 'b' },
      'UNKNOWN_COLUMN',
      /^insert: posts has no column "post_title"; that is what the database calls "title"/,
    ],
    [{ title: 'a', toString: 'b' }, 'UNKNOWN_COLUMN', /^insert: posts has no column "toString"/],
    [[], 'ROW_INVALID', /^insert takes an object of values by column$/],
    [null, 'ROW_INVALID', /^insert takes an object/],
    [undefined, 'ROW_INVALID', /^insert takes an object/],
    ['a', 'ROW_INVALID', /^insert takes an object/],
  ])('refuses %j', async (values, code, message) => {
    const { repo, sent } = open()
    await expect(repo.insert(posts, values as Any)).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message),
    })
    expect(sent()).toEqual([])
  })

  test('refuses a default function that gives undefined', async () => {
    const broken = defineTable('broken', { a: t.text({ default: (() => undefined) as Any }) })
    const { repo, sent } = open()
    await expect(repo.insert(broken, {} as Any)).rejects.toMatchObject({
      code: 'UNDEFINED_VALUE',
      message: expect.stringContaining('the default function of broken.a returned undefined'),
    })
    expect(sent()).toEqual([])
  })

  test('is refused returning where the manifest has none, with the way out', async () => {
    const returning = { insert: 'absent', update: 'native', delete: 'native' } as const
    const { repo, database, sent } = scriptedRepo({ capabilities: { returning } })
    await expect(repo.insert(posts, { title: 'a' })).rejects.toMatchObject({
      name: 'UnsupportedError',
      capability: 'returning.insert',
      message: expect.stringContaining('pass returning: false'),
    })
    expect(sent()).toEqual([])
    database.expect(/^insert/, { affected: 1 })
    expect(await repo.insert(posts, { title: 'a' }, { returning: false })).toBeUndefined()
  })
})
