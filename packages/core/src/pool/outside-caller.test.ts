import { AsyncLocalStorage } from 'node:async_hooks'
import { describe, expect, it } from 'vitest'
import { errorOf } from '../../test/pool-harness.ts'
import { result, scripted } from '../../test/scripted-connection.ts'
import type { Adapter, Connection } from '../contract/index.ts'
import { Pool, parsePoolOptions, systemClock } from './index.ts'

const request = new AsyncLocalStorage<string>()

/** Counts what a driver sees of the caller's context, in calls and in what follows from them. */
function watchedAdapter(seen: Map<string, string | undefined>): Adapter {
  const look = (where: string): void => {
    if (!seen.has(where) || request.getStore() !== undefined) seen.set(where, request.getStore())
  }
  const later = async (where: string): Promise<void> => {
    look(where)
    await new Promise((resolve) => setImmediate(resolve))
    look(`${where}, later`)
  }
  const connection: Connection = {
    execute: () => later('execute').then(() => result(undefined)),
    reset: () => later('reset'),
    ping: () => later('ping'),
    close: () => later('close'),
    ref: () => {},
    unref: () => {},
  }
  return {
    ...scripted().adapter,
    connect: (context) => {
      context.signal.addEventListener('abort', () => look('abort'))
      return later('connect').then(() => connection)
    },
  }
}

describe("the caller's async context", () => {
  it('is hidden from connects, resets, pings, closes and onConnect, and kept for the caller', async () => {
    const seen = new Map<string, string | undefined>()
    let now = 1_000
    const pool = new Pool({
      adapter: watchedAdapter(seen),
      role: 'any',
      options: parsePoolOptions({
        size: 1,
        pingIntervalMs: 100,
        onConnect: () => {
          seen.set('onConnect', request.getStore())
        },
      }),
      clock: { ...systemClock, now: () => now },
      openSession: () => seen.set('openSession', request.getStore()),
    })
    await request.run('first', async () => {
      const lease = await pool.checkout()
      expect(request.getStore()).toBe('first')
      lease.checkin('reset')
    })
    await request.run('second', async () => {
      const lease = await pool.checkout()
      expect(request.getStore()).toBe('second')
      lease.checkin('clean')
      now += 1_000
      // Silent for too long: pinged before it is lent.
      const again = await pool.checkout()
      again.checkin('discard')
    })
    await request.run('third', async () => {
      const waiting = pool.checkout()
      await Promise.all([errorOf(() => waiting), pool.close()])
    })
    expect([...seen.keys()].sort()).toEqual([
      'close',
      'close, later',
      'connect',
      'connect, later',
      'onConnect',
      'openSession',
      'ping',
      'ping, later',
      'reset',
      'reset, later',
    ])
    expect([...seen.values()].every((store) => store === undefined)).toBe(true)
  })

  it('is hidden from timers', async () => {
    const store = await new Promise((resolve) => {
      request.run('caller', () =>
        systemClock.setTimeout(() => resolve(request.getStore()), 1, true),
      )
    })
    expect(store).toBeUndefined()
  })
})
