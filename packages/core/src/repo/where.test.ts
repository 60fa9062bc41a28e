import { describe, expect, test } from 'vitest'
import { scriptedRepo } from '../../test/scripted-repo.ts'
import { defineTable, sql, t } from '../query/index.ts'

const posts = defineTable('posts', {
  id: t.id(),
  title: t.text({ source: 'post_title', nullable: true }),
  visits: t.integer(),
  at: t.timestamp({ nullable: true }),
  meta: t.json({ nullable: true }),
  tags: t.array(t.text(), { nullable: true }),
})
const other = defineTable('other', { id: t.id() })

function open() {
  const opened = scriptedRepo()
  opened.database.allow(/^select id from posts/)
  return opened
}

describe('where', () => {
  const written: readonly (readonly [string, unknown, string, readonly unknown[]])[] = [
    ['undefined is everything', undefined, '', []],
    ['an empty object is everything', {}, '', []],
    ['a value is an equality', { title: 'a' }, 'post_title = ?', ['a']],
    ['null is null', { title: null }, 'post_title is null', []],
    ['a list is in', { visits: [1, 2] }, 'visits in (?, ?)', [1, 2]],
    ['an empty list is in nothing', { visits: [] }, 'visits in ()', []],
    ['a Date is a value', { at: new Date(0) }, 'at = ?', ['1970-01-01T00:00:00.000000Z']],
    ['eq', { title: { eq: 'a' } }, 'post_title = ?', ['a']],
    ['eq null', { title: { eq: null } }, 'post_title is null', []],
    ['ne', { title: { ne: 'a' } }, 'post_title <> ?', ['a']],
    ['ne null', { title: { ne: null } }, 'post_title is not null', []],
    ['gt', { visits: { gt: 1 } }, 'visits > ?', [1]],
    ['gte', { visits: { gte: 1 } }, 'visits >= ?', [1]],
    ['lt', { visits: { lt: 1 } }, 'visits < ?', [1]],
    ['lte', { visits: { lte: 1 } }, 'visits <= ?', [1]],
    ['in', { visits: { in: [1] } }, 'visits in (?)', [1]],
    ['in nothing', { visits: { in: [] } }, 'visits in ()', []],
    ['like', { title: { like: 'a%' } }, 'post_title like ?', ['a%']],
    [
      'several operators and columns all hold',
      { visits: { gte: 1, lt: 5, ne: 3 }, title: ['a', 'b'] },
      '(visits >= ? and visits < ? and visits <> ? and post_title in (?, ?))',
      [1, 5, 3, 'a', 'b'],
    ],
    ['json by eq', { meta: { eq: { a: [1] } } }, 'meta = ?', ['{"a":[1]}']],
    ['json by eq of a string', { meta: { eq: 'a' } }, 'meta = ?', ['"a"']],
    ['json by in', { meta: { in: [[1], {}] } }, 'meta in (?, ?)', ['[1]', '{}']],
    ['json null', { meta: null }, 'meta is null', []],
    ['an array by eq', { tags: { eq: ['a'] } }, 'tags = ?', [['a']]],
    ['arrays by in', { tags: { in: [['a'], []] } }, 'tags in (?, ?)', [['a'], []]],
    ['a fragment', sql`${posts.visits} > ${5}`, 'posts.visits > ?', [5]],
    [
      'an object without a prototype',
      Object.assign(Object.create(null), { visits: 1 }),
      'visits = ?',
      [1],
    ],
  ]

  test.each(written)('%s', async (_name, where, text, parameters) => {
    const { repo, sent } = open()
    for (let round = 0; round < 2; round++) {
      await repo.all(posts, { where: where as never, select: ['id'] })
      const prefix = text === '' ? '' : ' where '
      expect(sent()).toEqual([{ sql: `select id from posts${prefix}${text}`, parameters }])
    }
  })

  const refused: readonly (readonly [string, unknown, string, RegExp])[] = [
    ['undefined', { title: undefined }, 'UNDEFINED_VALUE', /^where\.title is undefined/],
    [
      'undefined of an operator',
      { visits: { gt: undefined } },
      'UNDEFINED_VALUE',
      /where\.visits\.gt is/,
    ],
    ['undefined in a list', { visits: [1, undefined] }, 'UNDEFINED_VALUE', /where\.visits\[1\] is/],
    [
      'a hole in a list',
      { visits: Object.assign([1], { 2: 3 }) },
      'UNDEFINED_VALUE',
      /where\.visits\[1\] is undefined/,
    ],
    ['undefined in `in`', { visits: { in: [undefined] } }, 'UNDEFINED_VALUE', /visits\.in\[0\] is/],
    [
      'null in a list',
      { title: ['a', null] },
      'OPTION_INVALID',
      /where\.title\[1\] is null.*by itself/,
    ],
    [
      'an operator with null',
      { visits: { gt: null } },
      'OPTION_INVALID',
      /where\.visits\.gt is null.*use eq or ne/,
    ],
    ['like with null', { title: { like: null } }, 'OPTION_INVALID', /where\.title\.like is null/],
    [
      'like with a number',
      { title: { like: 1 } },
      'OPTION_INVALID',
      /where\.title\.like takes a string/,
    ],
    ['like with NUL', { title: { like: 'a\0' } }, 'OPTION_INVALID', /where\.title\.like/],
    [
      'like with half a pair',
      { title: { like: '\ud800' } },
      'OPTION_INVALID',
      /where\.title\.like/,
    ],
    [
      'an unknown column',
      { titel: 'a' },
      'UNKNOWN_COLUMN',
      /^where: posts has no column "titel"; it has id, title/,
    ],
    [
      'a database name',
      { post_title: 'a' },
      'UNKNOWN_COLUMN',
      /no column "post_title"; that is what the database calls "title"/,
    ],
    [
      'another logic than and',
      { or: [{ title: 'a' }] },
      'UNKNOWN_COLUMN',
      /^where: posts has no column "or"; conditions all hold together; .*sql`… or …`/,
    ],
    ['an inherited name', { toString: 'a' }, 'UNKNOWN_COLUMN', /no column "toString"/],
    [
      'an unknown operator',
      { visits: { above: 1 } },
      'OPTION_INVALID',
      /where\.visits has no operator "above"; it takes eq, ne, gt/,
    ],
    [
      'an inherited operator',
      { visits: { constructor: 1 } },
      'OPTION_INVALID',
      /no operator "constructor"/,
    ],
    ['no operator', { visits: {} }, 'OPTION_INVALID', /where\.visits is an empty object/],
    [
      '`in` without a list',
      { visits: { in: 1 } },
      'OPTION_INVALID',
      /where\.visits\.in takes a list/,
    ],
    [
      'a value of another type',
      { visits: 'many' },
      'VALUE_REFUSED',
      /^where: posts\.visits: takes a safe integer/,
    ],
    [
      'an operand of another type',
      { visits: { gt: 'a' } },
      'VALUE_REFUSED',
      /^where\.visits\.gt: posts\.visits: takes/,
    ],
    [
      'an item of another type',
      { visits: [1, 'a'] },
      'VALUE_REFUSED',
      /^where\.visits\[1\]: posts\.visits: takes/,
    ],
    [
      'a list on a json column',
      { meta: [1] },
      'OPTION_INVALID',
      /where\.meta is a json column.*\{ eq: … \}/,
    ],
    [
      'an object on a json column',
      { meta: { a: 1 } },
      'OPTION_INVALID',
      /where\.meta is a json column/,
    ],
    [
      'operators beside other keys on a json column',
      { meta: { eq: 1, a: 1 } },
      'OPTION_INVALID',
      /json column/,
    ],
    ['text on a json column', { meta: 'a' }, 'OPTION_INVALID', /where\.meta is a json column/],
    [
      'a list on an array column',
      { tags: ['a'] },
      'OPTION_INVALID',
      /where\.tags is an array column/,
    ],
    [
      'a fragment as value',
      { title: sql`lower(x)` },
      'FRAGMENT_MISPLACED',
      /where\.title.*sql`…` as the whole where/,
    ],
    ['a column as value', { title: posts.title }, 'FRAGMENT_MISPLACED', /where\.title/],
    [
      'a list of conditions',
      [{ title: 'a' }],
      'OPTION_INVALID',
      /^where takes an object of conditions/,
    ],
    [
      'text',
      'title = 1',
      'OPTION_INVALID',
      /^where takes an object of conditions by column, or an sql/,
    ],
    ['null', null, 'OPTION_INVALID', /^where takes an object of conditions/],
    ['a Map', new Map([['title', 'a']]), 'OPTION_INVALID', /^where takes an object of conditions/],
    ['a function', () => true, 'OPTION_INVALID', /^where takes an object of conditions/],
    ['a column', posts.title, 'OPTION_INVALID', /^where takes an object of conditions/],
    ['a table', other, 'OPTION_INVALID', /^where takes an object of conditions/],
  ]

  const calls = {
    all: (repo, where) => repo.all(posts, { where }),
    one: (repo, where) => repo.one(posts, { where }),
    exists: (repo, where) => repo.exists(posts, { where }),
    count: (repo, where) => repo.count(posts, { where }),
    updateAll: (repo, where) => repo.updateAll(posts, { where, set: { visits: 1 } }),
    deleteAll: (repo, where) => repo.deleteAll(posts, { where }),
    // biome-ignore lint/suspicious/noExplicitAny: what the types refuse is what is tested
  } satisfies Record<string, (repo: any, where: unknown) => Promise<unknown>>

  describe.each(Object.entries(calls))('of %s', (_name, call) => {
    test.each(refused)(
      'refuses %s before anything is sent',
      async (_what, where, code, message) => {
        const { repo, sent } = open()
        await expect(call(repo, where)).rejects.toMatchObject({
          code,
          message: expect.stringMatching(message),
        })
        expect(sent()).toEqual([])
      },
    )
  })

  test('holds no value in its errors', async () => {
    const { repo } = open()
    for (const where of [{ visits: 'geheim' }, { meta: { geheim: 1 } }, { visits: ['geheim'] }]) {
      const error = await repo
        .all(posts, { where: where as never })
        .catch((thrown: Error) => thrown)
      expect(String(error)).not.toContain('geheim')
    }
  })

  test('with as many values as the database takes is sent, with one more it is not', async () => {
    const { repo, sent } = open()
    const ids = Array.from({ length: 101 }, (_, i) => i)
    await repo.all(posts, { where: { id: ids.slice(0, 100) }, select: ['id'] })
    expect(sent()).toHaveLength(1)
    await expect(repo.all(posts, { where: { id: ids }, select: ['id'] })).rejects.toMatchObject({
      code: 'TOO_MANY_PARAMETERS',
      message: expect.stringContaining('101 parameters and the database takes at most 100'),
    })
    expect(sent()).toEqual([])
  })
})
