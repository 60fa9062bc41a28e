import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { busyDelayMs, retryWhileBusy } from './busy-wait.ts'
import { CallLimits } from './call-limits.ts'

describe('busyDelayMs', () => {
  it('grows as SQLite’s own delays do, up to 100 ms', () => {
    expect([0, 1, 2, 11, 1000].map((attempt) => busyDelayMs(attempt, 0))).toEqual([
      1, 2, 5, 100, 100,
    ])
  })

  it('takes up to half of a delay away by chance', () => {
    expect(busyDelayMs(11, 0.5)).toBe(75)
    expect(busyDelayMs(11, 1)).toBe(50)
  })
})

describe('retryWhileBusy', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] }))
  afterEach(() => void vi.useRealTimers())

  const busy = Object.assign(new Error('database is locked'), { code: 'SQLITE_BUSY' })
  const unlimited = () => new CallLimits(undefined)
  const settled = (promise: Promise<unknown>) =>
    promise.then(
      (value) => ({ value, at: performance.now() }),
      (error: unknown) => ({ error, at: performance.now() }),
    )

  it('tries until it works', async () => {
    const start = performance.now()
    let attempts = 0
    const answer = settled(
      retryWhileBusy(
        () => {
          if (++attempts < 4) throw busy
          return 'done'
        },
        busy,
        5000,
        unlimited(),
      ),
    )
    await vi.runAllTimersAsync()
    expect(await answer).toMatchObject({ value: 'done' })
    expect((await answer).at - start).toBeLessThanOrEqual(1 + 2 + 5 + 10)
  })

  it('ends with the lock’s error when the time is over, after a last attempt', async () => {
    const start = performance.now()
    const attempt = vi.fn(() => {
      throw busy
    })
    const answer = settled(retryWhileBusy(attempt, busy, 500, unlimited()))
    await vi.advanceTimersByTimeAsync(499)
    const before = attempt.mock.calls.length
    await vi.runAllTimersAsync()
    expect(await answer).toMatchObject({ error: busy, at: start + 500 })
    expect(attempt.mock.calls.length).toBeGreaterThan(before)
  })

  it('ends at once with any other error', async () => {
    const other = new Error('other')
    const answer = settled(
      retryWhileBusy(
        () => {
          throw other
        },
        busy,
        5000,
        unlimited(),
      ),
    )
    await vi.runAllTimersAsync()
    expect(await answer).toMatchObject({ error: other })
  })

  it('ends at the call’s deadline', async () => {
    const start = performance.now()
    const limits = new CallLimits(undefined, start + 40)
    const answer = settled(
      retryWhileBusy(
        () => {
          throw busy
        },
        busy,
        5000,
        limits,
      ),
    )
    await vi.runAllTimersAsync()
    expect(await answer).toMatchObject({ error: { name: 'TimeoutError' }, at: start + 40 })
  })

  it('ends when the signal fires or the call is cancelled, and not later', async () => {
    const controller = new AbortController()
    const limits = [new CallLimits(controller.signal), unlimited()]
    const attempt = vi.fn(() => {
      throw busy
    })
    const answers = limits.map((each) => settled(retryWhileBusy(attempt, busy, 5000, each)))
    await vi.advanceTimersByTimeAsync(300)
    const before = attempt.mock.calls.length
    const at = performance.now()
    controller.abort('enough')
    limits[1]?.cancel()
    expect(await answers[0]).toMatchObject({ error: { name: 'AbortError', cause: 'enough' }, at })
    expect(await answers[1]).toMatchObject({ error: { name: 'AbortError' }, at })
    expect(attempt.mock.calls.length).toBe(before)
    expect(vi.getTimerCount()).toBe(0)
  })
})
