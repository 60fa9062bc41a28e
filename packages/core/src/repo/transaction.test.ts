import { getEventListeners } from 'node:events'
import { describe, expect, it, vi } from 'vitest'
import { flush } from '../../test/fake-clock.ts'
import { fakeTime, rejection, scopeFeatures, scopeRepo } from '../../test/scope-harness.ts'
import { Deferred, ScriptedError, type ScriptedOptions } from '../../test/scripted-connection.ts'

const lost = () => new ScriptedError({ kind: 'connection_lost' })
const conflict = () => new ScriptedError({ kind: 'serialization_failure', code: '40001' })
const unique = () => new ScriptedError({ kind: 'unique_violation', code: '23505' })

/** Whatever may answer: a driver that answers later, one that answers at once. */
const drivers: [string, ScriptedOptions][] = [
  ['later', {}],
  ['at once', { sync: true }],
]

describe.each(drivers)('a transaction on a driver that answers %s', (_name, driver) => {
  it('begins, runs, commits and gives what its function gave', async () => {
    const { repo, database, sent } = scopeRepo(driver)
    database.allow(/./)
    const value = await repo.transaction(
      async (tx) => {
        await tx.query('one')
        await repo.query('two')
        return 'value'
      },
      { isolation: 'serializable', readOnly: true },
    )
    expect(value).toBe('value')
    expect(sent()).toEqual(['begin serializable read only', 'one', 'two', 'commit'])
    expect(database.open).toHaveLength(1)
  })

  it('rolls back and passes on what its function threw, also undefined', async () => {
    const { repo, database, sent } = scopeRepo(driver)
    database.allow(/./)
    const thrown = new Error('mine')
    await expect(repo.transaction(() => Promise.reject(thrown))).rejects.toBe(thrown)
    await expect(repo.transaction(() => Promise.reject(undefined))).rejects.toBeUndefined()
    expect(sent()).toEqual(['begin', 'rollback', 'begin', 'rollback'])
  })

  it('rejects with what BEGIN failed with and does not run the function', async () => {
    const { repo, database, sent } = scopeRepo(driver)
    database.expect('begin', new ScriptedError({ kind: 'lock_timeout' })).allow(/./)
    const error = await rejection(repo.transaction(() => expect.fail('the function ran')))
    expect(error).toMatchObject({ kind: 'lock_timeout' })
    await repo.query('next')
    expect(sent()).toEqual(['begin', 'next'])
    expect(database.connections).toHaveLength(1)
  })

  it('never lends a connection again where BEGIN may have got half-way', async () => {
    const { repo, database } = scopeRepo({
      ...driver,
      features: ['cancel'],
      dialect: { transaction: ({ kind }) => (kind === 'begin' ? ['begin', 'set level'] : [kind]) },
    })
    database.expect('begin').expect('set level', unique()).allow(/./)
    await rejection(repo.transaction(() => expect.fail('the function ran')))
    await repo.query('next')
    expect(database.log('execute', 'close')).toEqual([
      '#1 execute begin',
      '#1 execute set level',
      '#1 close',
      '#2 execute next',
    ])
  })

  it('raises what COMMIT failed with and rolls back what that left open', async () => {
    const { repo, database, sent } = scopeRepo(driver)
    database.allow('begin').expect('commit', new ScriptedError({ kind: 'foreign_key_violation' }))
    database.allow(/./)
    const error = await rejection(repo.transaction(() => 1))
    expect(error).toMatchObject({ kind: 'foreign_key_violation' })
    expect(sent()).toEqual(['begin', 'commit', 'rollback'])
    expect(database.open).toHaveLength(1)
  })

  it('never takes a COMMIT that was answered with ROLLBACK for a success', async () => {
    const { repo, database } = scopeRepo(driver)
    database.allow('commit', { command: 'ROLLBACK' }).allow(/./)
    const error = await rejection(repo.transaction(() => 1))
    expect(error).toMatchObject({ code: 'COMMIT_ROLLED_BACK' })
  })

  it.each<[string, Error | undefined]>([
    ['lost its connection', lost()],
    ['raised what the adapter does not know', new Error('strange')],
    [
      'left a connection that nobody may use',
      new ScriptedError({ kind: 'internal', fate: 'discard' }),
    ],
  ])('raises commit_unknown where COMMIT %s', async (_case, failure) => {
    const { repo, database, sent } = scopeRepo(driver)
    database.allow('commit', failure).allow(/./)
    const error = await rejection(repo.transaction(() => 1, { retry: 3 }))
    expect(error).toMatchObject({ kind: 'commit_unknown', retryable: false })
    expect(error.cause).toBeDefined()
    expect(sent()).toEqual(['begin', 'commit'])
    expect(database.open).toHaveLength(0)
  })

  it('keeps the first error and the connection away from others where ROLLBACK fails', async () => {
    const { repo, database } = scopeRepo(driver)
    database.allow('rollback', unique()).allow(/./)
    const thrown = new Error('mine')
    await expect(repo.transaction(() => Promise.reject(thrown))).rejects.toBe(thrown)
    expect(database.open).toHaveLength(0)
  })

  it('sends nothing more on a connection that was lost in it', async () => {
    const { repo, database, sent } = scopeRepo(driver)
    database.expect('begin').expect('one', lost())
    const error = await rejection(repo.transaction(() => repo.query('one')))
    expect(error).toMatchObject({ kind: 'connection_lost' })
    expect(sent()).toEqual(['begin', 'one'])
    expect(database.open).toHaveLength(0)
  })

  it('sends no ROLLBACK where the database has rolled back by itself', async () => {
    const { repo, database, sent } = scopeRepo(driver)
    database.expect('begin').expect('one', () => {
      const [connection] = database.connections
      if (connection !== undefined) connection.transactionStatus = 'idle'
      return unique()
    })
    vi.spyOn(database.adapter, 'classifyError').mockImplementation((error) => {
      const [connection] = database.connections
      if (connection !== undefined) connection.transactionStatus = 'idle'
      return error instanceof ScriptedError ? error.description : undefined
    })
    await rejection(repo.transaction(() => repo.query('one')))
    expect(sent()).toEqual(['begin', 'one'])
    expect(database.open).toHaveLength(1)
  })

  it('fails with transaction_ended where a statement ended it', async () => {
    const { repo, database, sent } = scopeRepo(driver)
    database.allow('create index', () => {
      const [connection] = database.connections
      if (connection !== undefined) connection.transactionStatus = 'idle'
      return {}
    })
    database.allow(/./)
    const errors = await rejection(
      repo.transaction(async (tx) => {
        const first = await rejection(tx.query('create index'))
        const behind = await rejection(tx.query('next'))
        throw Object.assign(new Error(), { first, behind })
      }),
    )
    expect(errors.first).toMatchObject({ kind: 'transaction_ended' })
    expect(errors.behind).toMatchObject({ kind: 'transaction_failed', cause: errors.first })
    expect(sent()).toEqual(['begin', 'create index'])
  })

  it('refuses to commit what an error that was caught has failed', async () => {
    const { repo, database, sent } = scopeRepo(driver)
    database.allow('bad', unique()).allow(/./)
    let first: unknown
    const error = await rejection(
      repo.transaction(async (tx) => {
        first = await rejection(tx.query('bad'))
      }),
    )
    expect(first).toMatchObject({ kind: 'unique_violation' })
    expect(error).toMatchObject({ kind: 'transaction_failed', cause: first, retryable: false })
    expect(sent()).toEqual(['begin', 'bad', 'rollback'])
  })

  it('goes on after an error where it was told to and the database can', async () => {
    const { repo, database, sent } = scopeRepo({
      ...driver,
      capabilities: { errorInTransaction: 'continues' },
    })
    database.allow('bad', unique()).allow(/./)
    await repo.transaction(
      async (tx) => {
        await rejection(tx.query('bad'))
        await tx.query('good')
      },
      { onError: 'continue' },
    )
    expect(sent()).toEqual(['begin', 'bad', 'good', 'commit'])
  })
})

describe('COMMIT', () => {
  it.each<[string, () => Promise<unknown>]>([
    ['undefined', () => Promise.reject(undefined)],
    ['a text', () => Promise.reject('a text')],
  ])('is commit_unknown where the driver rejects with %s', async (_name, answer) => {
    const { repo, database } = scopeRepo()
    database.allow('commit', answer as never).allow(/./)
    expect(await rejection(repo.transaction(() => 1))).toMatchObject({ kind: 'commit_unknown' })
    expect(database.open).toHaveLength(0)
  })

  it.each(['deadline', 'abort', 'default limit'])('is commit_unknown at its %s', async (limit) => {
    fakeTime()
    const { repo, database, sent } = scopeRepo({}, { timeoutMs: 500 })
    const answer = new Deferred<object>()
    database.allow('commit', answer).allow(/./)
    const controller = new AbortController()
    const done = rejection(
      repo.transaction(() => 1, {
        ...(limit === 'deadline' ? { timeoutMs: 100 } : {}),
        ...(limit === 'abort' ? { signal: controller.signal } : {}),
      }),
    )
    await vi.advanceTimersByTimeAsync(10)
    expect(sent()).toEqual(['begin', 'commit'])
    if (limit === 'abort') controller.abort()
    await vi.advanceTimersByTimeAsync(limit === 'deadline' ? 90 : limit === 'abort' ? 0 : 490)
    expect(await done).toMatchObject({
      kind: 'commit_unknown',
      cause: { code: limit === 'abort' ? 'ABORTED' : 'TIMEOUT' },
    })
    expect(database.open).toHaveLength(0)
    // The answer comes when nobody waits any more.
    answer.resolve({})
    await vi.advanceTimersByTimeAsync(10)
  })

  it('is commit_unknown where the connection went with the answer, whatever that was', async () => {
    const { repo, database } = scopeRepo()
    database.allow('commit', () => {
      database.connections[0]?.lose()
      return new ScriptedError({ kind: 'other' })
    })
    database.allow(/./)
    expect(await rejection(repo.transaction(() => 1))).toMatchObject({ kind: 'commit_unknown' })
  })

  it('is not sent on a connection that was lost before, and nothing is unknown', async () => {
    const { repo, database, sent } = scopeRepo()
    database.allow(/./)
    const error = await rejection(
      repo.transaction(async (tx) => {
        await tx.query('one')
        database.connections[0]?.lose()
      }),
    )
    expect(error).toMatchObject({ kind: 'connection_lost' })
    expect(sent()).toEqual(['begin', 'one'])
    expect(database.open).toHaveLength(0)
  })

  it('is not sent when the time was over before, and nothing is unknown', async () => {
    const { repo, database, sent } = scopeRepo({ sync: true })
    database.allow(/./)
    const now = performance.now()
    const error = await rejection(
      repo.transaction(
        () => {
          // The event loop was blocked, so the timer did not fire.
          vi.spyOn(performance, 'now').mockReturnValue(now + 1000)
        },
        { timeoutMs: 500 },
      ),
    )
    vi.restoreAllMocks()
    expect(error).toMatchObject({ code: 'TIMEOUT' })
    expect(sent()).toEqual(['begin', 'rollback'])
  })

  it('fails where only the deferred check of the database can tell, and is retried', async () => {
    const { repo, database, sent } = scopeRepo()
    database.expect('begin').expect('commit', conflict()).allow(/./)
    await repo.transaction(() => 1, { retry: { attempts: 2, minDelayMs: 0, maxDelayMs: 0 } })
    expect(sent()).toEqual(['begin', 'commit', 'rollback', 'begin', 'commit'])
  })
})

describe('a driver that never answers', () => {
  it.each([
    ['begin', ['begin']],
    ['rollback', ['begin', 'rollback']],
  ])('cannot hold a transaction at its %s', async (where, expected) => {
    fakeTime()
    const { repo, database, sent } = scopeRepo({}, { timeoutMs: 500 })
    database.allow(where, new Deferred()).allow(/./)
    const done = rejection(repo.transaction(() => Promise.reject(new Error('mine'))))
    await vi.advanceTimersByTimeAsync(3000)
    const error = await done
    if (where === 'begin') expect(error).toMatchObject({ code: 'TIMEOUT' })
    else expect(error.message).toBe('mine')
    expect(sent()).toEqual(expected)
    expect(database.open).toHaveLength(0)
  })

  it('cannot hold a transaction at its rollback long after its own timeoutMs', async () => {
    fakeTime()
    const { repo, database } = scopeRepo()
    database.allow('rollback', new Deferred()).allow(/./)
    const done = rejection(repo.transaction(() => new Promise(() => {}), { timeoutMs: 100 }))
    await vi.advanceTimersByTimeAsync(100 + 2000)
    expect(await done).toMatchObject({ code: 'TIMEOUT' })
    expect(database.open).toHaveLength(0)
  })

  it('cannot hold a transaction beyond its own timeoutMs, without a default either', async () => {
    fakeTime()
    const { repo, database } = scopeRepo({ features: [] }, { timeoutMs: Number.POSITIVE_INFINITY })
    database.allow('slow', new Deferred()).allow(/./)
    const done = rejection(repo.transaction((tx) => tx.query('slow'), { timeoutMs: 100 }))
    await vi.advanceTimersByTimeAsync(100 + 2000)
    expect(await done).toMatchObject({ code: 'TIMEOUT' })
    expect(database.open).toHaveLength(0)
  })
})

describe('a BEGIN or SAVEPOINT that is given up while it waits', () => {
  it.each([
    ['answered nevertheless', true, ['begin', 'rollback']],
    ['refused', false, ['begin']],
  ])('is undone where it was %s', async (_name, works, expected) => {
    const { repo, database, sent } = scopeRepo()
    const answer = new Deferred<object>()
    database.allow('begin', answer).allow(/./)
    const controller = new AbortController()
    const done = rejection(
      repo.transaction(() => expect.fail('the function ran'), { signal: controller.signal }),
    )
    await flush()
    controller.abort()
    await flush()
    expect(database.log('cancel')).toEqual(['#1 cancel begin'])
    if (works) answer.resolve({})
    else answer.reject(new ScriptedError({ kind: 'cancelled' }))
    expect(await done).toMatchObject({ code: 'ABORTED' })
    expect(sent()).toEqual(expected)
    expect(database.open).toHaveLength(1)
  })

  it('leaves the transaction around it as it was where it can be undone', async () => {
    const { repo, database, sent } = scopeRepo()
    const answer = new Deferred<object>()
    database.expect('begin').expect('savepoint mortise_1', answer).allow(/./)
    const controller = new AbortController()
    await repo.transaction(async (tx) => {
      const nested = rejection(tx.transaction(() => 1, { signal: controller.signal }))
      await flush()
      controller.abort()
      answer.resolve({})
      expect(await nested).toMatchObject({ code: 'ABORTED' })
      await tx.query('next')
    })
    expect(sent().slice(2)).toEqual([
      ...['rollback to mortise_1', 'release mortise_1', 'next', 'commit'],
    ])
  })

  it('fails the transaction around it where the database refused it', async () => {
    const { repo, database, sent } = scopeRepo()
    const answer = new Deferred<object>()
    database.expect('begin').expect('savepoint mortise_1', answer).allow(/./)
    const controller = new AbortController()
    const error = await rejection(
      repo.transaction(async (tx) => {
        const nested = rejection(tx.transaction(() => 1, { signal: controller.signal }))
        await flush()
        controller.abort()
        answer.reject(new ScriptedError({ kind: 'cancelled' }))
        expect(await nested).toMatchObject({ code: 'ABORTED' })
      }),
    )
    expect(error).toMatchObject({ kind: 'transaction_failed', cause: { code: 'ABORTED' } })
    expect(sent()).toEqual(['begin', 'savepoint mortise_1', 'rollback'])
  })
})

describe('a driver that has commands of its own', () => {
  it('learns when to give up what opens something, and only that', async () => {
    const { repo, database } = scopeRepo({ features: [...scopeFeatures, 'control'] })
    const { signal } = new AbortController()
    database.expect('first')
    const seen: unknown[] = []
    await repo.query('first')
    const connection = database.open[0] ?? expect.fail('no connection')
    const { control } = connection
    connection.control = (command, limits) => {
      seen.push([command.kind, limits?.signal === signal, limits?.deadline !== undefined])
      return control?.(command) as never
    }
    await repo.transaction((tx) => tx.transaction(() => 1), { signal, timeoutMs: 1000 })
    expect(seen).toEqual([
      ['begin', true, true],
      ['savepoint', true, true],
      ['release', false, false],
      ['commit', false, false],
    ])
  })

  it('is believed that it committed, whatever it answers', async () => {
    const { repo, database } = scopeRepo({ features: [...scopeFeatures, 'control'] })
    database.expect('first')
    await repo.query('first')
    const connection = database.open[0] ?? expect.fail('no connection')
    connection.control = async () => undefined as never
    expect(await repo.transaction(() => 'value')).toBe('value')
  })
})

describe('a transaction that is given up', () => {
  it('waits no longer for its function, rolls back and refuses what comes later', async () => {
    fakeTime()
    const { repo, database, sent } = scopeRepo()
    database.allow(/./)
    const later = Promise.withResolvers<void>()
    let late: unknown
    const done = rejection(
      repo.transaction(
        async (tx) => {
          await tx.query('one')
          await later.promise
          late = await rejection(tx.query('late'))
        },
        { timeoutMs: 100 },
      ),
    )
    await vi.advanceTimersByTimeAsync(100)
    expect(await done).toMatchObject({ code: 'TIMEOUT' })
    expect(sent()).toEqual(['begin', 'one', 'rollback'])
    later.resolve()
    await vi.advanceTimersByTimeAsync(0)
    expect(late).toMatchObject({ code: 'SCOPE_ENDED' })
    expect(sent()).toEqual(['begin', 'one', 'rollback'])
  })

  it('sends nothing where its signal had fired before', async () => {
    const { repo, database } = scopeRepo()
    const reason = new Error('enough')
    const error = await rejection(repo.transaction(() => 1, { signal: AbortSignal.abort(reason) }))
    expect(error).toMatchObject({ code: 'ABORTED', cause: reason })
    expect(database.calls).toEqual([])
  })

  it('says so also in a transaction that has failed', async () => {
    const { repo, database } = scopeRepo()
    database.allow('bad', unique()).allow(/./)
    await rejection(
      repo.transaction(async (tx) => {
        await rejection(tx.query('bad'))
        const nested = tx.transaction(() => 1, { signal: AbortSignal.abort() })
        expect(await rejection(nested)).toMatchObject({ code: 'ABORTED' })
      }),
    )
  })

  it('leaves no listener on its signal', async () => {
    const { repo, database } = scopeRepo()
    database.allow(/./)
    const { signal } = new AbortController()
    const listening = vi.spyOn(signal, 'addEventListener')
    const leaving = vi.spyOn(signal, 'removeEventListener')
    await repo.transaction((tx) => tx.query('one'), { signal })
    expect(listening).toHaveBeenCalled()
    expect(leaving).toHaveBeenCalledTimes(listening.mock.calls.length)
  })
})

describe('rollback()', () => {
  it('rolls back and rejects with its value, also where the throw is swallowed', async () => {
    const { repo, database, sent } = scopeRepo()
    database.allow(/./)
    for (const leave of [
      () => repo.rollback('value'),
      () => {
        try {
          repo.rollback('value')
        } catch {}
      },
      () => {
        try {
          repo.rollback('value')
        } catch {}
        throw new Error('another')
      },
    ]) {
      const error = await rejection(repo.transaction(async () => leave()))
      expect(error).toMatchObject({ code: 'ROLLED_BACK', value: 'value' })
    }
    expect(sent()).toEqual(['begin', 'rollback', 'begin', 'rollback', 'begin', 'rollback'])
  })

  it('rolls back the innermost transaction only', async () => {
    const { repo, database, sent } = scopeRepo()
    database.allow(/./)
    await repo.transaction(async () => {
      const error = await rejection(repo.transaction(async () => repo.rollback(1)))
      expect(error).toMatchObject({ value: 1 })
    })
    expect(sent()).toEqual([
      'begin',
      'savepoint mortise_1',
      'rollback to mortise_1',
      'release mortise_1',
      'commit',
    ])
  })

  it('is refused outside a transaction, in a checkout, after the end and within outside()', async () => {
    const { repo, database } = scopeRepo()
    database.allow(/./)
    const refused = expect.objectContaining({ code: 'NOT_IN_TRANSACTION' })
    expect(() => repo.rollback()).toThrow(refused)
    await repo.checkout(async () => expect(() => repo.rollback()).toThrow(refused))
    const ended = await repo.transaction((tx) => {
      repo.outside(() => expect(() => repo.rollback()).toThrow(refused))
      return tx
    })
    expect(() => ended.rollback()).toThrow(expect.objectContaining({ code: 'SCOPE_ENDED' }))
  })

  it('does not run what waits for its turn, and ends what runs', async () => {
    const { repo, database, sent } = scopeRepo()
    const answer = new Deferred<object>()
    database.allow('running', answer).allow(/./)
    const done = repo.transaction(async (tx) => {
      const calls = [tx.query('running'), tx.query('waiting')].map(rejection)
      setImmediate(() => answer.resolve({}))
      try {
        tx.rollback('value')
      } finally {
        const [, waiting] = await Promise.all(calls)
        expect(waiting).toMatchObject({ kind: 'transaction_failed', cause: { value: 'value' } })
      }
    })
    expect(await rejection(done)).toMatchObject({ value: 'value' })
    expect(sent()).toEqual(['begin', 'running', 'rollback'])
  })
})

describe('retry', () => {
  const retry = { attempts: 3, minDelayMs: 0, maxDelayMs: 0 }

  it('runs the whole function again, on a clean connection, with callbacks of its last run', async () => {
    const { repo, database, sent } = scopeRepo()
    database.expect('begin').expect('one', conflict()).expect('rollback')
    database.expect('begin').expect('one').expect('commit')
    const committed: number[] = []
    let runs = 0
    const value = await repo.transaction(
      async (tx) => {
        const run = ++runs
        tx.afterCommit(() => committed.push(run))
        await tx.query('one')
        return run
      },
      { retry },
    )
    expect(value).toBe(2)
    expect(committed).toEqual([2])
    expect(sent()).toHaveLength(6)
  })

  it('gives up with the last error', async () => {
    const { repo, database, sent } = scopeRepo()
    database.allow('one', conflict).allow(/./)
    const { signal } = new AbortController()
    const error = await rejection(repo.transaction((tx) => tx.query('one'), { retry, signal }))
    expect(getEventListeners(signal, 'abort')).toEqual([])
    expect(error).toMatchObject({ kind: 'serialization_failure' })
    expect(sent().filter((sql) => sql === 'one')).toHaveLength(3)
  })

  it('does not run again after any other error, or without being asked', async () => {
    const { repo, database, sent } = scopeRepo()
    database.allow('unique', unique).allow('conflict', conflict).allow(/./)
    await rejection(repo.transaction((tx) => tx.query('unique'), { retry }))
    await rejection(repo.transaction(() => Promise.reject(new Error()), { retry }))
    await rejection(repo.transaction((tx) => tx.query('conflict')))
    expect(sent().filter((sql) => sql === 'begin')).toHaveLength(3)
  })

  it('runs again where the function met the failure by a later call only', async () => {
    const { repo, database, sent } = scopeRepo()
    database.expect('begin').expect('one', conflict()).allow(/./)
    await repo.transaction(
      async (tx) => {
        await tx.query('one').catch(() => {})
        await tx.query('two')
      },
      { retry },
    )
    expect(sent()).toEqual(['begin', 'one', 'rollback', 'begin', 'one', 'two', 'commit'])
  })

  it('runs again inside a checkout, on its connection', async () => {
    const { repo, database, sent } = scopeRepo()
    database.expect('begin').expect('one', conflict()).allow(/./)
    await repo.checkout((held) => held.transaction((tx) => tx.query('one'), { retry }))
    expect(sent()).toEqual(['begin', 'one', 'rollback', 'begin', 'one', 'commit'])
  })

  it('ends its wait at the signal, and does not begin one that would not be over in time', async () => {
    fakeTime()
    const { repo, database, sent } = scopeRepo()
    database.allow('one', conflict).allow(/./)
    const controller = new AbortController()
    const waits = { attempts: 3, minDelayMs: 1000, maxDelayMs: 1000 }
    const options = { retry: waits, signal: controller.signal }
    const aborted = rejection(repo.transaction((tx) => tx.query('one'), options))
    await vi.advanceTimersByTimeAsync(500)
    controller.abort()
    expect(await aborted).toMatchObject({ code: 'ABORTED' })
    expect(getEventListeners(controller.signal, 'abort')).toEqual([])
    const late = rejection(
      repo.transaction((tx) => tx.query('one'), { retry: waits, timeoutMs: 500 }),
    )
    await vi.advanceTimersByTimeAsync(0)
    expect(await late).toMatchObject({ kind: 'serialization_failure' })
    expect(sent().filter((sql) => sql === 'begin')).toHaveLength(2)
  })
})

describe('afterCommit', () => {
  it('runs callbacks in order when the connection is free again', async () => {
    const { repo, database } = scopeRepo()
    database.allow(/./)
    const seen: unknown[] = []
    await repo.transaction(async (tx) => {
      tx.afterCommit(() => seen.push(repo.inTransaction(), repo.stats().pool.inUse))
      tx.afterCommit(async () => seen.push((await repo.query('outside')).rows.length))
      tx.afterCommit(() => seen.push('last'))
    })
    expect(seen).toEqual([false, 0, 0, 'last'])
    expect(database.log('execute')).toEqual([
      '#1 execute begin',
      '#1 execute commit',
      '#1 execute outside',
    ])
  })

  it('waits for the outermost transaction, and forgets what a nested one rolled back', async () => {
    const { repo, database } = scopeRepo()
    database.allow(/./)
    const seen: string[] = []
    await repo.transaction(async (tx) => {
      tx.afterCommit(() => seen.push('outer'))
      await tx.transaction((inner) => inner.afterCommit(() => seen.push('released')))
      await rejection(
        tx.transaction((inner) => {
          inner.afterCommit(() => seen.push('rolled back'))
          throw new Error()
        }),
      )
      expect(seen).toEqual([])
    })
    expect(seen).toEqual(['outer', 'released'])
    await rejection(
      repo.transaction((tx) => {
        tx.afterCommit(() => seen.push('never'))
        throw new Error()
      }),
    )
    expect(seen).toEqual(['outer', 'released'])
  })

  it('runs at once outside a transaction, and is refused after its end', async () => {
    const { repo, database } = scopeRepo()
    database.allow(/./)
    const seen: string[] = []
    repo.afterCommit(() => seen.push('at once'))
    expect(seen).toEqual(['at once'])
    const ended = await repo.transaction((tx) => tx)
    expect(() => ended.afterCommit(() => {})).toThrow(
      expect.objectContaining({ code: 'SCOPE_ENDED' }),
    )
  })

  it('says that the transaction is committed where a callback fails, and runs the others', async () => {
    const { repo, database, sent } = scopeRepo()
    database.allow(/./)
    const seen: string[] = []
    const failure = conflict()
    const error = await rejection(
      repo.transaction(
        (tx) => {
          tx.afterCommit(() => Promise.reject(failure))
          tx.afterCommit(() => seen.push('next'))
        },
        { retry: 3 },
      ),
    )
    expect(error).toMatchObject({ code: 'AFTER_COMMIT_FAILED', cause: failure })
    expect(seen).toEqual(['next'])
    expect(sent()).toEqual(['begin', 'commit'])
  })

  it('uses the held connection where the transaction was on one', async () => {
    const { repo, database } = scopeRepo({}, { timeoutMs: 50 })
    database.allow(/./)
    await repo.checkout((held) =>
      held.transaction((tx) => tx.afterCommit(async () => void (await repo.query('after')))),
    )
    expect(database.log('execute')).toEqual([
      '#1 execute begin',
      '#1 execute commit',
      '#1 execute after',
    ])
  })
})

describe('a transaction outside a transaction', () => {
  it('is found where a single statement leaves one open', async () => {
    const { repo, database } = scopeRepo()
    database.allow('sneaky', () => {
      const [connection] = database.connections
      if (connection !== undefined) connection.transactionStatus = 'active'
      return {}
    })
    const error = await rejection(repo.query('sneaky'))
    expect(error).toMatchObject({ code: 'TRANSACTION_STATE_CHANGED' })
    expect(database.open).toHaveLength(0)
  })

  it('costs the connection where a single statement failed in one', async () => {
    const { repo, database } = scopeRepo()
    database.allow('sneaky', () => {
      const [connection] = database.connections
      if (connection !== undefined) connection.transactionStatus = 'failed'
      return unique()
    })
    expect(await rejection(repo.query('sneaky'))).toMatchObject({ kind: 'unique_violation' })
    expect(database.log('reset', 'close')).toEqual(['#1 close'])
  })

  it('leaves a checkout unusable, since its connection is not what it was', async () => {
    const { repo, database, sent } = scopeRepo()
    database.allow('sneaky', () => {
      const [connection] = database.connections
      if (connection !== undefined) connection.transactionStatus = 'active'
      return {}
    })
    await repo.checkout(async (held) => {
      expect(await rejection(held.query('sneaky'))).toMatchObject({
        code: 'TRANSACTION_STATE_CHANGED',
      })
      expect(await rejection(held.query('next'))).toMatchObject({ kind: 'connection_lost' })
    })
    expect(sent()).toEqual(['sneaky'])
    expect(database.open).toHaveLength(0)
  })

  it.each([
    'begin',
    ' \n\t BEGIN immediate',
    '-- a comment\ncommit',
    '/* a */ /* b */ rollback',
    ';; commit',
    '/**/;--\n; end',
    'start transaction',
    'start/* a */transaction',
    'prepare transaction $$x$$',
    'savepoint s',
    'release s',
    'abort',
  ])('is refused as text: %j', async (text) => {
    const { repo, database } = scopeRepo()
    expect(await rejection(repo.query(text))).toMatchObject({ code: 'TRANSACTION_CONTROL' })
    expect(database.calls).toEqual([])
  })

  it.each([
    'start replica',
    'prepare plan as select 1',
    'endorse',
    '(select 1)',
    'select 1 -- begin',
  ])('is not seen in %j', async (text) => {
    const { repo, database } = scopeRepo()
    database.expect(text)
    await repo.query(text)
  })

  it('is looked for in linear time', async () => {
    const { repo, database } = scopeRepo()
    const text = `${'/**/'.repeat(5000)} select 1`
    database.expect(text)
    await repo.query(text)
  })
})
