import { type AbortError, TimeoutError } from '../errors/index.ts'
import { systemClock } from '../pool/index.ts'
import { aborted } from './call.ts'

/** What ends a wait: a signal, or a time on the clock of `performance.now()`. */
export interface Limits {
  readonly signal: AbortSignal | undefined
  readonly deadline: number | undefined
}

/** Milliseconds until the deadline; `otherwise` where there is none. */
export function msLeft(limits: Limits, otherwise = Number.POSITIVE_INFINITY): number {
  return limits.deadline === undefined
    ? otherwise
    : Math.max(0, limits.deadline - performance.now())
}

/**
 * What a wait rejects with that a limit ended. `error` is to be called where the wait was awaited,
 * because an error made in a timer or a listener has nobody's stack.
 */
export class GivenUp {
  readonly error: () => AbortError | TimeoutError

  constructor(error: () => AbortError | TimeoutError) {
    this.error = error
  }
}

/**
 * Passes on what comes of `pending`, or rejects with {@link GivenUp} as soon as the signal fires or
 * `leftMs` are over. `late` is the message then; `gaveUp` is called before the rejection.
 */
export function withinLimits<T>(
  pending: PromiseLike<T>,
  signal: AbortSignal | undefined,
  leftMs: number,
  late: string,
  gaveUp?: () => void,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const end = (): void => {
      systemClock.clearTimeout(timer)
      signal?.removeEventListener('abort', onAbort)
    }
    const giveUp = (error: () => AbortError | TimeoutError): void => {
      end()
      gaveUp?.()
      reject(new GivenUp(error))
    }
    const onAbort = (): void => giveUp(() => aborted(signal as AbortSignal))
    const timer =
      leftMs === Number.POSITIVE_INFINITY
        ? undefined
        : systemClock.setTimeout(
            () => giveUp(() => new TimeoutError('execute', late)),
            leftMs,
            true,
          )
    signal?.addEventListener('abort', onAbort, { once: true })
    pending.then(
      (value) => {
        end()
        resolve(value)
      },
      (error) => {
        end()
        reject(error)
      },
    )
    if (signal?.aborted) onAbort()
  })
}

/** The error that a caller gets: that of the limit, where one was reached. */
export function raised(error: unknown): unknown {
  return error instanceof GivenUp ? error.error() : error
}
