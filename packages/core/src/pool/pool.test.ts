import { describe, expect, it } from 'vitest'
import { flush } from '../../test/fake-clock.ts'
import { errorOf, now, type TestSession, testPool } from '../../test/pool-harness.ts'
import { Deferred, ScriptedError, scripted } from '../../test/scripted-connection.ts'
import { AbortError, PoolError, TimeoutError } from '../errors/index.ts'
import type { Lease } from './index.ts'

describe('checkout', () => {
  it('opens a connection for the first caller and lends it', async () => {
    const database = scripted()
    const { pool } = testPool(database)
    const lease = await pool.checkout()
    expect(lease.connection).toBe(database.connections[0])
    expect(lease.session).toEqual({ id: 1 })
    expect(pool.stats()).toEqual({ size: 1, idle: 0, inUse: 1, waiting: 0 })
  })

  it('is synchronous from the first call on where the adapter is', () => {
    const database = scripted({ sync: true })
    const { pool } = testPool(database)
    const lease = now(pool.checkout())
    lease.checkin('clean')
    expect(now(pool.checkout()).connection).toBe(database.connections[0])
    expect(database.log()).toEqual(['#1 connect'])
  })

  it('lends an idle connection at once, without a promise', async () => {
    const { pool } = testPool(scripted())
    const first = await pool.checkout()
    expect(pool.tryCheckout()).toBeUndefined()
    first.checkin('clean')
    const second = now(pool.tryCheckout())
    expect(second.queueMs).toBe(0)
    second.checkin('clean')
    expect(now(pool.checkout())).not.toBe(second)
  })

  it('lends the connection that was used last, so that the others can be reaped', async () => {
    const database = scripted()
    const { pool } = testPool(database)
    const leases = await Promise.all([pool.checkout(), pool.checkout(), pool.checkout()])
    for (const lease of leases) lease.checkin('clean')
    expect(now(pool.checkout()).connection).toBe(database.connections[2])
    expect(now(pool.checkout()).connection).toBe(database.connections[1])
  })

  it('makes the session once a connection', async () => {
    const { pool } = testPool(scripted(), { size: 1 })
    const first = await pool.checkout()
    const session = first.session
    first.checkin('clean')
    expect(now(pool.checkout()).session).toBe(session)
  })

  it('never opens more than size, and hands over in the order of the calls', async () => {
    const database = scripted()
    const { pool, clock } = testPool(database, { size: 2 })
    const order: number[] = []
    const leases: Lease<TestSession>[] = []
    for (let caller = 0; caller < 6; caller++) {
      void Promise.resolve(pool.checkout()).then((lease) => {
        order.push(caller)
        leases.push(lease)
      })
    }
    await flush()
    expect(pool.stats()).toEqual({ size: 2, idle: 0, inUse: 2, waiting: 4 })
    await clock.advance(7)
    while (order.length < 6) {
      leases.shift()?.checkin('clean')
      await flush()
    }
    expect(order).toEqual([0, 1, 2, 3, 4, 5])
    expect(database.connections).toHaveLength(2)
    expect(leases.map((lease) => lease.queueMs)).toEqual([7, 7])
  })

  it('hands a connection to the first waiter in the microtask of its return', async () => {
    const { pool } = testPool(scripted(), { size: 1 })
    const first = await pool.checkout()
    const waiting = pool.checkout()
    first.checkin('clean')
    expect(pool.stats()).toEqual({ size: 1, idle: 0, inUse: 1, waiting: 0 })
    expect(pool.tryCheckout()).toBeUndefined()
    let arrived = false
    void Promise.resolve(waiting).then(() => {
      arrived = true
    })
    await Promise.resolve()
    expect(arrived).toBe(true)
  })

  it('does not let a newcomer pass those who wait', async () => {
    const { pool } = testPool(scripted(), { size: 1 })
    const first = await pool.checkout()
    const second = pool.checkout()
    const third = pool.checkout()
    first.checkin('clean')
    const lease = await second
    lease.checkin('clean')
    expect(pool.tryCheckout()).toBeUndefined()
    ;(await third).checkin('clean')
  })
})

describe('a lease', () => {
  it('ends with its checkin: every later use and a second checkin throw', async () => {
    const { pool } = testPool(scripted(), { size: 1 })
    const lease = await pool.checkout()
    expect(lease.ended).toBe(false)
    lease.checkin('clean')
    const ended = expect.objectContaining({ name: 'MisuseError', code: 'LEASE_ENDED' })
    expect(lease.ended).toBe(true)
    expect(() => lease.connection).toThrow(ended)
    expect(() => lease.session).toThrow(ended)
    expect(() => lease.checkin('discard')).toThrow(ended)
    expect(pool.stats()).toEqual({ size: 1, idle: 1, inUse: 0, waiting: 0 })
  })

  it('cannot be given back twice to lend one connection to two', async () => {
    const { pool } = testPool(scripted(), { size: 1 })
    const lease = await pool.checkout()
    lease.checkin('clean')
    const other = now(pool.checkout())
    expect(() => lease.checkin('clean')).toThrow()
    expect(pool.tryCheckout()).toBeUndefined()
    expect(other.ended).toBe(false)
  })

  it('tells when its connection was lost, and is discarded then whatever is said', async () => {
    const database = scripted()
    const { pool, of } = testPool(database)
    const lease = await pool.checkout()
    database.connections[0]?.lose()
    expect(lease.lost).toBe(true)
    lease.checkin('clean')
    expect(pool.stats().size).toBe(0)
    expect(of('closed')).toMatchObject([{ reason: 'lost', session: { id: 1 } }])
  })

  it('discards what it is told to discard, and the next caller gets a new connection', async () => {
    const database = scripted()
    const { pool } = testPool(database, { size: 1 })
    const lease = await pool.checkout()
    const waiting = pool.checkout()
    lease.checkin('discard')
    expect((await waiting).connection).toBe(database.connections[1])
    expect(database.log()).toEqual(['#1 connect', '#1 close', '#2 connect'])
  })

  it('keeps the place of a closing connection until it is closed', async () => {
    const database = scripted()
    const closing = new Deferred()
    database.next('close', closing)
    const { pool } = testPool(database, { size: 1 })
    const lease = await pool.checkout()
    const waiting = pool.checkout()
    lease.checkin('discard')
    await flush()
    expect(database.log()).toEqual(['#1 connect', '#1 close'])
    closing.resolve(undefined)
    await waiting
  })

  it('frees the place of a connection that does not close within connectTimeoutMs', async () => {
    const database = scripted().next('close', new Deferred())
    const { pool, clock } = testPool(database, { size: 1, connectTimeoutMs: 500 })
    const lease = await pool.checkout()
    const waiting = pool.checkout()
    lease.checkin('discard')
    await clock.advance(500)
    expect((await waiting).connection).toBe(database.connections[1])
  })
})

describe('a reset', () => {
  it('comes before the connection is lent again', async () => {
    const database = scripted()
    const resetting = new Deferred()
    database.next('reset', resetting)
    const { pool } = testPool(database, { size: 1 })
    const lease = await pool.checkout()
    lease.checkin('reset')
    expect(pool.stats()).toEqual({ size: 1, idle: 0, inUse: 1, waiting: 0 })
    expect(pool.tryCheckout()).toBeUndefined()
    const waiting = pool.checkout()
    await flush()
    expect(database.log()).toEqual(['#1 connect', '#1 reset'])
    resetting.resolve(undefined)
    expect((await waiting).connection).toBe(database.connections[0])
  })

  it('is synchronous where the driver is', () => {
    const database = scripted({ sync: true })
    const { pool } = testPool(database, { size: 1 })
    now(pool.checkout()).checkin('reset')
    expect(pool.stats().idle).toBe(1)
    expect(database.log()).toEqual(['#1 connect', '#1 reset'])
  })

  it('that the driver does not have, or that fails, closes the connection', async () => {
    const without = scripted({ features: [] })
    const one = testPool(without)
    ;(await one.pool.checkout()).checkin('reset')
    expect(without.log()).toEqual(['#1 connect', '#1 close'])

    const failing = scripted().next('reset', new ScriptedError({ kind: 'internal' }))
    const two = testPool(failing)
    ;(await two.pool.checkout()).checkin('reset')
    await flush()
    expect(failing.log()).toEqual(['#1 connect', '#1 reset', '#1 close'])
    expect(two.of('closed')).toMatchObject([
      { reason: 'reset_failed', error: { kind: 'internal' } },
    ])
  })

  it('that does not answer within connectTimeoutMs closes the connection', async () => {
    const database = scripted().next('reset', new Deferred())
    const { pool, clock } = testPool(database, { size: 1, connectTimeoutMs: 500 })
    ;(await pool.checkout()).checkin('reset')
    await clock.advance(500)
    expect(database.log()).toEqual(['#1 connect', '#1 reset', '#1 close'])
  })

  it('comes after every lease with resetOnCheckin: always', async () => {
    const database = scripted()
    const { pool } = testPool(database, { resetOnCheckin: 'always' })
    ;(await pool.checkout()).checkin('clean')
    await flush()
    expect(database.log()).toEqual(['#1 connect', '#1 reset'])
  })

  it('comes when the database says that a transaction is still open', async () => {
    const database = scripted({ features: ['reset', 'transactionStatus'] }).allow('begin')
    const { pool } = testPool(database)
    const lease = await pool.checkout()
    const connection = database.connections[0]
    if (connection === undefined) throw new Error('no connection')
    connection.transactionStatus = 'active'
    lease.checkin('clean')
    await flush()
    expect(database.log()).toEqual(['#1 connect', '#1 reset'])
    expect(pool.stats().idle).toBe(1)
  })

  it('is followed by onConnect, whose settings it took away', async () => {
    const database = scripted().allow('set role app')
    const { pool } = testPool(database, {
      onConnect: async (connection) => {
        await connection.execute('set role app')
      },
    })
    ;(await pool.checkout()).checkin('reset')
    await flush()
    expect(database.log()).toEqual([
      '#1 connect',
      '#1 execute set role app',
      '#1 reset',
      '#1 execute set role app',
    ])
    expect(pool.stats().idle).toBe(1)
  })
})

describe('waiting', () => {
  it('ends with the deadline, in the queue phase', async () => {
    const { pool, clock } = testPool(scripted(), { size: 1 })
    await pool.checkout()
    const waiting = errorOf(() => pool.checkout({ deadline: clock.now() + 20 }))
    await clock.advance(19)
    expect(pool.stats().waiting).toBe(1)
    await clock.advance(1)
    const error = await waiting
    expect(error).toBeInstanceOf(TimeoutError)
    expect(error).toMatchObject({ code: 'TIMEOUT', phase: 'queue' })
    expect(error.message).toMatch(/timeoutMs.*20 ms.*size 1, 1 in use, 1 waiting.*held for 20 ms/)
    expect(pool.stats().waiting).toBe(0)
  })

  it('does not begin after the deadline, even with an idle connection', async () => {
    const { pool, clock } = testPool(scripted())
    ;(await pool.checkout()).checkin('clean')
    const error = await errorOf(() => pool.checkout({ deadline: clock.now() }))
    expect(error).toBeInstanceOf(TimeoutError)
  })

  it('is not served after the deadline, even when a connection comes before the timer', async () => {
    const { pool, clock } = testPool(scripted(), { size: 1 })
    const first = await pool.checkout()
    const late = errorOf(() => pool.checkout({ deadline: clock.now() + 20 }))
    const next = pool.checkout()
    clock.block(30)
    first.checkin('clean')
    expect(await late).toBeInstanceOf(TimeoutError)
    await next
  })

  it('lets the deadline win over every other limit that ends at the same time', async () => {
    const { pool, clock } = testPool(scripted(), { size: 1, maxQueueWaitMs: 20 })
    await pool.checkout()
    const both = errorOf(() => pool.checkout({ deadline: clock.now() + 20 }))
    await clock.advance(20)
    expect(await both).toBeInstanceOf(TimeoutError)
  })

  it('ends with the signal, whose reason is the cause', async () => {
    const { pool } = testPool(scripted(), { size: 1 })
    await pool.checkout()
    const controller = new AbortController()
    const waiting = errorOf(() => pool.checkout({ signal: controller.signal }))
    const reason = new Error('the user left')
    controller.abort(reason)
    const error = await waiting
    expect(error).toBeInstanceOf(AbortError)
    expect(error).toMatchObject({ code: 'ABORTED', cause: reason })
    expect(pool.stats().waiting).toBe(0)
  })

  it('does not begin with a signal that has fired', async () => {
    const { pool } = testPool(scripted())
    expect(await errorOf(() => pool.checkout({ signal: AbortSignal.abort() }))).toBeInstanceOf(
      AbortError,
    )
    expect(pool.stats().size).toBe(0)
  })

  it('leaves nothing behind: no listener, no timer, however it ended', async () => {
    const { pool, clock } = testPool(scripted(), {
      size: 1,
      leakThresholdMs: 0,
      pingIntervalMs: 0,
      idleTimeoutMs: 0,
      maxLifetimeMs: 0,
    })
    const first = await pool.checkout()
    const controller = new AbortController()
    const listeners = { added: 0, removed: 0 }
    const { signal } = controller
    const add = signal.addEventListener.bind(signal)
    const remove = signal.removeEventListener.bind(signal)
    signal.addEventListener = ((...parameters: Parameters<typeof add>) => {
      listeners.added++
      add(...parameters)
    }) as typeof add
    signal.removeEventListener = ((...parameters: Parameters<typeof remove>) => {
      listeners.removed++
      remove(...parameters)
    }) as typeof remove
    const served = pool.checkout({ signal, deadline: clock.now() + 1_000 })
    const timedOut = errorOf(() => pool.checkout({ signal, deadline: clock.now() + 10 }))
    const abortedCall = errorOf(() => pool.checkout({ signal }))
    first.checkin('clean')
    const lease = await served
    await clock.advance(10)
    await timedOut
    controller.abort()
    await abortedCall
    expect(listeners).toEqual({ added: 3, removed: 3 })
    lease.checkin('clean')
    await clock.advance(60)
    expect(clock.pending).toBe(0)
  })

  it('does not leak the connection of a waiter who gives up in the moment of the handover', async () => {
    const { pool } = testPool(scripted(), { size: 1 })
    const first = await pool.checkout()
    const controller = new AbortController()
    const waiting = pool.checkout({ signal: controller.signal })
    const next = pool.checkout()
    first.checkin('clean')
    controller.abort()
    // It was served before it gave up: the lease is its own to give back.
    ;(await waiting).checkin('clean')
    await next

    const again = new AbortController()
    const gaveUp = errorOf(() => pool.checkout({ signal: again.signal }))
    const last = pool.checkout()
    again.abort()
    ;(await next).checkin('clean')
    expect(await gaveUp).toBeInstanceOf(AbortError)
    ;(await last).checkin('clean')
    expect(pool.stats()).toEqual({ size: 1, idle: 1, inUse: 0, waiting: 0 })
  })

  it('is refused at once when maxQueueLength callers wait', async () => {
    const { pool, clock } = testPool(scripted(), { size: 1, maxQueueLength: 2 })
    await pool.checkout()
    const waiting = [errorOf(() => pool.checkout()), errorOf(() => pool.checkout())]
    await clock.advance(5)
    const error = await errorOf(() => pool.checkout())
    expect(error).toBeInstanceOf(PoolError)
    expect(error.code).toBe('POOL_QUEUE_FULL')
    expect(error.message).toMatch(
      /maxQueueLength \(2\).*size 1, 1 in use, 2 waiting, the longest lease held for 5 ms/,
    )
    await clock.advance(30_000)
    await Promise.all(waiting)
  })

  it('ends after maxQueueWaitMs', async () => {
    const { pool, clock } = testPool(scripted(), { size: 1, maxQueueWaitMs: 300 })
    await pool.checkout()
    const waiting = errorOf(() => pool.checkout())
    await clock.advance(300)
    const error = await waiting
    expect(error.code).toBe('POOL_QUEUE_TIMEOUT')
    expect(error.message).toMatch(/maxQueueWaitMs \(300 ms\).*1 waiting.*held for 300 ms/)
  })

  it('keeps the process alive, because somebody waits; nothing else does', async () => {
    const { pool, clock } = testPool(scripted(), { size: 1 })
    const first = await pool.checkout()
    expect(clock.pendingKeepAlive).toBe(0)
    const waiting = pool.checkout()
    expect(clock.pendingKeepAlive).toBe(1)
    first.checkin('clean')
    await waiting
    expect(clock.pendingKeepAlive).toBe(0)
  })
})

describe('a process', () => {
  it('is kept alive by a lent connection and let go by an idle one', async () => {
    const database = scripted({ features: ['ref'] })
    const { pool } = testPool(database, { size: 1 })
    const connection = () => database.connections[0]
    const first = await pool.checkout()
    const waiting = pool.checkout()
    expect(connection()?.referenced).toBe(true)
    first.checkin('clean')
    expect(connection()?.referenced).toBe(true)
    ;(await waiting).checkin('clean')
    expect(connection()?.referenced).toBe(false)
    now(pool.checkout()).checkin('clean')
    expect(database.log('ref', 'unref')).toEqual(['#1 unref', '#1 ref', '#1 unref'])
  })
})
