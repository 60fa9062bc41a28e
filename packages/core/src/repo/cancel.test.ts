import { getEventListeners } from 'node:events'
import { describe, expect, it, vi } from 'vitest'
import { flush } from '../../test/fake-clock.ts'
import { fakeTime, rejection, scopeRepo } from '../../test/scope-harness.ts'
import { Deferred, ScriptedError } from '../../test/scripted-connection.ts'
import { defineTable, t } from '../query/index.ts'

const cancelled = () => new ScriptedError({ kind: 'cancelled', code: '57014' })

describe('a call that is aborted while it runs', () => {
  it('rejects at once, is cancelled on the server, and keeps its connection until it has ended', async () => {
    const { repo, database } = scopeRepo()
    const answer = new Deferred<object>()
    const cancel = new Deferred<void>()
    database.next('cancel', cancel)
    database.allow('slow', answer).allow(/./)
    const controller = new AbortController()
    const { signal } = controller
    const slow = rejection(repo.query('slow', ['value'], { signal }))
    const next = repo.query('next')
    await flush()
    controller.abort(new Error('enough'))
    expect(await slow).toMatchObject({
      code: 'ABORTED',
      name: 'AbortError',
      cause: { message: 'enough' },
    })
    const [call] = database.calls.filter(({ kind }) => kind === 'cancel')
    expect(call?.request).toMatchObject({ sql: 'slow', parameters: ['value'] })
    expect(repo.stats().pool).toMatchObject({ inUse: 1, waiting: 1 })
    answer.reject(cancelled())
    await flush()
    expect(repo.stats().pool).toMatchObject({ inUse: 1, waiting: 1 })
    cancel.resolve()
    await next
    expect(database.log('execute', 'cancel', 'close')).toEqual([
      '#1 execute slow',
      '#1 cancel slow',
      '#1 execute next',
    ])
    expect(getEventListeners(signal, 'abort')).toEqual([])
  })

  it('rejects at once also where the signal fired while it was sent', async () => {
    const { repo, database } = scopeRepo()
    const answer = new Deferred<object>()
    const controller = new AbortController()
    database.allow('slow', () => {
      controller.abort()
      return answer
    })
    const done = rejection(repo.query('slow', [], { signal: controller.signal }))
    expect(await done).toMatchObject({ code: 'ABORTED' })
    answer.reject(cancelled())
    await flush()
  })

  it('sets no timer that outlives it', async () => {
    fakeTime()
    const { repo, database } = scopeRepo()
    const answer = new Deferred<object>()
    database.allow('slow', answer).allow(/./)
    await repo.query('first')
    // What the pool watches when it opens a connection is over by then.
    await vi.advanceTimersByTimeAsync(60_000)
    expect(vi.getTimerCount()).toBe(0)
    const done = rejection(repo.query('slow', [], { timeoutMs: 100 }))
    await vi.advanceTimersByTimeAsync(100)
    expect(await done).toMatchObject({ code: 'TIMEOUT', phase: 'execute' })
    expect(vi.getTimerCount()).toBe(1)
    answer.reject(cancelled())
    await vi.advanceTimersByTimeAsync(0)
    expect(vi.getTimerCount()).toBe(0)
    await repo.query('next')
    expect(vi.getTimerCount()).toBe(0)
  })

  it('loses its connection where it does not end', async () => {
    fakeTime()
    const { repo, database } = scopeRepo()
    const answer = new Deferred<object>()
    database.allow('slow', answer)
    const done = rejection(repo.query('slow', [], { timeoutMs: 100 }))
    await vi.advanceTimersByTimeAsync(100)
    await done
    expect(database.open).toHaveLength(1)
    await vi.advanceTimersByTimeAsync(2000)
    expect(database.open).toHaveLength(0)
    expect(repo.stats().pool.size).toBe(0)
    // An answer that comes even later finds nobody and hurts nobody.
    answer.resolve({ sessionChanged: true })
    await vi.advanceTimersByTimeAsync(0)
  })

  it.each<[string, () => unknown]>([
    ['rejects', () => new Error('no route to host')],
    ['never settles', () => new Deferred()],
  ])('loses its connection where the cancel %s', async (_case, cancel) => {
    fakeTime()
    const { repo, database } = scopeRepo()
    database.next('cancel', cancel as never)
    const answer = new Deferred<object>()
    database.allow('slow', answer)
    const done = rejection(repo.query('slow', [], { timeoutMs: 100 }))
    await vi.advanceTimersByTimeAsync(100)
    await done
    answer.reject(cancelled())
    await vi.advanceTimersByTimeAsync(2000)
    expect(database.open).toHaveLength(0)
  })

  it('keeps its connection without a cancel where it ends soon', async () => {
    fakeTime()
    const { repo, database } = scopeRepo({ features: [] })
    const answer = new Deferred<object>()
    database.allow('slow', answer)
    const done = rejection(repo.query('slow', [], { timeoutMs: 100 }))
    await vi.advanceTimersByTimeAsync(100)
    await done
    answer.resolve({})
    await vi.advanceTimersByTimeAsync(0)
    expect(repo.stats().pool).toMatchObject({ size: 1, idle: 1 })
  })

  it('resets its session where it changed it after all', async () => {
    const { repo, database } = scopeRepo()
    const answer = new Deferred<object>()
    database.allow('set x', answer)
    const controller = new AbortController()
    const done = rejection(repo.query('set x', [], { signal: controller.signal }))
    await flush()
    controller.abort()
    await done
    answer.resolve({ sessionChanged: true })
    await flush()
    expect(database.log('reset')).toEqual(['#1 reset'])
  })

  it('discards its connection where it ends in an error that nobody knows', async () => {
    const { repo, database } = scopeRepo()
    const answer = new Deferred<object>()
    database.allow('slow', answer)
    const controller = new AbortController()
    const done = rejection(repo.query('slow', [], { signal: controller.signal }))
    await flush()
    controller.abort()
    await done
    answer.reject(undefined)
    await flush()
    expect(database.open).toHaveLength(0)
  })

  it('survives an adapter that cannot classify', async () => {
    const { repo, database } = scopeRepo()
    database.adapter.classifyError = (error) => (error as { description: never }).description
    const answer = new Deferred<object>()
    database.allow('slow', answer).allow('bad', (() => Promise.reject(undefined)) as never)
    const controller = new AbortController()
    const done = rejection(repo.query('slow', [], { signal: controller.signal }))
    await flush()
    controller.abort()
    await done
    answer.reject(undefined)
    await flush()
    expect(database.open).toHaveLength(0)
    await expect(repo.query('bad')).rejects.toBeDefined()
    expect(database.open).toHaveLength(0)
  })

  it('has the driver’s limits: its signal, and its deadline where it has one', async () => {
    const { repo, database } = scopeRepo()
    database.allow(/./)
    const { signal } = new AbortController()
    await repo.query('plain')
    const before = performance.now()
    await repo.query('limited', [], { signal, timeoutMs: 1000 })
    const [plain, limited] = database.calls.flatMap(({ request }) => request ?? [])
    expect(plain).toMatchObject({ signal: undefined, deadline: undefined })
    expect(limited?.signal).toBe(signal)
    expect(limited?.deadline).toBeGreaterThanOrEqual(before + 1000)
  })
})

describe('a call that has not begun', () => {
  it('is not sent when its signal has fired', async () => {
    const { repo, database } = scopeRepo()
    database.allow(/./)
    const signal = AbortSignal.abort('reason')
    expect(await rejection(repo.query('one', [], { signal }))).toMatchObject({
      code: 'ABORTED',
      cause: 'reason',
    })
    await repo.transaction(async (tx) => {
      await rejection(tx.query('one', [], { signal }))
      await tx.query('two')
    })
    expect(database.log('execute')).toEqual(
      ['begin', 'two', 'commit'].map((sql) => `#1 execute ${sql}`),
    )
  })

  it('is not sent when it waits for a connection too long', async () => {
    fakeTime()
    const { repo, database, sent } = scopeRepo({}, { timeoutMs: 500 })
    const answer = new Deferred<object>()
    database.allow('slow', answer)
    const slow = repo.query('slow', [], { timeoutMs: 2000 })
    const waiting = [rejection(repo.query('a', [], { timeoutMs: 100 })), rejection(repo.query('b'))]
    await vi.advanceTimersByTimeAsync(500)
    for (const error of await Promise.all(waiting)) {
      expect(error).toMatchObject({ code: 'TIMEOUT', phase: 'queue' })
    }
    answer.resolve({})
    await slow
    expect(sent()).toEqual(['slow'])
  })
})

describe('the default limit', () => {
  it('ends a call of an asynchronous driver, and cancels it', async () => {
    fakeTime()
    const { repo, database } = scopeRepo({}, { timeoutMs: 500 })
    const answer = new Deferred<object>()
    database.allow('slow', answer).allow(/./)
    const done = rejection(repo.query('slow'))
    await vi.advanceTimersByTimeAsync(499)
    expect(database.log('cancel')).toEqual([])
    await vi.advanceTimersByTimeAsync(1)
    expect(await done).toMatchObject({ code: 'TIMEOUT' })
    expect(database.log('cancel')).toEqual(['#1 cancel slow'])
    answer.reject(cancelled())
    await vi.advanceTimersByTimeAsync(0)
    await repo.query('next')
    expect(database.connections).toHaveLength(1)
  })

  it('is lifted by Infinity', async () => {
    fakeTime()
    const { repo, database } = scopeRepo({}, { timeoutMs: 500 })
    const answer = new Deferred<object>()
    database.allow('slow', answer)
    const done = repo.query('slow', [], { timeoutMs: Number.POSITIVE_INFINITY })
    await vi.advanceTimersByTimeAsync(100_000)
    answer.resolve({})
    await done
  })
})

describe('a cancel on a connection that others use', () => {
  it('stops sending until it has been dealt with', async () => {
    const { repo, database, sent } = scopeRepo({ capabilities: { pipelining: 4 } })
    const answer = new Deferred<object>()
    const cancel = new Deferred<void>()
    database.next('cancel', cancel).allow('slow', answer).allow(/./)
    const controller = new AbortController()
    await repo.checkout(async (held) => {
      const slow = rejection(held.query('slow', [], { signal: controller.signal }))
      await flush()
      controller.abort()
      await slow
      const next = held.query('next')
      const nested = held.transaction(() => 1)
      await flush()
      answer.reject(cancelled())
      await flush()
      expect(sent()).toEqual(['slow'])
      cancel.resolve()
      await Promise.all([next, nested])
    })
    expect(sent()).toEqual(['slow', 'next', 'begin', 'commit'])
  })

  it('is not joined by calls that would share it', async () => {
    fakeTime()
    const { repo, database, sent } = scopeRepo(
      { capabilities: { pipelining: 4 } },
      { timeoutMs: 500 },
    )
    const posts = defineTable('posts', { id: t.id() })
    const answer = new Deferred<object>()
    const cancel = new Deferred<void>()
    database
      .next('cancel', cancel)
      .expect(/select/, answer)
      .allow(/./)
    const slow = rejection(repo.get(posts, 1))
    await vi.advanceTimersByTimeAsync(500)
    await slow
    const next = repo.count(posts).catch(() => {})
    answer.reject(cancelled())
    await vi.advanceTimersByTimeAsync(100)
    expect(sent()).toHaveLength(1)
    cancel.resolve()
    await vi.advanceTimersByTimeAsync(0)
    expect(sent()).toHaveLength(2)
    await next
  })

  it('fails the transaction that it was in, also one that goes on after errors', async () => {
    const { repo, database, sent } = scopeRepo({
      capabilities: { errorInTransaction: 'continues' },
    })
    const answer = new Deferred<object>()
    database.allow('slow', answer).allow(/./)
    const controller = new AbortController()
    const error = await rejection(
      repo.transaction(
        async (tx) => {
          const slow = rejection(tx.query('slow', [], { signal: controller.signal }))
          await flush()
          controller.abort()
          await slow
          // It took effect after all, though its caller was told that it did not.
          answer.resolve({})
        },
        { onError: 'continue' },
      ),
    )
    expect(error).toMatchObject({ kind: 'transaction_failed', cause: { code: 'ABORTED' } })
    expect(sent()).toEqual(['begin', 'slow', 'rollback'])
  })
})
