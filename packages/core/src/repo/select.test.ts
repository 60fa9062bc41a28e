import { describe, expect, test } from 'vitest'
import { scriptedRepo } from '../../test/scripted-repo.ts'
import type { Capabilities } from '../contract/index.ts'
import { defineTable, sql, t } from '../query/index.ts'

const posts = defineTable('posts', {
  id: t.id(),
  title: t.text({ source: 'post_title' }),
  visits: t.integer(),
})
const readings = defineTable('readings', {
  sensor: t.integer({ primaryKey: true }),
  takenAt: t.date({ primaryKey: true, source: 'taken' }),
  value: t.float(),
})
const views = defineTable('views', { path: t.text() })
const other = defineTable('other', { id: t.id(), title: t.text() })

// biome-ignore lint/suspicious/noExplicitAny: what the types refuse is what is tested
type Any = any

function open(capabilities: Partial<Capabilities> = {}) {
  const opened = scriptedRepo({ capabilities })
  const columns = ['id', 'post_title', 'visits']
  opened.database
    .allow(/^select exists/, { columns: ['found'], rows: [[1]] })
    .allow(/^select count/, { columns: ['count'], rows: [[3n]] })
    .allow(/^select id from/, { columns: ['id'], rows: [[7]] })
    .allow(/^select/, { columns, rows: [[7, 'a', 2]] })
  return opened
}

describe('all', () => {
  test('reads every column under its property', async () => {
    const { repo, sent } = open()
    expect(await repo.all(posts)).toEqual([{ id: 7, title: 'a', visits: 2 }])
    expect(sent()).toEqual([{ sql: 'select id, post_title, visits from posts', parameters: [] }])
  })

  test('reads the columns of select, in its order', async () => {
    const { repo, database, sent } = open()
    database.expect(/^select/, { columns: ['visits', 'post_title'], rows: [[2, 'a']] })
    const rows = await repo.all(posts, { select: ['visits', 'title'] })
    expect(Object.entries(rows[0] ?? {})).toEqual([
      ['visits', 2],
      ['title', 'a'],
    ])
    expect(sent()[0]?.sql).toBe('select visits, post_title from posts')
  })

  test.each<[string, unknown, string]>([
    ['a column', 'title', 'post_title asc'],
    ['a column of the table', posts.title, 'post_title asc'],
    ['a direction', { title: 'desc' }, 'post_title desc'],
    [
      'several columns of an object',
      { visits: 'desc', title: 'asc' },
      'visits desc, post_title asc',
    ],
    ['a place for nulls', { title: { nulls: 'last' } }, 'post_title asc nulls last'],
    [
      'a direction and a place for nulls',
      { title: { direction: 'desc', nulls: 'first' } },
      'post_title desc nulls first',
    ],
    ['a list', ['visits', { title: 'desc' }], 'visits asc, post_title desc'],
    [
      'a fragment with its own direction',
      sql`lower(${posts.title}) desc`,
      'lower(posts.post_title) desc',
    ],
    ['a fragment in a list', [sql`${posts.visits} % ${3}`, 'id'], 'posts.visits % ?, id asc'],
  ])('is ordered by %s', async (_name, orderBy, text) => {
    const { repo, sent } = open()
    for (let round = 0; round < 2; round++) await repo.all(posts, { orderBy: orderBy as Any })
    const statements = sent()
    expect(statements[0]?.sql).toBe(`select id, post_title, visits from posts order by ${text}`)
    expect(statements[1]).toEqual(statements[0])
  })

  test.each<[string, unknown]>([
    ['nothing', undefined],
    ['an empty list', []],
    ['an empty object', {}],
  ])('is not ordered by %s', async (_name, orderBy) => {
    const { repo, sent } = open()
    await repo.all(posts, { orderBy: orderBy as Any })
    expect(sent()[0]?.sql).toBe('select id, post_title, visits from posts')
  })

  test('takes limit and offset as parameters', async () => {
    const { repo, sent } = open()
    await repo.all(posts, { limit: 10, offset: 20 })
    await repo.all(posts, { limit: 0, offset: 0 })
    await repo.all(posts, { offset: 5 })
    expect(sent()).toEqual([
      { sql: 'select id, post_title, visits from posts limit ? offset ?', parameters: [10, 20] },
      { sql: 'select id, post_title, visits from posts limit ? offset ?', parameters: [0, 0] },
      { sql: 'select id, post_title, visits from posts offset ?', parameters: [5] },
    ])
  })

  test('keeps the values of where, orderBy, limit and offset in order', async () => {
    const { repo, sent } = open()
    await repo.all(posts, {
      where: sql`${posts.visits} > ${1}`,
      orderBy: [sql`${posts.visits} % ${2}`],
      limit: 3,
      offset: 4,
    })
    expect(sent()[0]).toEqual({
      sql: 'select id, post_title, visits from posts where posts.visits > ? order by posts.visits % ? limit ? offset ?',
      parameters: [1, 2, 3, 4],
    })
  })

  test.each<[string, unknown, string]>([
    ['a mode', 'update', 'for update'],
    ['a mode of an object', { mode: 'share' }, 'for share'],
    ['skipLocked', { mode: 'update', skipLocked: true }, 'for update skip locked'],
    ['noWait', { mode: 'no key update', noWait: true }, 'for no key update nowait'],
    ['options that are off', { mode: 'key share', noWait: false }, 'for key share'],
  ])('is locked by %s, as a write', async (_name, lock, text) => {
    const { repo, database, sent } = open()
    await repo.all(posts, { lock: lock as Any })
    expect(sent()[0]?.sql).toBe(`select id, post_title, visits from posts ${text}`)
    expect(database.calls.at(-1)?.request?.access).toBe('write')
  })

  test('is a read where it is not locked', async () => {
    const { repo, database } = open()
    await repo.all(posts)
    expect(database.calls.at(-1)?.request?.access).toBe('read')
  })

  test.each<[Partial<Capabilities>, unknown, string]>([
    [{ rowLocks: [] }, 'update', 'rowLocks'],
    [{ rowLocks: ['update'] }, 'share', 'rowLocks'],
    [{ skipLocked: 'absent' }, { mode: 'update', skipLocked: true }, 'skipLocked'],
    [{ noWait: 'absent' }, { mode: 'update', noWait: true }, 'noWait'],
  ])('refuses where the manifest has %j a lock of %j', async (capabilities, lock, capability) => {
    const { repo, sent } = open(capabilities)
    for (const call of [
      repo.all(posts, { lock: lock as Any }),
      repo.get(posts, 1, { lock: lock as Any }),
    ]) {
      await expect(call).rejects.toMatchObject({ name: 'UnsupportedError', capability })
    }
    expect(sent()).toEqual([])
  })

  test.each<[object, string, RegExp]>([
    [{ select: [] }, 'OPTION_INVALID', /select takes a list of columns that is not empty/],
    [{ select: 'title' }, 'OPTION_INVALID', /select takes a list/],
    [{ select: ['title', 'title'] }, 'OPTION_INVALID', /select names a column twice/],
    [{ select: ['nope'] }, 'UNKNOWN_COLUMN', /select: posts has no column "nope"/],
    [
      { select: [posts.title] },
      'UNKNOWN_COLUMN',
      /select names a column of posts by something that is no string/,
    ],
    [{ orderBy: 'nope' }, 'UNKNOWN_COLUMN', /orderBy: posts has no column "nope"/],
    [{ orderBy: 'title desc' }, 'UNKNOWN_COLUMN', /no column "title desc"; a direction is written/],
    [{ orderBy: '-title' }, 'UNKNOWN_COLUMN', /a direction is written \{ column: 'desc' \}/],
    [{ orderBy: { nope: 'asc' } }, 'UNKNOWN_COLUMN', /orderBy: posts has no column "nope"/],
    [
      { orderBy: other.title },
      'UNKNOWN_COLUMN',
      /orderBy: other\.title is a column of another table than posts/,
    ],
    [{ orderBy: { title: 'up' } }, 'OPTION_INVALID', /orderBy\.title takes 'asc', 'desc'/],
    [{ orderBy: { title: undefined } }, 'OPTION_INVALID', /orderBy\.title takes/],
    [{ orderBy: { title: { nulls: 'middle' } } }, 'OPTION_INVALID', /orderBy\.title takes/],
    [
      { orderBy: { title: { direction: 'asc', null: 'last' } } },
      'OPTION_INVALID',
      /orderBy\.title takes/,
    ],
    [{ orderBy: 5 }, 'OPTION_INVALID', /orderBy takes column names/],
    [{ orderBy: [['title', 'desc']] }, 'OPTION_INVALID', /orderBy takes column names/],
    [{ orderBy: null }, 'OPTION_INVALID', /orderBy takes column names/],
    [{ limit: -1 }, 'OPTION_INVALID', /limit takes a whole number from 0/],
    [{ limit: 1.5 }, 'OPTION_INVALID', /limit takes/],
    [{ limit: '10' }, 'OPTION_INVALID', /limit takes/],
    [{ limit: null }, 'OPTION_INVALID', /limit takes/],
    [{ limit: Number.NaN }, 'OPTION_INVALID', /limit takes/],
    [{ offset: 2 ** 53 }, 'OPTION_INVALID', /offset takes a whole number/],
    [{ lock: true }, 'OPTION_INVALID', /lock takes 'update'/],
    [{ lock: 'exclusive' }, 'OPTION_INVALID', /lock takes 'update'/],
    [{ lock: { mode: 'update', skiplocked: true } }, 'OPTION_INVALID', /lock takes .*skipLocked/],
    [{ lock: { mode: 'update', skipLocked: true, noWait: true } }, 'OPTION_INVALID', /not both/],
    [{ lock: { mode: 'update', noWait: 'yes' } }, 'OPTION_INVALID', /take true or false/],
    [
      { orderby: 'title' },
      'UNKNOWN_OPTION',
      /all has no option "orderby"; it takes where, orderBy/,
    ],
  ])('refuses %j before anything is sent', async (options, code, message) => {
    const { repo, sent } = open()
    await expect(repo.all(posts, options as Any)).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message),
    })
    expect(sent()).toEqual([])
  })
})

describe('one', () => {
  test('asks for two rows at most, to see a second one', async () => {
    const { repo, database, sent } = open()
    expect(await repo.one(posts, { where: { id: 7 } })).toEqual({ id: 7, title: 'a', visits: 2 })
    expect(sent()[0]).toEqual({
      sql: 'select id, post_title, visits from posts where id = ? limit ?',
      parameters: [7, 2],
    })
    database.expect(/^select/, { columns: ['id'], rows: [] })
    expect(await repo.one(posts)).toBeUndefined()
  })

  test('keeps a limit that is lower', async () => {
    const { repo, sent } = open()
    await repo.one(posts, { limit: 1, offset: 3 })
    expect(sent()[0]?.parameters).toEqual([1, 3])
    await repo.one(posts, { limit: 100 })
    expect(sent()[0]?.parameters).toEqual([2])
  })

  test('refuses two rows, naming the table and no value', async () => {
    const { repo, database } = open()
    database.expect(/^select/, {
      columns: ['id', 'post_title', 'visits'],
      rows: [
        [1, 'geheim', 0],
        [2, 'geheim', 0],
      ],
    })
    await expect(repo.one(posts)).rejects.toMatchObject({
      name: 'CardinalityError',
      code: 'NOT_ONE_ROW',
      message:
        'one() found more than one row of posts; narrow the condition, or use all() with a limit',
    })
  })
})

describe('get', () => {
  test('reads by the value of the key', async () => {
    const { repo, database, sent } = open()
    expect(await repo.get(posts, 7)).toEqual({ id: 7, title: 'a', visits: 2 })
    expect(sent()[0]).toEqual({
      sql: 'select id, post_title, visits from posts where id = ?',
      parameters: [7],
    })
    database.expect(/^select/, { columns: ['id'], rows: [] })
    expect(await repo.get(posts, 8)).toBeUndefined()
  })

  test('reads by the values of a composite key, in any order', async () => {
    const { repo, database, sent } = open()
    database.expect(/^select sensor/)
    await repo.get(readings, { takenAt: '2024-05-01', sensor: 3 })
    expect(sent()[0]).toEqual({
      sql: 'select sensor, taken, value from readings where (sensor = ? and taken = ?)',
      parameters: [3, '2024-05-01'],
    })
  })

  test('takes select and lock, each with a statement of its own', async () => {
    const { repo, sent } = open()
    expect(await repo.get(posts, 7, { select: ['id'] })).toEqual({ id: 7 })
    await repo.get(posts, 7, { lock: 'update' })
    await repo.get(posts, 7, { timeoutMs: 1000 })
    await repo.get(posts, 7)
    expect(sent().map(({ sql }) => sql)).toEqual([
      'select id from posts where id = ?',
      'select id, post_title, visits from posts where id = ? for update',
      'select id, post_title, visits from posts where id = ?',
      'select id, post_title, visits from posts where id = ?',
    ])
  })
})

describe('a primary key', () => {
  const calls = {
    get: (repo: Any, table: unknown, id: unknown) => repo.get(table, id),
    update: (repo: Any, table: unknown, id: unknown) => repo.update(table, id, { value: 1 }),
    delete: (repo: Any, table: unknown, id: unknown) => repo.delete(table, id),
  }
  const mistakes: readonly (readonly [unknown, unknown, string, RegExp])[] = [
    [posts, undefined, 'PRIMARY_KEY_INVALID', /the primary key posts\.id is undefined/],
    [posts, null, 'PRIMARY_KEY_INVALID', /the primary key posts\.id is null/],
    [posts, { id: 1 }, 'PRIMARY_KEY_INVALID', /one column; give its value itself, not an object/],
    [posts, { title: 'a' }, 'PRIMARY_KEY_INVALID', /one column; give its value itself/],
    [posts, '1', 'VALUE_REFUSED', /posts\.id: takes a safe integer.*convert it with Number/],
    [posts, [1], 'VALUE_REFUSED', /posts\.id: takes a safe integer/],
    [readings, 1, 'PRIMARY_KEY_INVALID', /takes an object with sensor, takenAt/],
    [readings, [1, '2024-05-01'], 'PRIMARY_KEY_INVALID', /takes an object with sensor, takenAt/],
    [readings, null, 'PRIMARY_KEY_INVALID', /takes an object with sensor, takenAt/],
    [readings, { sensor: 1 }, 'PRIMARY_KEY_INVALID', /readings\.takenAt is undefined/],
    [readings, { sensor: 1, takenAt: null }, 'PRIMARY_KEY_INVALID', /readings\.takenAt is null/],
    [
      readings,
      { sensor: 1, taken: '2024-05-01' },
      'PRIMARY_KEY_INVALID',
      /"taken" is not part of the primary key of readings, which is sensor, takenAt/,
    ],
    [views, 1, 'NO_PRIMARY_KEY', /views has no primary key/],
  ]

  test.each(Object.entries(calls))('of %s is refused where it names no row', async (name, call) => {
    const { repo, sent } = open()
    for (const [table, id, code, message] of mistakes) {
      await expect(call(repo, table, id)).rejects.toMatchObject({
        code,
        message: expect.stringMatching(message),
      })
      await expect(call(repo, table, id)).rejects.toThrow(new RegExp(`^${name}: `))
    }
    expect(sent()).toEqual([])
  })
})

describe('exists and count', () => {
  test('ask with a condition or without', async () => {
    const { repo, sent } = open()
    expect(await repo.exists(posts, { where: { visits: { gt: 5 } } })).toBe(true)
    expect(await repo.exists(posts)).toBe(true)
    expect(await repo.count(posts, { where: sql`${posts.visits} > ${5}` })).toBe(3)
    expect(await repo.count(posts)).toBe(3)
    expect(sent()).toEqual([
      { sql: 'select exists(select 1 from posts where visits > ?) as found', parameters: [5] },
      { sql: 'select exists(select 1 from posts) as found', parameters: [] },
      { sql: 'select count(*) from posts where posts.visits > ?', parameters: [5] },
      { sql: 'select count(*) from posts', parameters: [] },
    ])
  })

  test.each([
    [1, true],
    [0, false],
    [1n, true],
    [0n, false],
    [true, true],
    [false, false],
  ])('a driver may answer %s', async (answer, found) => {
    const { repo, database } = open()
    database.expect(/^select exists/, { columns: ['found'], rows: [[answer]] })
    expect(await repo.exists(posts)).toBe(found)
  })
})

describe('every call on a table', () => {
  const calls: Record<string, (repo: Any, table: unknown, options?: unknown) => Promise<unknown>> =
    {
      all: (repo, table, options) => repo.all(table, options),
      one: (repo, table, options) => repo.one(table, options),
      get: (repo, table, options) => repo.get(table, 1, options),
      exists: (repo, table, options) => repo.exists(table, options),
      count: (repo, table, options) => repo.count(table, options),
      insert: (repo, table, options) => repo.insert(table, { title: 'a', visits: 1 }, options),
      insertOrGet: (repo, table, options) =>
        repo.insertOrGet(table, { title: 'a', visits: 1 }, options),
      insertAll: (repo, table, options) => repo.insertAll(table, [], options),
      update: (repo, table, options) => repo.update(table, 1, { visits: 1 }, options),
      updateAll: (repo, table, options) => repo.updateAll(table, options),
      delete: (repo, table, options) => repo.delete(table, 1, options),
      deleteAll: (repo, table, options) => repo.deleteAll(table, options),
    }

  test.each(Object.entries(calls))(
    '%s names itself when an option is unknown',
    async (name, call) => {
      const { repo, sent } = open()
      await expect(call(repo, posts, { wher: {} })).rejects.toMatchObject({
        code: 'UNKNOWN_OPTION',
        message: expect.stringMatching(
          new RegExp(`^${name} has no option "wher"; it takes .*signal, timeoutMs, cache`),
        ),
      })
      for (const options of [null, 5, 'where', []]) {
        await expect(call(repo, posts, options)).rejects.toMatchObject({
          code: 'OPTION_INVALID',
          message: `${name} takes its options as an object`,
        })
      }
      expect(sent()).toEqual([])
    },
  )

  test.each(Object.entries(calls))('%s refuses what is no table', async (_name, call) => {
    const { repo, sent } = open()
    for (const table of [undefined, null, 'posts', {}, posts.id, sql`posts`]) {
      await expect(call(repo, table)).rejects.toMatchObject({
        code: 'TABLE_EXPECTED',
        message: 'a table made by defineTable is expected as the first argument',
      })
    }
    expect(sent()).toEqual([])
  })

  test.each(Object.entries(calls))('%s refuses limits of the wrong kind', async (_name, call) => {
    const { repo, sent } = open()
    const wrong: readonly [object, RegExp][] = [
      [{ signal: {} }, /^signal takes an AbortSignal$/],
      [{ timeoutMs: -1 }, /^timeoutMs takes milliseconds from 0/],
      [{ timeoutMs: '5' }, /^timeoutMs takes milliseconds/],
      [{ timeoutMs: Number.NaN }, /^timeoutMs takes milliseconds/],
      [{ cache: 'no' }, /^cache takes true or false$/],
    ]
    for (const [options, message] of wrong) {
      await expect(call(repo, posts, options)).rejects.toThrow(message)
    }
    expect(sent()).toEqual([])
  })
})
