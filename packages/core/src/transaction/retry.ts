import { DatabaseError, MisuseError } from '../errors/index.ts'

/** How often a transaction's function may run, and the waits between. */
export interface RetryPolicy {
  readonly attempts: number
  readonly minDelayMs: number
  readonly maxDelayMs: number
}

/** No second run. */
export const once: RetryPolicy = Object.freeze({ attempts: 1, minDelayMs: 0, maxDelayMs: 0 })

/** Parses the `retry` option: a number of runs, or `{ attempts, minDelayMs, maxDelayMs }`. */
export function parseRetry(retry: number | Partial<RetryPolicy> | undefined): RetryPolicy {
  if (retry === undefined) return once
  const given: Partial<RetryPolicy> = typeof retry === 'number' ? { attempts: retry } : retry
  for (const name of Object.keys(given)) {
    if (!['attempts', 'minDelayMs', 'maxDelayMs'].includes(name)) {
      throw new MisuseError(
        'UNKNOWN_OPTION',
        `retry has no option "${name}"; it takes attempts, minDelayMs, maxDelayMs`,
      )
    }
  }
  const { attempts, minDelayMs = 5, maxDelayMs = 500 } = given
  if (
    !Number.isSafeInteger(attempts) ||
    (attempts as number) < 1 ||
    !(minDelayMs >= 0) ||
    !(maxDelayMs >= minDelayMs)
  ) {
    throw new MisuseError(
      'OPTION_INVALID',
      'retry takes the most runs, a whole number from 1, and delays with 0 ≤ minDelayMs ≤ maxDelayMs',
    )
  }
  return { attempts: attempts as number, minDelayMs, maxDelayMs }
}

/** Whether a failed run may be followed by another. */
export function mayRetry(error: unknown, run: number, policy: RetryPolicy): boolean {
  return run < policy.attempts && error instanceof DatabaseError && error.retryable
}

/**
 * The wait before run `run + 1`: exponential with full jitter, which keeps rivals from meeting
 * again (AWS Architecture Blog, "Exponential Backoff And Jitter", 2015).
 */
export function retryDelayMs(run: number, policy: RetryPolicy, random: number): number {
  const ceiling = Math.min(policy.maxDelayMs, policy.minDelayMs * 2 ** (run - 1))
  return policy.minDelayMs + random * (ceiling - policy.minDelayMs)
}
