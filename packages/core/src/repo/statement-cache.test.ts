import { describe, expect, it } from 'vitest'
import { flush } from '../../test/fake-clock.ts'
import { rejection, scopeRepo } from '../../test/scope-harness.ts'
import { Deferred, type ScriptedCall, ScriptedError } from '../../test/scripted-connection.ts'
import { sql, t } from '../query/index.ts'

/** Prepares what it is given, as a driver does. */
function prepare(call: ScriptedCall): object {
  const statement = call.request?.statement
  if (statement !== undefined) statement.handle ??= `handle ${statement.id}`
  return {}
}

const statementOf = (call: ScriptedCall | undefined) => call?.request?.statement

describe('statements of a repo', () => {
  it('are prepared once on a connection and counted', async () => {
    const { repo, database } = scopeRepo()
    database.allow(/./, prepare)
    for (const id of [1, 2, 3]) await repo.query('select ?', [id])
    await repo.query('other')
    const [first, second, third] = database.calls.filter(({ kind }) => kind === 'execute')
    expect(statementOf(second)).toBe(statementOf(first))
    expect(statementOf(third)?.handle).toBe('handle 1')
    expect(repo.stats().statements).toEqual({ hits: 2, misses: 2, evictions: 0, heals: 0 })
  })

  it('are told apart by text and by the types of their parameters', async () => {
    const { repo, database } = scopeRepo()
    database.allow(/./, prepare)
    await repo.query(sql`select ${1}`)
    await repo.query(sql`select ${sql.typed(1, t.integer())}`)
    await repo.query(sql`select ${sql.typed(1, t.float())}`)
    expect(new Set(database.calls.map((call) => statementOf(call)).filter(Boolean)).size).toBe(3)
  })

  it('go past the cache where the call or the repo says so', async () => {
    const { repo, database } = scopeRepo()
    database.allow(/./, prepare)
    await repo.query('one', [], { cache: false })
    expect(statementOf(database.calls.at(-1))).toBeUndefined()
    const off = scopeRepo({}, { statementCache: { size: 0 } })
    off.database.allow(/./, prepare)
    await off.repo.query('one')
    await off.repo.query('one')
    expect(statementOf(off.database.calls.at(-1))).toBeUndefined()
  })

  it('are forgotten where they failed before they were prepared', async () => {
    const { repo, database } = scopeRepo()
    database.expect('bad', new ScriptedError({ kind: 'syntax' })).allow(/./, prepare)
    await rejection(repo.query('bad'))
    await repo.query('bad')
    expect(repo.stats().statements).toMatchObject({ hits: 0, misses: 2 })
    expect(database.log('deallocate')).toEqual([])
  })

  it('are shared by calls in flight, and outlive the failure of the first', async () => {
    const { repo, database } = scopeRepo({ capabilities: { pipelining: 4 } })
    const answers = [new Deferred<object>(), new Deferred<object>()]
    database.expect('same', answers[0]).allow(/./, prepare)
    await repo.checkout(async (held) => {
      const first = rejection(held.query('same'))
      const second = held.query('same')
      answers[0]?.reject(new ScriptedError({ kind: 'data' }))
      await first
      await second
      await held.query('same')
    })
    const statements = database.calls.map((call) => statementOf(call)).filter(Boolean)
    expect(new Set(statements).size).toBe(1)
    expect(database.log('deallocate')).toEqual([])
  })

  it('are deallocated when they are evicted, but not while a call uses them', async () => {
    const { repo, database } = scopeRepo(
      { capabilities: { pipelining: 4 } },
      { statementCache: { size: 1 } },
    )
    const answer = new Deferred<object>()
    database.expect('one', (call: ScriptedCall) => {
      prepare(call)
      return answer
    })
    database.allow(/./, prepare)
    await repo.checkout(async (held) => {
      const one = held.query('one')
      await held.query('two')
      expect(database.log('deallocate')).toEqual(['#1 deallocate two'])
      answer.resolve({})
      await one
      await held.query('two')
    })
    expect(database.log('deallocate')).toEqual(['#1 deallocate two', '#1 deallocate one'])
    expect(repo.stats().statements.evictions).toBe(2)
  })

  it('stay while a call that was given up still uses them, and are prepared only once', async () => {
    const { repo, database } = scopeRepo(
      { capabilities: { pipelining: 4 } },
      { statementCache: { size: 1 } },
    )
    const answer = new Deferred<object>()
    database.expect('slow', answer).allow(/./, prepare)
    const controller = new AbortController()
    const slow = rejection(repo.query('slow', [], { signal: controller.signal }))
    await flush()
    controller.abort()
    await slow
    // The driver prepared it after its caller had gone.
    const statement = statementOf(database.calls.find(({ sql: text }) => text === 'slow'))
    if (statement !== undefined) statement.handle = 'late'
    answer.resolve({})
    await flush()
    await repo.query('slow')
    expect(repo.stats().statements).toMatchObject({ hits: 1, misses: 1 })
    await repo.query('next')
    expect(database.log('deallocate')).toEqual(['#1 deallocate slow'])
  })

  it.each<[string, boolean]>([
    ['throws', true],
    ['rejects', false],
  ])('cost the connection where a deallocate %s, and fail nobody', async (_name, sync) => {
    const { repo, database } = scopeRepo({ sync }, { statementCache: { size: 1 } })
    database.next('deallocate', new Error('strange')).allow(/./, prepare)
    await repo.transaction(async (tx) => {
      await tx.query('one')
      await tx.query('two')
      await tx.query('three')
    })
    expect(database.log('close')).toEqual(['#1 close'])
  })
})
