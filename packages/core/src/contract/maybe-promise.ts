/**
 * A value now, or a promise of it.
 *
 * Synchronous databases answer at once; wrapping each answer in a promise would cost more than a
 * point select. A throw and a rejection mean the same.
 */
export type MaybePromise<T> = T | Promise<T>

/** Whether the answer is still to come. Foreign thenables count, as `await` counts them. */
export function isPromise<T>(value: MaybePromise<T>): value is Promise<T> {
  return (
    typeof value === 'object' &&
    value !== null &&
    typeof (value as { then?: unknown }).then === 'function'
  )
}
