import { describe, expect, it } from 'vitest'
import { flush } from '../../test/fake-clock.ts'
import { errorOf, testPool } from '../../test/pool-harness.ts'
import { Deferred, ScriptedError, scripted } from '../../test/scripted-connection.ts'
import { PoolError } from '../errors/index.ts'

describe('close', () => {
  it('closes idle connections and waits until they are closed', async () => {
    const closing = new Deferred()
    const database = scripted().next('close', closing)
    const { pool, clock } = testPool(database)
    ;(await pool.checkout()).checkin('clean')
    let closed = false
    const end = pool.close().then(() => {
      closed = true
    })
    await flush()
    expect(closed).toBe(false)
    closing.resolve(undefined)
    await end
    expect(clock.pending).toBe(0)
    expect(pool.stats()).toEqual({ size: 0, idle: 0, inUse: 0, waiting: 0 })
  })

  it('refuses new callers and those who wait, at once', async () => {
    const { pool } = testPool(scripted(), { size: 1 })
    const lease = await pool.checkout()
    const waiting = errorOf(() => pool.checkout())
    const end = pool.close()
    expect(await waiting).toMatchObject({ name: 'PoolError', code: 'POOL_CLOSED' })
    expect(await errorOf(() => pool.checkout())).toMatchObject({ code: 'POOL_CLOSED' })
    expect(pool.tryCheckout()).toBeUndefined()
    lease.checkin('clean')
    await end
  })

  it('lets leases end, and closes each connection as it comes back', async () => {
    const database = scripted()
    const { pool } = testPool(database)
    const [one, two] = await Promise.all([pool.checkout(), pool.checkout()])
    const end = pool.close()
    one.checkin('clean')
    expect(database.log('close')).toEqual(['#1 close'])
    expect(two.connection).toBe(database.connections[1])
    two.checkin('reset')
    await end
    expect(database.log('close', 'reset')).toEqual(['#1 close', '#2 close'])
  })

  it('cuts the leases that outlive drainTimeoutMs and names their holders', async () => {
    const database = scripted()
    const { pool, clock } = testPool(database, { drainTimeoutMs: 300, leakSampleRate: 1 })
    const lease = await (async function forgetful() {
      return pool.checkout()
    })()
    await clock.advance(50)
    const end = errorOf(() => pool.close())
    await clock.advance(299)
    expect(database.log('close')).toEqual([])
    await clock.advance(1)
    const error = await end
    expect(error).toBeInstanceOf(PoolError)
    expect(error.code).toBe('POOL_DRAIN_TIMEOUT')
    expect(error.message).toMatch(/^1 of the pool's connections.*drainTimeoutMs \(300 ms\)/)
    expect(error.message).toMatch(/held for 350 ms by\n.*forgetful/)
    expect(database.log('close')).toEqual(['#1 close'])
    expect(lease.lost).toBe(true)
    lease.checkin('clean')
    expect(() => lease.checkin('clean')).toThrow(expect.objectContaining({ code: 'LEASE_ENDED' }))
    expect(database.log('close')).toEqual(['#1 close'])
  })

  it('gives all callers one answer, and the shortest limit counts', async () => {
    const { pool, clock } = testPool(scripted())
    await pool.checkout()
    const first = pool.close()
    const second = pool.close({ deadlineMs: 10 })
    const third = pool.close({ deadlineMs: 5_000 })
    expect(second).toBe(first)
    expect(third).toBe(first)
    const error = errorOf(() => first)
    await clock.advance(10)
    expect((await error).message).toContain('(10 ms)')
    expect(await errorOf(() => pool.close())).toBe(await error)
  })

  it('cuts at once with deadlineMs: 0', async () => {
    const database = scripted({ sync: true })
    const { pool } = testPool(database)
    await pool.checkout()
    expect(await errorOf(() => pool.close({ deadlineMs: 0 }))).toMatchObject({
      code: 'POOL_DRAIN_TIMEOUT',
    })
    expect(database.log()).toEqual(['#1 connect', '#1 close'])
  })

  it('can be repeated when it is over', async () => {
    const { pool } = testPool(scripted())
    await pool.close()
    await pool.close()
  })

  it('gives up connects that are under way, and is done when they have ended', async () => {
    const connecting = new Deferred()
    const database = scripted().next('connect', connecting)
    const { pool, of } = testPool(database)
    const waiting = errorOf(() => pool.checkout())
    const end = pool.close()
    const signal = database.calls[0]?.context?.signal
    expect(signal?.aborted).toBe(true)
    expect(signal?.reason).toMatchObject({ code: 'POOL_CLOSED' })
    expect(await waiting).toMatchObject({ code: 'POOL_CLOSED' })
    connecting.resolve(undefined)
    await end
    expect(database.log()).toEqual(['#1 connect', '#1 close'])
    expect(of('connectFailed')).toEqual([])
  })

  it('waits for a reset that is under way and closes the connection then', async () => {
    const resetting = new Deferred()
    const database = scripted().next('reset', resetting)
    const { pool } = testPool(database)
    ;(await pool.checkout()).checkin('reset')
    const end = pool.close()
    resetting.resolve(undefined)
    await end
    expect(database.log()).toEqual(['#1 connect', '#1 reset', '#1 close'])
  })

  it('does not wait for ever for a connection that does not close', async () => {
    const database = scripted().next('close', new Deferred())
    const { pool, clock } = testPool(database, { connectTimeoutMs: 500 })
    ;(await pool.checkout()).checkin('clean')
    const end = pool.close({ deadlineMs: 10 })
    await clock.advance(20)
    // What still runs is the limit of the close itself, and somebody waits for it.
    expect(clock.pendingKeepAlive).toBe(1)
    await clock.advance(480)
    await end
  })

  it('does not mind a close that fails', async () => {
    const database = scripted().next('close', new ScriptedError({ kind: 'connection_lost' }))
    const { pool } = testPool(database)
    ;(await pool.checkout()).checkin('clean')
    await pool.close()
  })

  it('keeps the process alive until its connections are closed', async () => {
    const database = scripted({ features: ['ref'] })
    const { pool } = testPool(database)
    ;(await pool.checkout()).checkin('clean')
    const end = pool.close()
    expect(database.connections[0]?.referenced).toBe(true)
    await end
  })

  it('tells of every connection it closes, with its session', async () => {
    const { pool, of } = testPool(scripted())
    ;(await pool.checkout()).checkin('clean')
    await pool.close()
    expect(of('opened')).toHaveLength(1)
    expect(of('closed')).toMatchObject([{ reason: 'pool_closed', session: { id: 1 } }])
  })
})
