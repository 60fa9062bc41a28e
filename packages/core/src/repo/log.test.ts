import { channel } from 'node:diagnostics_channel'
import { once } from 'node:events'
import { inspect } from 'node:util'
import { afterEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import { ScriptedError } from '../../test/scripted-connection.ts'
import { scriptedRepo } from '../../test/scripted-repo.ts'
import { defineTable, sql, t } from '../query/index.ts'
import type { LogEvent } from './log.ts'

const posts = defineTable('posts', { id: t.id(), title: t.text() })
const secret = 'geheim-4711'

afterEach(() => {
  vi.restoreAllMocks()
})

/** What is written to standard error. */
function captured(): string[] {
  const lines: string[] = []
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    lines.push(...String(text).split('\n').filter(Boolean))
    return true
  })
  return lines
}

/** What a diagnostics channel publishes while the test runs. */
function published(name: string): Record<string, unknown>[] {
  const events: Record<string, unknown>[] = []
  const listen = (event: unknown): void => void events.push(event as Record<string, unknown>)
  const diagnostics = channel(name)
  diagnostics.subscribe(listen)
  onTestFinished(() => {
    diagnostics.unsubscribe(listen)
  })
  return events
}

const milliseconds = expect.toSatisfy(
  (value) => typeof value === 'number' && value >= 0 && value < 60_000,
  'a duration',
)

describe.each([
  ['a driver that answers at once', true],
  ['a driver that answers later', false],
])('events on %s', (_name, sync) => {
  test('tell each statement, its times and its outcome, once', async () => {
    const events = published('mortise:query')
    const logged: LogEvent[] = []
    const { repo, database } = scriptedRepo({ sync }, { log: (event) => logged.push(event) })
    database
      .expect(/^select/, { columns: ['id', 'title'], rows: [[1, secret]] })
      .expect(/^insert/, { affected: 3 })
    await repo.all(posts, { where: { title: secret } })
    await repo.query('insert …', [secret])
    expect(events).toEqual([
      {
        adapter: 'scripted',
        sql: 'select id, title from posts where title = ?',
        parameterCount: 1,
        queueMs: milliseconds,
        queryMs: milliseconds,
        decodeMs: milliseconds,
        idleMs: expect.anything(),
        rowCount: 1,
        affected: null,
        cached: false,
        error: undefined,
      },
      expect.objectContaining({ sql: 'insert …', rowCount: 0, affected: 3, idleMs: milliseconds }),
    ])
    expect(logged.filter(({ kind }) => kind === 'query')).toEqual(
      events.map((event) => ({ kind: 'query', ...event })),
    )
  })

  test('tell a failure with its error, and the call fails as it would', async () => {
    const events = published('mortise:query')
    const { repo, database } = scriptedRepo({ sync })
    database.expect(/^select/, new ScriptedError({ kind: 'syntax', code: 'X1' }))
    const error = await repo.query(sql`select ${secret}`).catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ kind: 'syntax' })
    expect(events).toEqual([
      expect.objectContaining({
        error,
        rowCount: 0,
        affected: null,
        decodeMs: 0,
        queryMs: milliseconds,
      }),
    ])
    expect((events[0] as { error: unknown }).error).toBe(error)
  })

  test('tell whether the statement was cached, and that a lease did not wait twice', async () => {
    const events = published('mortise:query')
    const { repo, database } = scriptedRepo({ sync })
    database.allow(/^select/, ({ request }) => {
      if (request?.statement) request.statement.handle ??= 'prepared'
      return {}
    })
    await repo.checkout(async () => {
      await repo.query('select 1')
      await repo.query('select 1')
    })
    expect(events).toMatchObject([
      { cached: false, queueMs: milliseconds },
      { cached: true, queueMs: undefined, idleMs: undefined },
    ])
  })

  test('tell of a script, a batch and a stream as of one statement each', async () => {
    const events = published('mortise:query')
    const { repo, database } = scriptedRepo({ sync, features: ['batch', 'script', 'stream'] })
    const rows = { columns: ['n'], rows: [[1], [2]] }
    database
      .next('script', { affected: 1 })
      .next('batch', [
        { columns: [{ name: 'n' }], rows: [[1]], affected: null },
        { columns: [], rows: [], affected: 1 },
      ])
      .next('stream', [rows, rows])
      .next('script', new ScriptedError({ kind: 'syntax' }))
    await repo.script('create …; create …')
    await repo.batch([sql`select ${1}`, sql`delete ${2}, ${3}`])
    for await (const row of repo.stream(sql`select ${secret}`)) expect(row).toBeDefined()
    const error = await repo.script('creat …').catch((thrown: unknown) => thrown)
    const times = { queueMs: milliseconds, queryMs: milliseconds }
    expect(events).toMatchObject([
      { adapter: 'scripted', sql: 'create …; create …', parameterCount: 0, rowCount: 0, ...times },
      { sql: 'select ?;\ndelete ?, ?', parameterCount: 3, rowCount: 1, error: undefined, ...times },
      { sql: 'select ?', parameterCount: 1, rowCount: 4, error: undefined, ...times },
      { sql: 'creat …', rowCount: 0, error, ...times },
    ])
  })

  test('tell of a stream that was left or that failed', async () => {
    const events = published('mortise:query')
    const { repo, database } = scriptedRepo({ sync, features: ['stream'] })
    const rows = { columns: ['n'], rows: [[1]] }
    const failure = new ScriptedError({ kind: 'data' })
    database.next('stream', [rows, rows]).next('stream', [rows, failure])
    for await (const _row of repo.stream(sql`select 1`)) break
    const readAll = async (): Promise<void> => {
      for await (const row of repo.stream(sql`select 2`)) expect(row).toEqual({ n: 1 })
    }
    await expect(readAll()).rejects.toMatchObject({ kind: 'data' })
    expect(events).toMatchObject([
      { sql: 'select 1', rowCount: 1, error: undefined },
      { sql: 'select 2', rowCount: 1, error: { kind: 'data' } },
    ])
  })

  test('tell transactions, savepoints and their ends', async () => {
    const events = published('mortise:transaction')
    const { repo, database } = scriptedRepo({ sync })
    database.allow(/./)
    const failure = new Error(secret)
    await repo.transaction(async (tx) => {
      await tx
        .transaction(() => {
          throw failure
        })
        .catch(() => {})
    })
    expect(events).toMatchObject([
      { adapter: 'scripted', event: 'begin', depth: 0, error: undefined },
      { event: 'begin', depth: 1 },
      { event: 'rollback', depth: 1, durationMs: milliseconds, error: failure },
      { event: 'commit', depth: 0, durationMs: milliseconds },
    ])
  })

  test('tell connections that open, fail and close', async () => {
    const events = published('mortise:pool')
    const { repo, database } = scriptedRepo({ sync }, { pool: { size: 1 } })
    database.allow(/./)
    await repo.query('select 1')
    await repo.close()
    expect(events).toMatchObject([
      { adapter: 'scripted', event: 'opened', connectMs: milliseconds },
      { event: 'closed', reason: expect.any(String), openMs: milliseconds },
    ])
    expect(Object.keys(events[0] ?? {})).toEqual(['adapter', 'event', 'connectMs'])
  })

  test('hold no value in any form that a log may give them', async () => {
    const lines = captured()
    const events = [...['query', 'transaction', 'pool']].map((kind) => published(`mortise:${kind}`))
    for (const log of [true, 'pretty'] as const) {
      const { repo, database } = scriptedRepo({ sync }, { log })
      const native = new ScriptedError({ kind: 'unique_violation', code: '23505', table: 'posts' })
      native.message = `Key (title)=(${secret}) already exists`
      database
        .allow(/^(begin|rollback|commit)/)
        .expect(/^insert/, new ScriptedError({ kind: 'unique_violation' }))
        .expect(/^insert/, native)
        .expect(/^select/, { columns: ['id', 'title'], rows: [[1, secret]] })
      await repo.insert(posts, { title: secret }, { returning: false }).catch(() => {})
      await repo.insert(posts, { title: secret }, { returning: false }).catch(() => {})
      await repo.all(posts, { where: { title: secret } })
      await repo
        .transaction(() => {
          throw new Error(secret)
        })
        .catch(() => {})
    }
    expect(lines.length).toBeGreaterThan(8)
    expect(lines.join('\n')).not.toContain(secret)
    const withoutOwnErrors = events
      .flat()
      .map(({ error, ...rest }) =>
        error instanceof Error && error.message === secret ? rest : { error, ...rest },
      )
    expect(inspect(withoutOwnErrors, { depth: 10 })).not.toContain(secret)
  })
})

test('nothing is measured and no event is made where nobody listens', async () => {
  const { repo, database } = scriptedRepo()
  const listening = scriptedRepo({}, { log: () => {} })
  const run = async (opened: typeof listening): Promise<number> => {
    opened.database.allow(/^select/)
    await opened.repo.query('select 1')
    return await opened.repo.checkout(async (held) => {
      const measured = vi.spyOn(performance, 'now')
      await held.query('select 1')
      const calls = measured.mock.calls.length
      measured.mockRestore()
      return calls
    })
  }
  expect(await run({ repo, database, sent: () => [] })).toBe(0)
  expect(await run(listening)).toBeGreaterThan(0)
})

describe('log: true', () => {
  test('writes a line of JSON for each event', async () => {
    const lines = captured()
    const { repo, database } = scriptedRepo({}, { log: true })
    database
      .expect(/^select/, { affected: 1 })
      .expect(
        /^insert/,
        new ScriptedError({ kind: 'unique_violation', table: 'posts', code: '23505' }),
      )
    await repo.query('select 1')
    await repo.query('insert …').catch(() => {})
    const parsed = lines.map((line) => JSON.parse(line))
    expect(parsed).toMatchObject([
      { kind: 'pool', event: 'opened' },
      { kind: 'query', sql: 'select 1', affected: 1, queryMs: milliseconds },
      {
        kind: 'query',
        sql: 'insert …',
        error: {
          name: 'DatabaseError',
          code: 'UNIQUE_VIOLATION',
          nativeCode: '23505',
          table: 'posts',
        },
      },
    ])
  })

  test('tells of errors that are not ours no more than their name and code', async () => {
    const lines = captured()
    const { repo, database } = scriptedRepo(
      {},
      { log: true, pool: { backoffMinMs: 1, backoffMaxMs: 1 } },
    )
    const foreign = Object.assign(new RangeError(secret), {
      code: 'E_FOREIGN',
      toJSON: () => secret,
    })
    database.expect(/^select/, foreign)
    await expect(repo.query('select 1')).rejects.toBe(foreign)
    expect(JSON.parse(lines.find((line) => line.includes('"query"')) ?? '')).toMatchObject({
      error: { name: 'RangeError', code: 'E_FOREIGN' },
    })
    expect(lines.join()).not.toContain(secret)
  })

  test('tells a server message by its severity and code', async () => {
    const lines = captured()
    const { repo, database } = scriptedRepo({}, { log: true })
    database.allow(/./)
    await repo.query('select 1')
    const { context } = database.calls.find(({ kind }) => kind === 'connect') ?? {}
    context?.onNotice({ severity: 'WARNING', code: '01000', message: secret })
    expect(JSON.parse(lines.at(-1) ?? '')).toEqual({
      kind: 'pool',
      adapter: 'scripted',
      event: 'notice',
      notice: { severity: 'WARNING', code: '01000' },
    })
  })
})

describe("log: 'pretty'", () => {
  test('writes a line for people', async () => {
    const lines = captured()
    const { repo, database } = scriptedRepo({}, { log: 'pretty' })
    database
      .allow(/^(begin|rollback)/)
      .expect(/select/, { columns: ['n'], rows: [[1], [2]] })
      .expect(/^update/, { affected: 3 })
      .expect(/^delete/, new ScriptedError({ kind: 'deadlock' }))
    await repo.query(sql`
      select n
        from t`)
    await repo.query('update …')
    await repo.query('delete …').catch(() => {})
    await repo
      .transaction(() => {
        throw Object.assign(new Error(secret), { code: 'E_APP' })
      })
      .catch(() => {})
    await repo.close()
    const times = lines.map((line) => line.replace(/ *\d+(\.\d+)?/g, ' N'))
    expect(times).toEqual([
      'pool         opened connectMs N',
      'query N ms  select n from t  [ N rows, prepared queue N ms]',
      'query N ms  update …  [ N affected, prepared queue N ms]',
      'query N ms  delete …  [failed: DEADLOCK, prepared queue N ms]',
      'transaction  begin',
      'transaction  rollback after N ms (E_APP)',
      expect.stringMatching(/^pool {9}closed \w+, openMs N$/),
    ])
  })
})

describe('a log function that fails', () => {
  test.each([
    [
      'by throwing',
      () => {
        throw new Error(secret)
      },
    ],
    ['by rejecting', () => Promise.reject(new TypeError(secret))],
  ])('%s warns, and the call goes on', async (_name, log) => {
    const { repo, database } = scriptedRepo({}, { log })
    database.allow(/./)
    const warned = once(process, 'warning')
    await repo.query('select 1')
    const [warning] = await warned
    expect(warning).toMatchObject({
      name: 'MortiseWarning',
      message: expect.stringMatching(/^the log function of a repo failed \((Type)?Error\)$/),
    })
  })
})
