import { describe, expect, expectTypeOf, test } from 'vitest'
import { scriptedRepo } from '../../test/scripted-repo.ts'
import type { Adapter } from '../contract/index.ts'
import { MisuseError } from '../errors/index.ts'
import { defineTable, sql, t } from '../query/index.ts'
import { createRepo } from './create-repo.ts'

const posts = defineTable('posts', { id: t.id(), title: t.text() })
const logs = defineTable('logs', { id: t.id() }, { prefix: 'audit' })

// biome-ignore lint/suspicious/noExplicitAny: what the types refuse is what is tested
type Any = any

const answer = { columns: ['n'], rows: [[1]], affected: null, command: 'SELECT' }

describe('query', () => {
  test('runs a fragment and answers everything the driver told', async () => {
    const { repo, database, sent } = scriptedRepo()
    const notices = [{ severity: 'NOTICE', message: 'careful' }]
    database.expect(/^select/, { ...answer, notices, lastInsertId: 7n } as Any)
    const result = await repo.query(
      sql<{ n: number }>`select n from ${posts} where ${posts.id} = ${5}`,
    )
    expectTypeOf(result.rows).toEqualTypeOf<{ n: number }[]>()
    expect(result).toEqual({
      rows: [{ n: 1 }],
      columns: [{ name: 'n' }],
      affected: null,
      command: 'SELECT',
      notices,
      lastInsertId: 7n,
    })
    expect(sent()).toEqual([{ sql: 'select n from posts where posts.id = ?', parameters: [5] }])
  })

  test('runs a text with its parameters, in the placeholder style of the database', async () => {
    const { repo, database, sent } = scriptedRepo()
    database.allow(/^select/, answer)
    await repo.query('select $1', [new Date(0)])
    await repo.query('select 1')
    await repo.query('select 1', undefined, { timeoutMs: 1000 })
    expect(sent()).toEqual([
      { sql: 'select $1', parameters: ['1970-01-01T00:00:00.000000Z'] },
      { sql: 'select 1', parameters: [] },
      { sql: 'select 1', parameters: [] },
    ])
  })

  test('tells the driver the types that were given', async () => {
    const { repo, database } = scriptedRepo()
    database.allow(/^select/, answer)
    await repo.query(sql`select ${sql.typed('1.50', t.decimal())}, ${1}`)
    expect(database.calls.at(-1)?.request?.types).toEqual([{ name: 'decimal' }, undefined])
  })

  test('leaves the list of parameters alone', async () => {
    const { repo, database } = scriptedRepo()
    database.allow(/^select/, answer)
    const given = Object.freeze([true, new Date(0)])
    await repo.query('select ?, ?', given)
    expect(given).toEqual([true, new Date(0)])
  })

  test.each<[string, readonly unknown[], string, RegExp]>([
    ['no text', [undefined], 'TEXT_EXPECTED', /query takes an sql`…` fragment, or a text/],
    ['a table', [posts], 'TEXT_EXPECTED', /query takes an sql`…` fragment/],
    ['a template’s parts', [['select 1']], 'TEXT_EXPECTED', /query takes/],
    [
      'parameters that are no list',
      ['select ?', 5],
      'PARAMETERS_EXPECTED',
      /are a list; options come third/,
    ],
    [
      'options in the place of parameters',
      ['select 1', { timeoutMs: 5 }],
      'PARAMETERS_EXPECTED',
      /options come third/,
    ],
    ['null for parameters', ['select 1', null], 'PARAMETERS_EXPECTED', /are a list/],
    [
      'parameters behind a fragment',
      [sql`select 1`, [5]],
      'OPTION_INVALID',
      /^query takes its options as an object$/,
    ],
    [
      'undefined among the parameters',
      ['select ?, ?', [1, undefined]],
      'VALUE_REFUSED',
      /^parameter 2: is undefined/,
    ],
    [
      'a hole among the parameters',
      ['select ?, ?', new Array(2)],
      'VALUE_REFUSED',
      /^parameter 1: is undefined/,
    ],
    [
      'an object among the parameters',
      ['select ?', [{ a: 1 }]],
      'VALUE_REFUSED',
      /^parameter 1: .*sql\.typed/,
    ],
    [
      'a list among the parameters',
      ['select ?', [[1]]],
      'VALUE_REFUSED',
      /^parameter 1: .*sql\.list/,
    ],
    [
      'an unknown option',
      [sql`select 1`, { timeout: 5 }],
      'UNKNOWN_OPTION',
      /^query has no option "timeout"; it takes signal, timeoutMs, cache$/,
    ],
    [
      'an unknown option of a text',
      ['select 1', [], { timeout: 5 }],
      'UNKNOWN_OPTION',
      /"timeout"/,
    ],
    ['transaction control', ['BEGIN'], 'TRANSACTION_CONTROL', /repo\.transaction\(\)/],
    ['transaction control in a fragment', [sql`commit`], 'TRANSACTION_CONTROL', /"commit"/],
    [
      'transaction control with typed values',
      [sql`rollback ${sql.typed(1, t.integer())}`],
      'TRANSACTION_CONTROL',
      /"rollback"/,
    ],
  ])('refuses %s, before anything is sent', async (_name, given, code, message) => {
    const { repo, sent } = scriptedRepo()
    const call = (repo.query as Any)(...given)
    await expect(call).rejects.toMatchObject({ code, message: expect.stringMatching(message) })
    expect(sent()).toEqual([])
  })

  test('takes as many parameters as the database, and not one more', async () => {
    const { repo, database, sent } = scriptedRepo()
    database.allow(/^select/, answer)
    const most = Array.from({ length: 100 }, (_, i) => i)
    await repo.query(sql`select ${sql.join(most)}`)
    await repo.query('select …', most)
    expect(sent()).toHaveLength(2)
    for (const call of [
      repo.query(sql`select ${sql.join([...most, 100])}`),
      repo.query('select …', [...most, 100]),
      repo.batch([sql`select 1`, sql`select ${sql.join([...most, 100])}`]),
      (async () => repo.stream(sql`select ${sql.join([...most, 100])}`).next())(),
    ]) {
      await expect(call).rejects.toMatchObject({
        name: 'MisuseError',
        code: 'TOO_MANY_PARAMETERS',
        message: expect.stringContaining('101 parameters and the database takes at most 100'),
      })
    }
    expect(sent()).toEqual([])
  })

  test('refuses two columns of one name, which a row object cannot hold', async () => {
    const { repo, database } = scriptedRepo()
    database.expect(/^select/, { columns: ['a', 'a'], rows: [[1, 2]] })
    await expect(repo.query('select 1 as a, 2 as a')).rejects.toMatchObject({
      code: 'DUPLICATE_COLUMN',
      message: expect.stringContaining('give one an alias'),
    })
  })
})

describe("an adapter's own call options", () => {
  const adapter: Partial<Adapter> = {
    callOptions: {
      plan(value: unknown) {
        if (value !== 'auto' && value !== 'custom') {
          throw new MisuseError('OPTION_INVALID', "plan takes 'auto' or 'custom'")
        }
      },
    } as Any,
  }

  const calls: Record<string, (repo: Any, options: object) => Promise<unknown>> = {
    query: (repo, options) => repo.query(sql`select 1`, options),
    'query with a text': (repo, options) => repo.query('select 1', [], options),
    all: (repo, options) => repo.all(posts, options),
    get: (repo, options) => repo.get(posts, 1, options),
    insert: (repo, options) => repo.insert(posts, { title: 'a' }, { ...options, returning: false }),
    insertAll: (repo, options) => repo.insertAll(posts, [{ title: 'a' }], options),
    update: (repo, options) => repo.update(posts, 1, { title: 'a' }, options),
    updateAll: (repo, options) =>
      repo.updateAll(posts, { all: true, set: { title: 'a' }, ...options }),
    delete: (repo, options) => repo.delete(posts, 1, options),
    deleteAll: (repo, options) => repo.deleteAll(posts, { all: true, ...options }),
    batch: (repo, options) => repo.batch([sql`select 1`], { ...options, atomic: false }),
  }

  test.each(Object.entries(calls))(
    'reach the driver through %s, once they are checked',
    async (_name, call) => {
      const { repo, database, sent } = scriptedRepo({ adapter })
      database.allow(/./, { affected: 1 })
      await call(repo, { plan: 'custom', cache: false, timeoutMs: 1000 })
      const request = database.calls.at(-1)?.request
      expect(request).toMatchObject({ options: { plan: 'custom' }, statement: undefined })
      expect(request?.deadline).toBeGreaterThan(performance.now())
      await call(repo, { plan: undefined })
      expect(database.calls.at(-1)?.request).toMatchObject({ options: undefined })
      sent()
      await expect(call(repo, { plan: 'generic' })).rejects.toThrow("plan takes 'auto' or 'custom'")
      await expect(call(repo, { plna: 'auto' })).rejects.toThrow(
        /no option "plna"; it takes .*plan$/,
      )
      expect(sent()).toEqual([])
    },
  )

  test('are not found on the prototypes of objects', async () => {
    const { repo } = scriptedRepo({ adapter })
    for (const name of ['toString', 'constructor', '__proto__']) {
      const options = JSON.parse(`{"${name}": 1}`)
      await expect(repo.query(sql`select 1`, options)).rejects.toMatchObject({
        code: 'UNKNOWN_OPTION',
      })
    }
  })
})

describe('withPrefix', () => {
  test('puts every table into a schema, and leaves the repo as it is', async () => {
    const { repo, database, sent } = scriptedRepo()
    database.allow(/^(select|insert|update|delete)/, { affected: 1, columns: ['id'], rows: [] })
    const tenant = repo.withPrefix('tenant_7')
    await tenant.all(posts)
    await tenant.get(logs, 1)
    await tenant.insertAll(posts, [{ title: 'a' }])
    await tenant.updateAll(posts, { all: true, inc: { id: 1 } as Any })
    await tenant.query(sql`select * from ${posts} join ${logs} using (${sql.id('id')})`)
    await tenant
      .withPrefix('other')
      .count(posts)
      .catch(() => {})
    await repo.all(posts)
    await repo.all(logs)
    expect(sent().map(({ sql }) => sql)).toEqual([
      'select id, title from tenant_7.posts',
      'select id from tenant_7.logs where id = ?',
      'insert into tenant_7.posts (title) values (?)',
      'update tenant_7.posts set id = tenant_7.posts.id + ?',
      'select * from tenant_7.posts join tenant_7.logs using (id)',
      'select count(*) from other.posts',
      'select id, title from posts',
      'select id from audit.logs',
    ])
  })

  test('is kept inside transaction, checkout and outside, where it was used', async () => {
    const { repo, database, sent } = scriptedRepo()
    database.allow(/./)
    const tenant = repo.withPrefix('t')
    await tenant.transaction(async (tx) => {
      await tx.all(logs)
      await tx.withPrefix('u').all(logs)
      await repo.all(logs)
    })
    await tenant.checkout((held) => held.all(logs))
    await tenant.outside((out) => out.all(logs))
    expect(sent().map(({ sql }) => sql)).toEqual([
      'begin',
      'select id from t.logs',
      'select id from u.logs',
      'select id from audit.logs',
      'commit',
      'select id from t.logs',
      'select id from t.logs',
    ])
  })

  test('may be the repo’s from the beginning', async () => {
    const { repo, database, sent } = scriptedRepo({}, { prefix: 'base' })
    database.allow(/./)
    await repo.all(posts)
    expect(sent()[0]?.sql).toBe('select id, title from base.posts')
  })

  test.each([[''], [undefined], [5], [null]])('refuses %j', (prefix) => {
    const { repo } = scriptedRepo()
    expect(() => repo.withPrefix(prefix as Any)).toThrow('withPrefix takes the name of a schema')
  })

  test('is refused where the database has no schemas, in every way to ask for one', async () => {
    const { repo, database, sent } = scriptedRepo({ capabilities: { prefix: 'absent' } })
    const absent = { name: 'UnsupportedError', capability: 'prefix' }
    expect(() => repo.withPrefix('t')).toThrow(expect.objectContaining(absent))
    expect(() => createRepo({ adapter: database.adapter, prefix: 't' })).toThrow(
      expect.objectContaining(absent),
    )
    await expect(repo.all(logs)).rejects.toMatchObject(absent)
    await expect(repo.query(sql`select * from ${logs}`)).rejects.toMatchObject(absent)
    await expect(repo.query(sql`select ${logs.id}`)).rejects.toMatchObject(absent)
    expect(sent()).toEqual([])
  })
})

describe('a repo', () => {
  test('opens nothing before the first call', async () => {
    const { repo, database } = scriptedRepo()
    expect(repo.stats()).toEqual({
      pool: { size: 0, idle: 0, inUse: 0, waiting: 0 },
      statements: { hits: 0, misses: 0, evictions: 0, heals: 0 },
    })
    expect(database.calls).toEqual([])
  })

  test('counts connections and statements', async () => {
    const { repo, database } = scriptedRepo({}, { statementCache: { size: 1 } })
    database.allow(/^select/, ({ request }) => {
      if (request?.statement) request.statement.handle ??= 'prepared'
      return answer
    })
    await repo.query('select 1')
    await repo.query('select 1')
    await repo.query('select 2')
    await repo.query('select 2', [], { cache: false })
    expect(repo.stats()).toEqual({
      pool: { size: 1, idle: 1, inUse: 0, waiting: 0 },
      statements: { hits: 1, misses: 2, evictions: 1, heals: 0 },
    })
    await repo.checkout(() => {
      expect(repo.stats().pool).toEqual({ size: 1, idle: 0, inUse: 1, waiting: 0 })
    })
  })

  test('is closed at the end of its block, and may be closed again', async () => {
    const { database } = scriptedRepo()
    database.allow(/^select/, answer)
    let kept: ReturnType<typeof createRepo>
    {
      await using repo = createRepo({ adapter: database.adapter })
      kept = repo
      await repo.query('select 1')
      expect(database.open).toHaveLength(1)
    }
    expect(database.open).toEqual([])
    await Promise.all([kept.close(), kept.close()])
    await kept[Symbol.asyncDispose]()
    expect(database.log('close')).toEqual(['#1 close'])
    await expect(kept.query('select 1')).rejects.toMatchObject({ code: 'POOL_CLOSED' })
  })

  test('refuses what is no function before it begins anything', async () => {
    const { repo, database } = scriptedRepo()
    const expected = { code: 'FUNCTION_EXPECTED' }
    for (const fn of [undefined, {}, 'fn', Promise.resolve()] as Any[]) {
      await expect(repo.transaction(fn)).rejects.toMatchObject({
        ...expected,
        message: 'transaction takes a function as its first argument; options come second',
      })
      await expect(repo.checkout(fn)).rejects.toMatchObject(expected)
      expect(() => repo.outside(fn)).toThrow(expect.objectContaining(expected))
      expect(() => repo.afterCommit(fn)).toThrow(expect.objectContaining(expected))
    }
    expect(database.calls).toEqual([])
  })

  test('rejects for a mistake and never throws, so that one catch is enough', async () => {
    const { repo } = scriptedRepo()
    const wrong = [
      () => repo.query(undefined as Any),
      () => repo.all(undefined as Any),
      () => repo.insertAll(posts, undefined as Any),
      () => repo.updateAll(posts, undefined as Any),
      () => repo.batch(undefined as Any),
      () => repo.script(undefined as Any),
    ]
    for (const call of wrong) {
      const promise = call()
      expect(promise).toBeInstanceOf(Promise)
      await expect(promise).rejects.toBeInstanceOf(MisuseError)
    }
  })
})

describe('createRepo', () => {
  test.each<[unknown, string, RegExp]>([
    [undefined, 'OPTION_INVALID', /createRepo takes \{ adapter, … \}/],
    ['sqlite', 'OPTION_INVALID', /createRepo takes/],
    [{}, 'OPTION_INVALID', /createRepo needs an adapter, as sqlite\(…\) or postgres\(…\) make it/],
    [{ adapter: 'sqlite' }, 'OPTION_INVALID', /needs an adapter/],
    [{ adapter: () => {} }, 'OPTION_INVALID', /needs an adapter/],
    [{ pools: {} }, 'UNKNOWN_OPTION', /createRepo has no option "pools"; it takes adapter, pool/],
    [
      { statementCache: { max: 1 } },
      'UNKNOWN_OPTION',
      /statementCache has no option "max"; it takes size, bytes/,
    ],
    [
      { statementCache: { size: -1 } },
      'OPTION_INVALID',
      /statementCache\.size takes a whole number from 0/,
    ],
    [
      { statementCache: { bytes: 1.5 } },
      'OPTION_INVALID',
      /statementCache\.bytes takes a whole number/,
    ],
    [{ statementCache: false }, 'OPTION_INVALID', /statementCache takes \{ size, bytes \}/],
    [{ statementCache: null }, 'OPTION_INVALID', /statementCache takes \{ size, bytes \}/],
    [{ timeoutMs: -1 }, 'OPTION_INVALID', /timeoutMs takes milliseconds/],
    [{ timeoutMs: '5s' }, 'OPTION_INVALID', /timeoutMs takes milliseconds/],
    [{ prefix: '' }, 'OPTION_INVALID', /prefix takes the name of a schema/],
    [{ log: 'verbose' }, 'OPTION_INVALID', /log takes true, false, 'pretty' or a function/],
    [{ pool: { max: 5 } }, 'UNKNOWN_OPTION', /pool\.max is not an option/],
    [{ pool: 5 }, 'OPTION_INVALID', /pool/],
  ])('refuses %j', (options, code, message) => {
    const { database } = scriptedRepo()
    const given =
      typeof options === 'object' &&
      options !== null &&
      Object.keys(options).length > 0 &&
      !('adapter' in options)
        ? { adapter: database.adapter, ...options }
        : options
    expect(() => createRepo(given as Any)).toThrow(
      expect.objectContaining({ code, message: expect.stringMatching(message) }),
    )
  })
})
