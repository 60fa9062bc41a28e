import { describe, expect, it } from 'vitest'
import { flush } from '../../test/fake-clock.ts'
import { errorOf, now, testPool } from '../../test/pool-harness.ts'
import {
  Deferred,
  type ScriptedDatabase,
  ScriptedError,
  scripted,
} from '../../test/scripted-connection.ts'
import { AdapterError, DatabaseError } from '../errors/index.ts'

const refused = (): ScriptedError =>
  new ScriptedError({ kind: 'connection_refused', code: 'ECONNREFUSED' })

/** Keeps `count` connects waiting; answers what settles them, in order. */
function heldConnects(database: ScriptedDatabase, count: number): Deferred[] {
  return Array.from({ length: count }, () => {
    const connecting = new Deferred()
    database.next('connect', connecting)
    return connecting
  })
}

describe('opening', () => {
  it('opens one connection a waiter, maxConcurrentConnects at a time', async () => {
    const database = scripted()
    const connects = heldConnects(database, 5)
    const { pool } = testPool(database, { size: 10, maxConcurrentConnects: 2 })
    const waiting = Array.from({ length: 5 }, () => pool.checkout())
    expect(database.calls).toHaveLength(2)
    connects[0]?.resolve(undefined)
    await flush()
    expect(database.calls).toHaveLength(3)
    for (const each of connects) each.resolve(undefined)
    await Promise.all(waiting)
    expect(pool.stats().size).toBe(5)
  })

  it('opens only what the queue still wants after a burst of short leases', async () => {
    const database = scripted()
    const { pool } = testPool(database, { size: 50, minIdle: 5 })
    await flush()
    expect(pool.stats()).toMatchObject({ size: 5, idle: 5 })
    const connects = heldConnects(database, 10)
    const done: Promise<void>[] = []
    for (let caller = 0; caller < 50; caller++) {
      done.push(
        Promise.resolve(pool.checkout()).then(async (lease) => {
          await Promise.resolve()
          lease.checkin('clean')
        }),
      )
    }
    await Promise.all(done)
    expect(database.log('connect').length).toBeLessThanOrEqual(5 + 4)
    for (const each of connects) each.resolve(undefined)
  })

  it('does not open another connection while a ping or a reset will bring one', async () => {
    const database = scripted()
    const { pool } = testPool(database, { size: 5 })
    ;(await pool.checkout()).checkin('reset')
    const lease = await pool.checkout()
    expect(lease.connection).toBe(database.connections[0])
    expect(database.log('connect')).toHaveLength(1)
  })

  it('opens and keeps minIdle connections', async () => {
    const database = scripted()
    const { pool } = testPool(database, { size: 5, minIdle: 3 })
    await flush()
    expect(pool.stats()).toEqual({ size: 3, idle: 3, inUse: 0, waiting: 0 })
    database.connections[1]?.lose()
    await flush()
    expect(pool.stats().idle).toBe(3)
    expect(database.connections).toHaveLength(4)
  })

  it('takes everything that happens before the first use as part of the connect', async () => {
    const database = scripted().expect('set role app')
    const { pool } = testPool(database, {
      onConnect: (connection) => {
        expect(connection.role).toBe('any')
        return Promise.resolve(connection.execute('set role app')).then(() => {})
      },
    })
    await pool.checkout()
    expect(database.log()).toEqual(['#1 connect', '#1 execute set role app'])
  })

  it('closes a connection whose onConnect failed and tells the caller its error', async () => {
    const database = scripted().expect(
      'set role app',
      new ScriptedError({ kind: 'permission', code: '42501' }),
    )
    const { pool } = testPool(database, {
      onConnect: async (connection) => {
        await connection.execute('set role app')
      },
    })
    const error = await errorOf(() => pool.checkout())
    expect(error).toBeInstanceOf(DatabaseError)
    expect(error).toMatchObject({ kind: 'permission', nativeCode: '42501' })
    expect(database.log()).toEqual(['#1 connect', '#1 execute set role app', '#1 close'])
    expect(pool.stats().size).toBe(0)
  })

  it('takes the connection from an onConnect that has ended', async () => {
    let kept: { execute(sql: string): unknown } | undefined
    const { pool } = testPool(scripted(), {
      onConnect: (connection) => {
        kept = connection
      },
    })
    await pool.checkout()
    expect(() => kept?.execute('select 1')).toThrow(
      expect.objectContaining({ code: 'LEASE_ENDED' }),
    )
  })

  it('fails the connect when the session cannot be made, and does not storm', () => {
    const database = scripted({ sync: true })
    const { pool, of } = testPool(
      database,
      { minIdle: 2 },
      {
        openSession: () => {
          throw new RangeError('no session')
        },
      },
    )
    expect(database.log()).toEqual(['#1 connect', '#1 close'])
    expect(of('connectFailed')).toMatchObject([
      { error: new RangeError('no session'), failures: 1 },
    ])
    expect(() => pool.checkout()).toThrow(RangeError)
  })
})

describe('a failing connect', () => {
  it('is told at once to everybody who waits, as soon as no connection and no attempt is left', async () => {
    const database = scripted()
    const connects = heldConnects(database, 2)
    const { pool } = testPool(database, { maxConcurrentConnects: 2 })
    const calls = Array.from({ length: 5 }, () => errorOf(() => pool.checkout()))
    connects[0]?.reject(refused())
    await flush()
    expect(pool.stats().waiting).toBe(5)
    connects[1]?.reject(refused())
    await flush()
    expect(pool.stats().waiting).toBe(0)
    for (const error of await Promise.all(calls)) {
      expect(error).toMatchObject({ name: 'DatabaseError', kind: 'connection_refused' })
    }
  })

  it('never takes a place', async () => {
    const database = scripted()
    const { pool, clock } = testPool(database, { size: 1, backoffMinMs: 10, backoffMaxMs: 10 })
    for (let i = 0; i < 5; i++) {
      database.next('connect', refused())
      expect(await errorOf(() => pool.checkout())).toMatchObject({ kind: 'connection_refused' })
      await clock.advance(20)
    }
    await pool.checkout()
    expect(pool.stats()).toEqual({ size: 1, idle: 0, inUse: 1, waiting: 0 })
  })

  it('gives each caller an error of its own with the native one behind it', async () => {
    const native = refused()
    const database = scripted().next('connect', native)
    const { pool } = testPool(database, { maxConcurrentConnects: 1 })
    const [one, two] = await Promise.all([
      errorOf(() => pool.checkout()),
      errorOf(() => pool.checkout()),
    ])
    expect(one).toBeInstanceOf(DatabaseError)
    expect(one).not.toBe(two)
    expect((one as DatabaseError).native).toBe(native)
    expect(one.message).toBe('connection_refused [ECONNREFUSED]')
  })

  it('passes on what the adapter does not know as it is', async () => {
    const bug = new RangeError('a bug in the driver')
    const { pool } = testPool(scripted().next('connect', bug))
    expect(await errorOf(() => pool.checkout())).toBe(bug)
  })

  it('blames the adapter when classifyError throws', async () => {
    const bug = new RangeError('a bug')
    const database = scripted({
      adapter: {
        classifyError: () => {
          throw bug
        },
      },
    }).next('connect', refused())
    const { pool } = testPool(database)
    const error = await errorOf(() => pool.checkout())
    expect(error).toBeInstanceOf(AdapterError)
    expect(error.cause).toBe(bug)
  })

  it('does not disturb those who wait for a connection that works', async () => {
    const database = scripted().next('connect', undefined).next('connect', refused())
    const { pool, of } = testPool(database, { size: 2 })
    const first = await pool.checkout()
    const waiting = pool.checkout()
    await flush()
    expect(of('connectFailed')).toHaveLength(1)
    expect(pool.stats().waiting).toBe(1)
    first.checkin('clean')
    expect((await waiting).connection).toBe(database.connections[0])
  })

  it('pauses before the next attempt, longer with each failure, and makes one at a time', async () => {
    const database = scripted()
    for (let i = 0; i < 4; i++) database.next('connect', refused())
    const { pool, clock, of } = testPool(database, {
      size: 8,
      backoffMinMs: 100,
      backoffMaxMs: 1_000,
    })
    const failures = await Promise.all(
      Array.from({ length: 4 }, () => errorOf(() => pool.checkout())),
    )
    expect(failures.every((error) => error instanceof DatabaseError)).toBe(true)
    // Four attempts failed together: one failure in a row, one pause.
    expect(of('connectFailed').map((each) => each.failures)).toEqual([1, 1, 1, 1])
    expect(of('connectFailed').map((each) => each.retryInMs)).toEqual([150, 150, 150, 150])

    database.next('connect', refused())
    const second = Promise.all(Array.from({ length: 4 }, () => errorOf(() => pool.checkout())))
    await clock.advance(149)
    expect(database.log('connect')).toHaveLength(4)
    await clock.advance(1)
    expect(database.log('connect')).toHaveLength(5)
    await second
    expect(of('connectFailed').at(-1)).toMatchObject({ failures: 2, retryInMs: 300 })

    // The server is back: the next caller waits for the pause and is served.
    const healed = Promise.all(Array.from({ length: 4 }, () => pool.checkout()))
    await clock.advance(300)
    await healed
    expect(pool.stats().inUse).toBe(4)
  })

  it.each(['authentication', 'permission', 'undefined_object'] as const)(
    'that waiting does not mend (%s) is told at once during the pause too',
    async (kind) => {
      const database = scripted().next('connect', new ScriptedError({ kind }))
      const { pool, clock } = testPool(database, { backoffMinMs: 1_000 })
      expect(await errorOf(() => pool.checkout())).toMatchObject({ kind })
      expect(await errorOf(() => pool.checkout())).toMatchObject({ kind })
      expect(database.log('connect')).toHaveLength(1)
      await clock.advance(2_000)
      await pool.checkout()
    },
  )

  it('is synchronous where the adapter is, and is thrown', () => {
    const database = scripted({ sync: true }).next('connect', refused())
    const { pool } = testPool(database)
    expect(() => pool.checkout()).toThrow(DatabaseError)
    expect(pool.stats()).toEqual({ size: 0, idle: 0, inUse: 0, waiting: 0 })
  })

  it('leaves the deadline of a caller who waits for the next attempt in force', async () => {
    const database = scripted().next('connect', refused())
    const { pool, clock } = testPool(database, { backoffMinMs: 1_000 })
    await errorOf(() => pool.checkout())
    const waiting = errorOf(() => pool.checkout({ deadline: clock.now() + 10 }))
    await clock.advance(10)
    expect(await waiting).toMatchObject({ code: 'TIMEOUT', phase: 'queue' })
  })

  it('is retried in the background for minIdle alone', async () => {
    const database = scripted().next('connect', refused())
    const { pool, clock } = testPool(database, { minIdle: 1, backoffMinMs: 100 })
    await flush()
    expect(pool.stats().size).toBe(0)
    await clock.advance(150)
    expect(pool.stats()).toMatchObject({ size: 1, idle: 1 })
  })

  it('when the session ends before the connect does', async () => {
    const database = scripted()
    const { pool } = testPool(database, {
      onConnect: () => database.connections[0]?.lose(refused()),
    })
    expect(await errorOf(() => pool.checkout())).toMatchObject({ kind: 'connection_refused' })
    expect(database.log()).toEqual(['#1 connect', '#1 close'])
  })
})

describe('connectTimeoutMs', () => {
  it('covers connect and onConnect together, and tells the driver to stop', async () => {
    const database = scripted()
    const [connecting] = heldConnects(database, 1)
    const { pool, clock } = testPool(database, { connectTimeoutMs: 500 })
    const waiting = errorOf(() => pool.checkout())
    await clock.advance(500)
    const error = await waiting
    expect(error).toMatchObject({ name: 'DatabaseError', kind: 'connection_refused' })
    expect(error.message).toContain('connectTimeoutMs (500 ms)')
    expect(database.calls[0]?.context?.signal.aborted).toBe(true)
    connecting?.reject(new Error('stopped'))
  })

  it('closes a connection that comes too late', async () => {
    const database = scripted()
    const [connecting] = heldConnects(database, 1)
    const { pool, clock } = testPool(database, { connectTimeoutMs: 500 })
    const waiting = errorOf(() => pool.checkout())
    await clock.advance(500)
    await waiting
    connecting?.resolve(undefined)
    await flush()
    expect(database.log()).toEqual(['#1 connect', '#1 close'])
    expect(pool.stats().size).toBe(0)
  })

  it('keeps the place of a connect that does not stop, for as long again', async () => {
    const database = scripted()
    const [connecting] = heldConnects(database, 1)
    const { pool, clock } = testPool(database, { size: 1, connectTimeoutMs: 500 })
    const first = errorOf(() => pool.checkout())
    await clock.advance(500)
    await first
    const second = pool.checkout()
    await clock.advance(499)
    expect(database.log('connect')).toHaveLength(1)
    await clock.advance(1)
    await second
    connecting?.resolve(undefined)
    await flush()
    expect(database.open).toHaveLength(1)
  })

  it('closes a connection whose onConnect hangs', async () => {
    const database = scripted()
    const { pool, clock } = testPool(database, {
      connectTimeoutMs: 500,
      onConnect: () => new Promise<void>(() => {}),
    })
    const waiting = errorOf(() => pool.checkout())
    await clock.advance(500)
    expect(await waiting).toMatchObject({ kind: 'connection_refused' })
    expect(database.log()).toEqual(['#1 connect', '#1 close'])
  })
})

describe('a connect that nobody waits for any more', () => {
  it('is abandoned after queueIntervalMs', async () => {
    const database = scripted()
    const [connecting] = heldConnects(database, 1)
    const { pool, clock } = testPool(database, { queueIntervalMs: 200 })
    const controller = new AbortController()
    const waiting = errorOf(() => pool.checkout({ signal: controller.signal }))
    controller.abort()
    await waiting
    const signal = database.calls[0]?.context?.signal
    await clock.advance(199)
    expect(signal?.aborted).toBe(false)
    await clock.advance(1)
    expect(signal?.aborted).toBe(true)
    connecting?.reject(signal?.reason)
    await flush()
    await pool.checkout()
  })

  it('goes on while somebody waits', async () => {
    const database = scripted()
    const [connecting] = heldConnects(database, 1)
    const { pool, clock } = testPool(database, { queueIntervalMs: 200 })
    const waiting = pool.checkout()
    await clock.advance(1_000)
    connecting?.resolve(undefined)
    await waiting
  })

  it('serves those who come after: deadlines shorter than a connect do not starve the pool', async () => {
    const database = scripted()
    const [connecting] = heldConnects(database, 1)
    const { pool, clock } = testPool(database, { size: 1 })
    for (let i = 0; i < 3; i++) {
      const waiting = errorOf(() => pool.checkout({ deadline: clock.now() + 50 }))
      await clock.advance(50)
      await waiting
    }
    connecting?.resolve(undefined)
    await flush()
    now(pool.checkout({ deadline: clock.now() + 50 }))
    expect(database.log('connect')).toHaveLength(1)
  })

  it('is no failure: nobody is told, and nothing pauses', async () => {
    const database = scripted()
    const [connecting] = heldConnects(database, 1)
    const { pool, clock, of } = testPool(database, { queueIntervalMs: 200 })
    const waiting = errorOf(() => pool.checkout({ deadline: clock.now() + 10 }))
    await clock.advance(200)
    await waiting
    connecting?.reject(new Error('stopped'))
    await flush()
    expect(of('connectFailed')).toEqual([])
    await pool.checkout()
  })
})
