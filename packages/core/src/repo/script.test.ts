import { describe, expect, it, vi } from 'vitest'
import { fakeTime, rejection, scopeFeatures, scopeRepo } from '../../test/scope-harness.ts'
import { Deferred, ScriptedError } from '../../test/scripted-connection.ts'

const scripts = { features: [...scopeFeatures, 'script' as const] }

describe('a script', () => {
  it('gives a result for each statement', async () => {
    const { repo, database } = scopeRepo(scripts)
    database.next('script', {
      columns: ['n'],
      rows: [[1]],
      next: { columns: [], rows: [], affected: 2, sessionChanged: true },
    })
    const results = await repo.script('one; two')
    expect(results.map(({ rows, affected }) => [rows, affected])).toEqual([
      [[{ n: 1 }], null],
      [[], 2],
    ])
    expect(database.log('reset')).toEqual(['#1 reset'])
  })

  it('takes its turn in a scope, and fails a transaction', async () => {
    const { repo, database } = scopeRepo(scripts)
    database.next('script', new ScriptedError({ kind: 'syntax' })).allow(/./)
    const error = await rejection(
      repo.transaction(async (tx) => {
        const one = tx.query('one')
        const script = rejection(tx.script('script'))
        const behind = rejection(tx.query('behind'))
        await one
        expect(await behind).toMatchObject({ kind: 'transaction_failed', cause: await script })
      }),
    )
    expect(error).toMatchObject({ kind: 'transaction_failed' })
    expect(database.log('execute', 'script')).toEqual([
      ...['#1 execute begin', '#1 execute one', '#1 script script', '#1 execute rollback'],
    ])
  })

  it('may not leave a transaction open, nor end the one it is in', async () => {
    const { repo, database } = scopeRepo(scripts)
    const leave = (status: 'idle' | 'active') => () => {
      const connection = database.open[0]
      if (connection !== undefined) connection.transactionStatus = status
      return {}
    }
    database.next('script', leave('active')).next('script', leave('idle')).allow(/./)
    expect(await rejection(repo.script('begin; one'))).toMatchObject({
      code: 'TRANSACTION_STATE_CHANGED',
    })
    expect(database.open).toHaveLength(0)
    const inside = repo.transaction((tx) => tx.script('one; commit'))
    expect(await rejection(inside)).toMatchObject({ kind: 'transaction_ended' })
  })

  it.each([
    ['a COMMIT', ['COMMIT', 'BEGIN']],
    ['a ROLLBACK', ['ROLLBACK', 'BEGIN']],
  ])(
    'is found to have ended its transaction by %s, although one is open again',
    async (_name, commands) => {
      const { repo, database } = scopeRepo(scripts)
      const [first, second] = commands
      const next = { columns: [], rows: [], affected: null, command: second }
      database.next('script', { command: first, next }).allow(/./)
      const done = repo.transaction((tx) => tx.script('a; b'))
      expect(await rejection(done)).toMatchObject({ kind: 'transaction_ended' })
      expect(database.log('execute')).toEqual(['#1 execute begin', '#1 execute rollback'])
    },
  )

  it('may go back to a savepoint of its own', async () => {
    const { repo, database } = scopeRepo(scripts)
    const next = { columns: [], rows: [], affected: null, command: 'ROLLBACK' }
    database.next('script', { command: 'SAVEPOINT', next }).allow(/./)
    await repo.transaction((tx) => tx.script('savepoint s; rollback to s'))
  })

  it('loses its connection where it failed with a transaction open', async () => {
    const { repo, database } = scopeRepo({ ...scripts, features: ['script', 'transactionStatus'] })
    database.next('script', () => {
      const connection = database.open[0]
      if (connection !== undefined) connection.transactionStatus = 'failed'
      return new ScriptedError({ kind: 'syntax' })
    })
    await rejection(repo.script('begin; bad'))
    expect(database.open).toHaveLength(0)
  })

  it('leaves a checkout unusable where it failed with a transaction open', async () => {
    const { repo, database, sent } = scopeRepo(scripts)
    database.next('script', () => {
      const connection = database.open[0]
      if (connection !== undefined) connection.transactionStatus = 'active'
      return new ScriptedError({ kind: 'syntax' })
    })
    await repo.checkout(async (held) => {
      await rejection(held.script('begin; bad'))
      expect(await rejection(held.query('next'))).toMatchObject({ kind: 'connection_lost' })
    })
    expect(sent()).toEqual([])
    expect(database.open).toHaveLength(0)
  })

  it.each(['alone', 'in a transaction'])('ends at its limits, %s', async (where) => {
    fakeTime()
    const { repo, database } = scopeRepo(scripts, { timeoutMs: 500 })
    database.next('script', new Deferred()).allow(/./)
    const done = rejection(
      where === 'alone' ? repo.script('slow') : repo.transaction((tx) => tx.script('slow')),
    )
    await vi.advanceTimersByTimeAsync(500 + 2000)
    expect(await done).toMatchObject({ code: 'TIMEOUT' })
    expect(database.log('cancel')).toEqual(['#1 cancel slow'])
    expect(database.open).toHaveLength(0)
  })
})
