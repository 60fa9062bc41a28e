import { describe, expect, it, vi } from 'vitest'
import { fakeTime, rejection, scopeFeatures, scopeRepo } from '../../test/scope-harness.ts'
import { Deferred, ScriptedError } from '../../test/scripted-connection.ts'
import { sql } from '../query/index.ts'

const unique = () => new ScriptedError({ kind: 'unique_violation' })
const withBatch = { features: [...scopeFeatures, 'batch' as const] }

describe('a batch without a batch of the driver', () => {
  it('runs in a transaction of its own, all or nothing', async () => {
    const { repo, database, sent } = scopeRepo()
    database.allow('bad', unique()).allow(/./, { columns: ['n'], rows: [[1]] })
    const [first, second] = await repo.batch([sql`one`, sql`two`])
    expect([first.rows, second.rows]).toEqual([[{ n: 1 }], [{ n: 1 }]])
    const error = await rejection(repo.batch([sql`one`, sql`bad`, sql`never`]))
    expect(error).toMatchObject({ kind: 'unique_violation' })
    expect(sent()).toEqual([
      ...['begin', 'one', 'two', 'commit'],
      ...['begin', 'one', 'bad', 'rollback'],
    ])
    expect(await repo.batch([])).toEqual([])
  })

  it('goes without one where it need not be atomic', async () => {
    const { repo, database, sent } = scopeRepo()
    database.allow(/./)
    await repo.batch([sql`one`, sql`two`], { atomic: false })
    expect(sent()).toEqual(['one', 'two'])
  })

  it('fails the transaction around it where a part of it was never sent', async () => {
    const { repo, database, sent } = scopeRepo({ sync: true })
    const controller = new AbortController()
    database.allow('one', () => {
      controller.abort()
      return {}
    })
    database.allow(/./)
    const error = await rejection(
      repo.transaction(async (tx) => {
        await rejection(tx.batch([sql`one`, sql`two`], { signal: controller.signal }))
      }),
    )
    expect(error).toMatchObject({ kind: 'transaction_failed', cause: { code: 'ABORTED' } })
    expect(sent()).toEqual(['begin', 'one', 'rollback'])
  })

  it('is contained by a savepoint where the transaction goes on after errors', async () => {
    const { repo, database, sent } = scopeRepo({
      capabilities: { errorInTransaction: 'continues' },
    })
    database.allow('bad', unique()).allow(/./)
    await repo.transaction(
      async (tx) => {
        await rejection(tx.batch([sql`one`, sql`bad`]))
        await tx.query('two')
      },
      { onError: 'continue' },
    )
    expect(sent()).toEqual([
      ...['begin', 'savepoint mortise_1', 'one', 'bad', 'rollback to mortise_1'],
      ...['release mortise_1', 'two', 'commit'],
    ])
  })
})

describe('a batch of the driver', () => {
  it('is one call', async () => {
    const { repo, database } = scopeRepo(withBatch)
    database.next('batch', [
      { columns: [{ name: 'n' }], rows: [[1]], affected: null },
      { columns: [], rows: [], affected: 2, sessionChanged: true },
    ])
    const [first, second] = await repo.batch([sql`one ${'x'}`, sql`two`])
    expect(first.rows).toEqual([{ n: 1 }])
    expect(second.affected).toBe(2)
    const [call] = database.calls.filter(({ kind }) => kind === 'batch')
    expect(call?.requests?.map(({ sql: text, parameters }) => [text, parameters])).toEqual([
      ['one ?', ['x']],
      ['two', []],
    ])
    expect(database.log('reset')).toEqual(['#1 reset'])
  })

  it('is used in a checkout, and not in a transaction', async () => {
    const { repo, database } = scopeRepo(withBatch)
    database.next('batch', [{ columns: [], rows: [], affected: null }]).allow(/./)
    await repo.checkout((held) => held.batch([sql`one`]))
    await repo.transaction((tx) => tx.batch([sql`two`]))
    expect(database.log('batch', 'execute')).toEqual([
      '#1 batch',
      ...['begin', 'two', 'commit'].map((text) => `#1 execute ${text}`),
    ])
  })

  it('works where there are no interactive transactions', async () => {
    const { repo, database } = scopeRepo({ ...withBatch, capabilities: { transactions: 'batch' } })
    database.next('batch', [{ columns: [], rows: [], affected: 1 }])
    expect((await repo.batch([sql`one`]))[0].affected).toBe(1)
    expect(await rejection(repo.transaction(() => 1))).toMatchObject({ code: 'UNSUPPORTED' })
  })

  it.each<[string, unknown, object, number]>([
    ['fails', new ScriptedError({ kind: 'unique_violation' }), { kind: 'unique_violation' }, 1],
    ['loses its connection', new ScriptedError({ kind: 'connection_lost' }), {}, 0],
    ['answers too little', [], { code: 'ADAPTER_CONTRACT' }, 0],
  ])('gives its connection back as it deserves where it %s', async (_name, answer, error, open) => {
    const { repo, database } = scopeRepo(withBatch)
    database.next('batch', answer as never)
    expect(await rejection(repo.batch([sql`one`]))).toMatchObject(error)
    expect(database.open).toHaveLength(open)
  })

  it('ends at its limits', async () => {
    fakeTime()
    const { repo, database } = scopeRepo(withBatch, { timeoutMs: 500 })
    database.next('batch', new Deferred())
    const done = rejection(repo.batch([sql`one`]))
    await vi.advanceTimersByTimeAsync(500 + 2000)
    expect(await done).toMatchObject({ code: 'TIMEOUT' })
    expect(database.open).toHaveLength(0)
  })
})
