import { describe, expect, it } from 'vitest'
import { errorOf, testPool } from '../../test/pool-harness.ts'
import { scripted } from '../../test/scripted-connection.ts'

describe('a leak report', () => {
  it('names who holds a lease for longer than leakThresholdMs, once', async () => {
    const { pool, clock, of } = testPool(scripted(), { leakThresholdMs: 1_000, leakSampleRate: 1 })
    await (async function forgetful() {
      return pool.checkout()
    })()
    await clock.advance(999)
    expect(of('leak')).toEqual([])
    await clock.advance(1)
    expect(of('leak')).toMatchObject([{ heldMs: 1_000 }])
    expect(of('leak')[0]?.stack).toMatch(/^ +at .*forgetful.*holders\.test\.ts/)
    await clock.advance(60_000)
    expect(of('leak')).toHaveLength(1)
  })

  it('is cleared by the return: the next lease of the connection is reported again', async () => {
    const { pool, clock, of } = testPool(scripted(), {
      size: 1,
      leakThresholdMs: 1_000,
      pingIntervalMs: 0,
    })
    for (let i = 0; i < 2; i++) {
      const lease = await pool.checkout()
      await clock.advance(1_500)
      lease.checkin('clean')
    }
    expect(of('leak')).toHaveLength(2)
  })

  it('does not come for leases that end in time, however many', async () => {
    const { pool, clock, of } = testPool(scripted(), { leakThresholdMs: 1_000 })
    for (let i = 0; i < 20; i++) {
      const lease = await pool.checkout()
      await clock.advance(300)
      lease.checkin('clean')
    }
    expect(of('leak')).toEqual([])
  })

  it('comes in time for a lease that began while the timer ran for another', async () => {
    const { pool, clock, of } = testPool(scripted(), { leakThresholdMs: 1_000 })
    const first = await pool.checkout()
    await clock.advance(700)
    await pool.checkout()
    first.checkin('clean')
    await clock.advance(999)
    expect(of('leak')).toEqual([])
    await clock.advance(1)
    expect(of('leak')).toMatchObject([{ heldMs: 1_000 }])
  })

  it('captures the stack of a sample, also of callers who waited', async () => {
    // The first checkout, the jitter of its connection, the second checkout.
    const chances = [0.9, 0.5, 0.1]
    const { pool, clock, of } = testPool(
      scripted(),
      { size: 1, leakThresholdMs: 1_000, leakSampleRate: 0.2, maxLifetimeMs: 0 },
      { random: () => chances.shift() ?? 0.5 },
    )
    const first = await pool.checkout()
    async function patient(): Promise<unknown> {
      return await pool.checkout()
    }
    const waiting = patient()
    await clock.advance(1_000)
    expect(of('leak')).toMatchObject([{ stack: undefined }])
    first.checkin('clean')
    await waiting
    await clock.advance(1_000)
    expect(of('leak')[1]?.stack).toContain('patient')
  })

  it('is turned off by leakThresholdMs: 0, and the capture by leakSampleRate: 0', async () => {
    let chances = 0
    const { pool, clock, of } = testPool(
      scripted(),
      { leakThresholdMs: 0, leakSampleRate: 0 },
      {
        random: () => {
          chances++
          return 0
        },
      },
    )
    await pool.checkout()
    expect(chances).toBe(1) // The jitter of the connection's lifetime.
    await clock.advance(1_000_000)
    expect(clock.pending).toBe(0)
    expect(of('leak')).toEqual([])
  })
})

describe('a starvation report', () => {
  it('names the longest holders when callers wait and nothing comes back', async () => {
    const { pool, clock, of } = testPool(scripted(), {
      size: 2,
      queueIntervalMs: 1_000,
      leakSampleRate: 1,
    })
    await (async function oldest() {
      return pool.checkout()
    })()
    await clock.advance(100)
    const second = await pool.checkout()
    const waiting = pool.checkout()
    await clock.advance(1_000)
    expect(of('starved')).toMatchObject([
      { waiting: 1, stalledMs: 1_000, holders: [{ heldMs: 1_100 }, { heldMs: 1_000 }] },
    ])
    expect(of('starved')[0]?.holders[0]?.stack).toContain('oldest')
    await clock.advance(5_000)
    expect(of('starved')).toHaveLength(1)
    second.checkin('clean')
    await waiting
    const again = errorOf(() => pool.checkout({ deadline: clock.now() + 2_000 }))
    await clock.advance(2_000)
    await again
    expect(of('starved')).toHaveLength(2)
  })

  it('comes again when somebody was served in between and the queue stalls anew', async () => {
    const { pool, clock, of } = testPool(scripted(), { size: 1, queueIntervalMs: 1_000 })
    const first = await pool.checkout()
    const second = pool.checkout()
    const third = pool.checkout()
    await clock.advance(1_000)
    expect(of('starved')).toHaveLength(1)
    first.checkin('clean')
    const lease = await second
    await clock.advance(1_000)
    expect(of('starved')).toHaveLength(2)
    lease.checkin('clean')
    await third
  })

  it('does not come while connections come back', async () => {
    const { pool, clock, of } = testPool(scripted(), { size: 1, queueIntervalMs: 1_000 })
    let lease = await pool.checkout()
    const waiting = Array.from({ length: 20 }, () => pool.checkout())
    for (const next of waiting) {
      await clock.advance(500)
      lease.checkin('clean')
      lease = await next
    }
    expect(of('starved')).toEqual([])
  })
})
