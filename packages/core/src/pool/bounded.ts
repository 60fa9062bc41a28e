import { isPromise, type MaybePromise } from '../contract/index.ts'
import type { Clock } from './clock.ts'
import { outsideCaller } from './outside-caller.ts'

/** How a bounded piece of work ended. */
export type Outcome<T> =
  | { readonly kind: 'done'; readonly value: T }
  | { readonly kind: 'failed'; readonly error: unknown }
  /** It had not ended in time; what becomes of it later is ignored. */
  | { readonly kind: 'late' }

/**
 * Does work outside the caller's async context and tells how it ended, once, after `limitMs` at
 * the latest; at once where the work is synchronous. `keepAlive`: somebody waits for it.
 */
export function bounded<T>(
  clock: Clock,
  limitMs: number,
  work: () => MaybePromise<T>,
  ended: (outcome: Outcome<T>) => void,
  keepAlive = false,
): void {
  const started = attempt(work)
  if (started.kind === 'failed' || !isPromise(started.value)) {
    ended(started as Outcome<T>)
    return
  }
  let waiting = true
  const end = (outcome: Outcome<T>): void => {
    if (!waiting) return
    waiting = false
    clock.clearTimeout(timer)
    ended(outcome)
  }
  const timer = clock.setTimeout(() => end({ kind: 'late' }), limitMs, keepAlive)
  const answer = started.value
  outsideCaller(() =>
    answer.then(
      (value) => end({ kind: 'done', value }),
      (error: unknown) => end({ kind: 'failed', error }),
    ),
  )
}

function attempt<T>(
  work: () => T,
):
  | { readonly kind: 'done'; readonly value: T }
  | { readonly kind: 'failed'; readonly error: unknown } {
  try {
    return { kind: 'done', value: outsideCaller(work) }
  } catch (error) {
    return { kind: 'failed', error }
  }
}
