import type { MaybePromise } from '@mortise/core/adapter'
import type { CallLimits } from './call-limits.ts'
import { isBusy } from './native-error.ts'

/** SQLite's own delays between two attempts (`sqliteDefaultBusyCallback` in main.c). */
const delaysMs = [1, 2, 5, 10, 15, 20, 25, 25, 25, 50, 50, 100]

/**
 * How long to wait before the next attempt, the first being attempt 0. `random` (0 to 1) takes up
 * to half of it away, so that waiters do not come back together.
 */
export function busyDelayMs(attempt: number, random: number): number {
  const delay = delaysMs[Math.min(attempt, delaysMs.length - 1)] as number
  return delay * (1 - random / 2)
}

/**
 * Waits for another connection's lock without blocking the event loop, which SQLite's own
 * `busy_timeout` would do: tries again until it works, fails otherwise, or a limit is reached.
 * `busy` is the error of the attempt before; it is raised when `busyTimeoutMs` is over.
 *
 * @throws AbortError, TimeoutError where the call's own limits are reached first.
 */
export async function retryWhileBusy<T>(
  attempt: () => MaybePromise<T>,
  busy: unknown,
  busyTimeoutMs: number,
  limits: CallLimits,
): Promise<T> {
  const giveUpAt = performance.now() + busyTimeoutMs
  let last = busy
  for (let tried = 0; ; tried++) {
    const now = performance.now()
    if (now >= giveUpAt) throw last
    const leftMs = Math.min(giveUpAt, limits.deadline) - now
    await limits.sleep(Math.min(busyDelayMs(tried, Math.random()), Math.max(leftMs, 0)))
    limits.check()
    try {
      return await attempt()
    } catch (error) {
      if (!isBusy(error)) throw error
      last = error
    }
  }
}
