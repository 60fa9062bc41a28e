import { describe, expect, test } from 'vitest'
import { scriptedRepo } from '../../test/scripted-repo.ts'
import { defineTable, sql, t } from '../query/index.ts'

const posts = defineTable('posts', {
  id: t.id(),
  title: t.text({ source: 'post_title' }),
  visits: t.integer({ nullable: true }),
  price: t.decimal({ default: '0' }),
  big: t.bigint({ default: 0n }),
  ratio: t.float({ default: 0 }),
  words: t.integer({ generated: 'always' }),
})
const memberships = defineTable('memberships', {
  team: t.integer({ primaryKey: true }),
  person: t.integer({ primaryKey: true }),
  role: t.text(),
})

// biome-ignore lint/suspicious/noExplicitAny: what the types refuse is what is tested
type Any = any

function open() {
  const opened = scriptedRepo()
  opened.database.allow(/^(update|delete)/, { affected: 2 })
  return opened
}

const everything = ' returning id, post_title, visits, price, big, ratio, words'

describe('update', () => {
  test('changes the row of a key and gives it back', async () => {
    const { repo, database, sent } = open()
    database.expect(/^update/, {
      columns: ['post_title', 'visits'],
      rows: [['b', null]],
      affected: 1,
    })
    const row = await repo.update(
      posts,
      7,
      { visits: null, title: 'b' },
      { returning: ['title', 'visits'] },
    )
    expect(row).toEqual({ title: 'b', visits: null })
    expect(sent()[0]).toEqual({
      sql: 'update posts set visits = ?, post_title = ? where id = ? returning post_title, visits',
      parameters: [null, 'b', 7],
    })
  })

  test('gives undefined where there is no such row, and where nothing is asked for', async () => {
    const { repo, sent } = open()
    expect(await repo.update(posts, 7, { title: 'b' })).toBeUndefined()
    expect(await repo.update(posts, 7, { title: 'b' }, { returning: false })).toBeUndefined()
    expect(sent().map(({ sql }) => sql)).toEqual([
      `update posts set post_title = ? where id = ?${everything}`,
      'update posts set post_title = ? where id = ?',
    ])
  })

  test('finds a row by every part of a composite key', async () => {
    const { repo, sent } = open()
    await repo.update(memberships, { person: 2, team: 1 }, { role: 'owner' }, { returning: false })
    expect(sent()[0]).toEqual({
      sql: 'update memberships set role = ? where (team = ? and person = ?)',
      parameters: ['owner', 1, 2],
    })
  })

  test('takes fragments', async () => {
    const { repo, sent } = open()
    await repo.update(
      posts,
      7,
      { title: sql`upper(${posts.title}) || ${'!'}` },
      { returning: false },
    )
    expect(sent()[0]).toEqual({
      sql: 'update posts set post_title = upper(posts.post_title) || ? where id = ?',
      parameters: ['!', 7],
    })
  })

  test.each<[unknown, string, RegExp]>([
    [{}, 'EMPTY_UPDATE', /^update was given nothing to change$/],
    [undefined, 'EMPTY_UPDATE', /^update was given nothing to change$/],
    [null, 'OPTION_INVALID', /^update takes an object of values by column$/],
    [['title'], 'OPTION_INVALID', /^update takes an object of values by column$/],
    [sql`title = 1`, 'OPTION_INVALID', /^update takes an object of values by column$/],
    [{ titel: 'b' }, 'UNKNOWN_COLUMN', /^update: posts has no column "titel"; it has id, title/],
    [
      { title: undefined },
      'UNDEFINED_VALUE',
      /^update: posts\.title is undefined; leave the property out, or give a value/,
    ],
    [
      { visits: undefined },
      'UNDEFINED_VALUE',
      /^update: posts\.visits is undefined; .* or give null/,
    ],
    [
      { title: null },
      'NOT_NULLABLE',
      /^update: posts\.title is null and the column is not nullable/,
    ],
    [{ title: 5 }, 'VALUE_REFUSED', /^update: posts\.title: takes/],
    [{ words: 5 }, 'COLUMN_NOT_WRITABLE', /^update: posts\.words is generated/],
    [
      { id: 5 },
      'COLUMN_NOT_WRITABLE',
      /^update leaves the primary key alone, and "id" is part of it/,
    ],
    [{ title: posts.title }, 'FRAGMENT_EXPECTED', /^update\.title is a part of a fragment/],
  ])('refuses %j', async (changes, code, message) => {
    const { repo, sent } = open()
    await expect(repo.update(posts, 7, changes as Any)).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message),
    })
    expect(sent()).toEqual([])
  })
})

describe('updateAll', () => {
  test('sets and increments the rows that fit, and counts them', async () => {
    const { repo, sent } = open()
    const answer = await repo.updateAll(posts, {
      where: { visits: { lt: 10 } },
      set: { title: 'x' },
      inc: { visits: 5 },
    })
    expect(answer).toEqual({ count: 2 })
    expect(sent()[0]).toEqual({
      sql: 'update posts set post_title = ?, visits = posts.visits + ? where visits < ?',
      parameters: ['x', 5, 10],
    })
  })

  test('changes every row where that is said', async () => {
    const { repo, sent } = open()
    await repo.updateAll(posts, { all: true, set: { title: sql`lower(${posts.title})` } })
    expect(sent()[0]?.sql).toBe('update posts set post_title = lower(posts.post_title)')
  })

  test('gives rows back where asked', async () => {
    const { repo, database } = open()
    database.expect(/^update.* returning id$/, { columns: ['id'], rows: [[1], [2]], affected: 2 })
    const answer = await repo.updateAll(posts, {
      all: true,
      set: { title: 'x' },
      returning: ['id'],
    })
    expect(answer).toEqual({ count: 2, rows: [{ id: 1 }, { id: 2 }] })
  })

  test('changes a primary key, which the types refuse, where it is told to', async () => {
    const { repo, sent } = open()
    await repo.updateAll(posts, { where: { id: 1 }, set: { id: 2 } as Any })
    expect(sent()[0]).toEqual({ sql: 'update posts set id = ? where id = ?', parameters: [2, 1] })
  })

  test('adds exact numbers to each type of numbers', async () => {
    const { repo, sent } = open()
    await repo.updateAll(posts, {
      all: true,
      inc: { visits: -1, big: 2n ** 62n, ratio: 0.5, price: 7n },
    })
    expect(sent()[0]?.parameters).toEqual([-1, 2n ** 62n, 0.5, '7'])
    await repo.updateAll(posts, { all: true, inc: { price: '0.05' } as Any })
    expect(sent()[0]?.parameters).toEqual(['0.05'])
  })

  test.each<[object, string, RegExp]>([
    [{}, 'EMPTY_UPDATE', /^updateAll was given neither set nor inc$/],
    [{ set: {}, inc: {} }, 'EMPTY_UPDATE', /neither set nor inc/],
    [{ set: null }, 'OPTION_INVALID', /^updateAll\.set takes an object/],
    [{ set: { titel: 1 } }, 'UNKNOWN_COLUMN', /^updateAll\.set: posts has no column "titel"/],
    [{ inc: { vists: 1 } }, 'UNKNOWN_COLUMN', /^updateAll\.inc: posts has no column "vists"/],
    [
      { inc: { title: 1 } },
      'OPTION_INVALID',
      /^updateAll\.inc\.title adds to a column of the type text/,
    ],
    [{ inc: { visits: null } }, 'OPTION_INVALID', /^updateAll\.inc\.visits is null; give a number/],
    [{ inc: { visits: undefined } }, 'OPTION_INVALID', /^updateAll\.inc\.visits is undefined/],
    [
      { inc: { visits: 1.5 } },
      'VALUE_REFUSED',
      /^updateAll\.inc: posts\.visits: takes a safe integer/,
    ],
    [
      { inc: { visits: 1n } },
      'VALUE_REFUSED',
      /^updateAll\.inc: posts\.visits: takes a safe integer/,
    ],
    [{ inc: { price: 1.5 } }, 'VALUE_REFUSED', /^updateAll\.inc: posts\.price: takes/],
    [{ inc: { words: 1 } }, 'COLUMN_NOT_WRITABLE', /^updateAll\.inc: posts\.words is generated/],
    [
      { set: { visits: 1 }, inc: { visits: 1 } },
      'OPTION_INVALID',
      /updateAll\.set and updateAll\.inc both name "visits"/,
    ],
    [{ set: { visits: 1 }, returning: [] }, 'OPTION_INVALID', /returning takes a list/],
  ])('refuses %o', async (options, code, message) => {
    const { repo, sent } = open()
    await expect(repo.updateAll(posts, { all: true, ...options } as Any)).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message),
    })
    expect(sent()).toEqual([])
  })
})

describe('delete', () => {
  test('deletes the row of a key and gives it back', async () => {
    const { repo, database, sent } = open()
    database.expect(/^delete/, { columns: ['post_title'], rows: [['gone']], affected: 1 })
    expect(await repo.delete(posts, 7, { returning: ['title'] })).toEqual({ title: 'gone' })
    expect(await repo.delete(posts, 8)).toBeUndefined()
    expect(
      await repo.delete(memberships, { team: 1, person: 2 }, { returning: false }),
    ).toBeUndefined()
    expect(sent()).toEqual([
      { sql: 'delete from posts where id = ? returning post_title', parameters: [7] },
      { sql: `delete from posts where id = ?${everything}`, parameters: [8] },
      { sql: 'delete from memberships where (team = ? and person = ?)', parameters: [1, 2] },
    ])
  })
})

describe('deleteAll', () => {
  test('deletes what fits, and counts', async () => {
    const { repo, database, sent } = open()
    expect(await repo.deleteAll(posts, { where: { id: [1, 2] } })).toEqual({ count: 2 })
    expect(await repo.deleteAll(posts, { where: sql`${posts.id} > ${5}` })).toEqual({ count: 2 })
    expect(await repo.deleteAll(posts, { all: true })).toEqual({ count: 2 })
    database.expect(/^delete/, { columns: ['id'], rows: [[1]], affected: 1 })
    expect(await repo.deleteAll(posts, { all: true, returning: ['id'] })).toEqual({
      count: 1,
      rows: [{ id: 1 }],
    })
    expect(sent().map(({ sql }) => sql)).toEqual([
      'delete from posts where id in (?, ?)',
      'delete from posts where posts.id > ?',
      'delete from posts',
      'delete from posts returning id',
    ])
  })

  test('deletes nothing for an empty list, which is a condition', async () => {
    const { repo, sent } = open()
    await repo.deleteAll(posts, { where: { id: [] } })
    expect(sent()[0]?.sql).toBe('delete from posts where id in ()')
  })
})

describe.each(['updateAll', 'deleteAll'] as const)('%s', (name) => {
  const call = (repo: Any, options: object | undefined): Promise<unknown> =>
    repo[name](
      posts,
      name === 'updateAll' && options ? { set: { title: 'x' }, ...options } : options,
    )

  test.each<[object | undefined, string, RegExp]>([
    [undefined, 'TARGET_MISSING', /neither was given/],
    [{}, 'TARGET_MISSING', /takes where, or \{ all: true \} for every row; neither was given/],
    [{ where: undefined }, 'TARGET_MISSING', /neither was given/],
    [
      { where: {} },
      'TARGET_MISSING',
      /where is empty and would fit every row; say \{ all: true \}/,
    ],
    [{ where: { id: 1 }, all: true }, 'TARGET_MISSING', /both were given/],
    [{ where: {}, all: true }, 'TARGET_MISSING', /both were given/],
    [{ all: false }, 'OPTION_INVALID', /all takes true/],
    [{ all: 'yes' }, 'OPTION_INVALID', /all takes true/],
    [{ where: { id: 1 }, all: false }, 'OPTION_INVALID', /all takes true/],
    [{ where: { id: undefined } }, 'UNDEFINED_VALUE', /where\.id is undefined/],
    [{ where: null }, 'OPTION_INVALID', /where takes an object/],
  ])('never runs on more rows than was said: %j', async (options, code, message) => {
    const { repo, sent } = open()
    await expect(call(repo, options)).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message),
    })
    await expect(call(repo, options)).rejects.toThrow(/^(updateAll|deleteAll|where)/)
    expect(sent()).toEqual([])
  })

  test('counts the rows that came back where the driver does not count, else says whose fault it is', async () => {
    const { repo, database } = open()
    const verb = name === 'updateAll' ? /^update/ : /^delete/
    database.expect(verb, { columns: ['id'], rows: [[1], [2]] })
    expect(await call(repo, { all: true, returning: ['id'] })).toMatchObject({ count: 2 })
    database.expect(verb, { affected: null })
    await expect(call(repo, { all: true })).rejects.toMatchObject({ code: 'ADAPTER_CONTRACT' })
  })

  test('is refused returning where the manifest has none, with the way out', async () => {
    const absent = { insert: 'absent', update: 'absent', delete: 'absent' } as const
    const { repo, sent } = scriptedRepo({ capabilities: { returning: absent } })
    const one = name === 'updateAll' ? repo.update(posts, 1, { title: 'x' }) : repo.delete(posts, 1)
    const operation = name === 'updateAll' ? 'update' : 'delete'
    for (const refused of [one, call(repo, { all: true, returning: true })]) {
      await expect(refused).rejects.toMatchObject({
        name: 'UnsupportedError',
        capability: `returning.${operation}`,
        message: expect.stringContaining('pass returning: false'),
      })
    }
    expect(sent()).toEqual([])
  })
})
