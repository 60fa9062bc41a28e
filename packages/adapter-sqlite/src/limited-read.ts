import type { MaybePromise } from '@mortise/core/adapter'
import type { CallLimits } from './call-limits.ts'
import type { RowIterator } from './driver.ts'

/** How long a read with a signal keeps the event loop, so that the signal can fire. */
const sliceMs = 10

/**
 * Reads all rows one by one, so that the call's limits are seen between two of them. With a signal
 * it lets the event loop run now and then; without one it is done at once.
 *
 * @throws AbortError, TimeoutError; the iterator is released then.
 */
export function readWithin(
  iterator: RowIterator,
  limits: CallLimits,
  take: (row: unknown[]) => void,
): MaybePromise<void> {
  if (!readSlice(iterator, limits, take)) return readOn(iterator, limits, take)
}

async function readOn(
  iterator: RowIterator,
  limits: CallLimits,
  take: (row: unknown[]) => void,
): Promise<void> {
  do await new Promise((resolve) => setImmediate(resolve))
  while (!readSlice(iterator, limits, take))
}

/** Reads until the end (true) or until the event loop should run (false). */
function readSlice(
  iterator: RowIterator,
  limits: CallLimits,
  take: (row: unknown[]) => void,
): boolean {
  try {
    limits.check()
    const { deadline } = limits
    const pauseAt = limits.hasSignal ? performance.now() + sliceMs : Number.POSITIVE_INFINITY
    for (;;) {
      const row = iterator.next()
      if (row === undefined) return true
      take(row)
      const now = performance.now()
      if (now >= deadline) limits.timeOut()
      if (now >= pauseAt) return false
    }
  } catch (error) {
    iterator.return()
    throw error
  }
}
