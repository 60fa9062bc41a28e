import { AsyncLocalStorage } from 'node:async_hooks'

/**
 * Runs a function outside the async context of whoever caused it.
 *
 * A connection outlives the request that opened it. Made inside the caller's context, its socket
 * would hold that request's `AsyncLocalStorage` values for its whole life and show them to every
 * later request.
 */
export const outsideCaller: <T>(work: () => T) => T = AsyncLocalStorage.snapshot()
