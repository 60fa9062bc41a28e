import { ConnectError } from './connect-error.ts'

/** The end of a connect's time. `clear` gives up its timer. */
export interface ConnectLimit {
  readonly signal: AbortSignal
  clear(): void
}

/** The caller's signal, and `connectTimeoutMs` where it is given: one limit for every phase. */
export function connectLimit(signal: AbortSignal, timeoutMs: number | undefined): ConnectLimit {
  if (timeoutMs === undefined) return { signal, clear: () => {} }
  const controller = new AbortController()
  const timer = setTimeout(() => {
    controller.abort(
      new ConnectError(
        'connection_refused',
        `no connection within the adapter's connectTimeoutMs (connect_timeout), ${timeoutMs} ms, authentication included. Check that the server can be reached, or raise it`,
      ),
    )
  }, timeoutMs)
  return {
    signal: AbortSignal.any([signal, controller.signal]),
    clear: () => clearTimeout(timer),
  }
}

/** Waits for work that knows no signal, no longer than the limit. @throws the signal's reason */
export async function withinLimit<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const over = Promise.withResolvers<never>()
  const onAbort = (): void => over.reject(signal.reason)
  signal.addEventListener('abort', onAbort)
  if (signal.aborted) onAbort()
  try {
    return await Promise.race([work, over.promise])
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}
