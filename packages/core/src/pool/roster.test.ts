import { describe, expect, it } from 'vitest'
import { flush } from '../../test/fake-clock.ts'
import { errorOf, now, testPool } from '../../test/pool-harness.ts'
import { Deferred, ScriptedError, scripted } from '../../test/scripted-connection.ts'
import type { PoolOptionsInput } from './index.ts'

const off: PoolOptionsInput = { idleTimeoutMs: 0, pingIntervalMs: 0, maxLifetimeMs: 0 }

describe('an idle connection', () => {
  it('is pinged when it was silent for pingIntervalMs, and again', async () => {
    const database = scripted()
    const { pool, clock } = testPool(database, { ...off, pingIntervalMs: 1_000 })
    ;(await pool.checkout()).checkin('clean')
    await clock.advance(999)
    expect(database.log('ping')).toEqual([])
    await clock.advance(1)
    expect(database.log('ping')).toEqual(['#1 ping'])
    await clock.advance(1_000)
    expect(database.log('ping')).toHaveLength(2)
    expect(pool.stats().idle).toBe(1)
  })

  it('is not pinged while it is in use', async () => {
    const database = scripted()
    const { pool, clock } = testPool(database, { ...off, pingIntervalMs: 1_000 })
    for (let i = 0; i < 10; i++) {
      const lease = await pool.checkout()
      await clock.advance(500)
      lease.checkin('clean')
    }
    expect(database.log('ping')).toEqual([])
  })

  it("is pinged by the dialect's statement where the driver has no ping", async () => {
    const database = scripted({ features: [] }).expect('ping')
    const { pool, clock } = testPool(database, { ...off, pingIntervalMs: 1_000 })
    ;(await pool.checkout()).checkin('clean')
    await clock.advance(1_000)
    expect(database.log()).toEqual(['#1 connect', '#1 execute ping'])
  })

  it('is closed when the ping fails or is not answered in time', async () => {
    const database = scripted()
      .next('ping', new ScriptedError({ kind: 'connection_lost' }))
      .next('ping', new Deferred())
    const { pool, clock, of } = testPool(database, {
      ...off,
      pingIntervalMs: 1_000,
      connectTimeoutMs: 500,
    })
    ;(await pool.checkout()).checkin('clean')
    await clock.advance(1_000)
    expect(of('closed')).toMatchObject([
      { reason: 'ping_failed', error: { kind: 'connection_lost' } },
    ])
    ;(await pool.checkout()).checkin('clean')
    await clock.advance(1_500)
    expect(of('closed')).toHaveLength(2)
    expect(pool.stats().size).toBe(0)
  })

  it('keeps its place among the idle ones while it is pinged', async () => {
    const database = scripted()
    const { pool, clock } = testPool(database, { ...off, pingIntervalMs: 1_000 })
    const [one, two] = await Promise.all([pool.checkout(), pool.checkout()])
    one.checkin('clean')
    await clock.advance(100)
    two.checkin('clean')
    await clock.advance(900)
    expect(database.log('ping')).toEqual(['#1 ping'])
    expect(now(pool.checkout()).connection).toBe(database.connections[1])
  })

  it('is given to a caller who came while it was pinged', async () => {
    const pinging = new Deferred()
    const database = scripted().next('ping', pinging)
    const { pool, clock } = testPool(database, { ...off, size: 1, pingIntervalMs: 1_000 })
    ;(await pool.checkout()).checkin('clean')
    await clock.advance(1_000)
    const waiting = pool.checkout()
    pinging.resolve(undefined)
    expect((await waiting).connection).toBe(database.connections[0])
  })

  it('is pinged before it is lent when no timer could run: after sleep, or a frozen process', async () => {
    const database = scripted().next('ping', new ScriptedError({ kind: 'connection_lost' }))
    const { pool, clock } = testPool(database, { ...off, size: 1, pingIntervalMs: 1_000 })
    ;(await pool.checkout()).checkin('clean')
    clock.block(60_000)
    expect(pool.tryCheckout()).toBeUndefined()
    const lease = await pool.checkout()
    expect(lease.connection).toBe(database.connections[1])
    expect(database.log()).toEqual(['#1 connect', '#1 ping', '#1 close', '#2 connect'])
  })

  it('stays synchronous for a synchronous driver even then', () => {
    const database = scripted({ sync: true })
    const { pool, clock } = testPool(database, { ...off, size: 1, pingIntervalMs: 1_000 })
    now(pool.checkout()).checkin('clean')
    clock.block(60_000)
    now(pool.checkout())
    expect(database.log()).toEqual(['#1 connect', '#1 ping'])
  })

  it('is closed after idleTimeoutMs, down to minIdle, those used last kept', async () => {
    const database = scripted()
    const { pool, clock, of } = testPool(database, { ...off, minIdle: 1, idleTimeoutMs: 1_000 })
    const leases = await Promise.all([pool.checkout(), pool.checkout(), pool.checkout()])
    for (const lease of leases) {
      lease.checkin('clean')
      await clock.advance(100)
    }
    await clock.advance(700)
    expect(pool.stats().idle).toBe(2)
    await clock.advance(5_000)
    expect(of('closed')).toMatchObject([{ reason: 'idle' }, { reason: 'idle' }])
    expect(database.open).toEqual([database.connections[2]])
  })

  it('is replaced at its own share of maxLifetimeMs, so that not all expire at once', async () => {
    const database = scripted()
    let chance = 0
    const { pool, clock } = testPool(
      database,
      { ...off, minIdle: 4, size: 4, maxLifetimeMs: 10_000, leakSampleRate: 0 },
      { random: () => (chance++ % 4) / 4 },
    )
    await flush()
    const open: number[] = []
    for (let at = 0; at < 10; at++) {
      await clock.advance(200)
      open.push(database.log('close').length)
    }
    expect(open.every((closed) => closed === 0)).toBe(true)
    await clock.advance(6_000)
    const closedBy: number[] = []
    for (let at = 0; at < 4; at++) {
      await clock.advance(500)
      closedBy.push(database.log('close').length)
    }
    expect(closedBy).toEqual([1, 2, 3, 4])
    expect(pool.stats().size).toBe(4)
  })

  it('that has reached its lifetime is not lent any more, nor kept when it comes back', async () => {
    const database = scripted()
    const { pool, clock, of } = testPool(database, { ...off, size: 1, maxLifetimeMs: 1_000 })
    const lease = await pool.checkout()
    await clock.advance(900)
    lease.checkin('clean')
    expect(of('closed')).toMatchObject([{ reason: 'expired', openMs: 900 }])
    ;(await pool.checkout()).checkin('clean')
    clock.block(900)
    expect((await pool.checkout()).connection).toBe(database.connections[2])
  })

  it('that ends unasked leaves the pool at once', async () => {
    const database = scripted()
    const { pool, of } = testPool(database, off)
    ;(await pool.checkout()).checkin('clean')
    database.connections[0]?.lose(new ScriptedError({ kind: 'connection_lost', code: '57P01' }))
    expect(pool.stats().size).toBe(0)
    expect(database.log()).toEqual(['#1 connect', '#1 close'])
    expect(of('closed')).toMatchObject([
      { reason: 'lost', error: { kind: 'connection_lost', nativeCode: '57P01' } },
    ])
  })

  it('that ends while it is reset is not lent', async () => {
    const resetting = new Deferred()
    const database = scripted().next('reset', resetting)
    const { pool, of } = testPool(database, { ...off, size: 1 })
    ;(await pool.checkout()).checkin('reset')
    const waiting = pool.checkout()
    database.connections[0]?.lose()
    resetting.resolve(undefined)
    expect((await waiting).connection).toBe(database.connections[1])
    expect(of('closed')).toMatchObject([{ reason: 'lost' }])
  })

  it('of a single database is never closed for its age: the database would be gone', async () => {
    const database = scripted({ topology: 'single' })
    const { pool, clock } = testPool(database, {
      size: 10,
      idleTimeoutMs: 1_000,
      maxLifetimeMs: 1_000,
    })
    const first = await pool.checkout()
    const waiting = pool.checkout()
    await clock.advance(5_000)
    first.checkin('clean')
    ;(await waiting).checkin('clean')
    await clock.advance(100_000)
    expect(database.connections).toHaveLength(1)
    expect(pool.stats()).toMatchObject({ size: 1, idle: 1 })
  })
})

describe('a server that restarts', () => {
  it('is healed from: the next callers get new connections, one probe at a time', async () => {
    const database = scripted()
    const { pool, clock } = testPool(database, { ...off, size: 4, backoffMinMs: 100 })
    const leases = await Promise.all(Array.from({ length: 4 }, () => pool.checkout()))
    leases[0]?.checkin('clean')
    leases[1]?.checkin('clean')
    for (const connection of database.connections) connection.lose()
    expect(pool.stats()).toMatchObject({ size: 2, idle: 0 })
    const down = new ScriptedError({ kind: 'connection_refused' })
    for (let i = 0; i < 2; i++) database.next('connect', down)
    leases[2]?.checkin('clean')
    leases[3]?.checkin('clean')
    const told = await Promise.all([errorOf(() => pool.checkout()), errorOf(() => pool.checkout())])
    expect(told).toMatchObject([{ kind: 'connection_refused' }, { kind: 'connection_refused' }])
    const healed = Promise.all(Array.from({ length: 4 }, () => pool.checkout()))
    await clock.advance(200)
    expect(await healed).toHaveLength(4)
  })
})
