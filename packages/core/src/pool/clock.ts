import { outsideCaller } from './outside-caller.ts'

/**
 * Where time comes from. Everything in core that waits asks a clock, so that a test can move time
 * by hand.
 */
export interface Clock {
  /** Milliseconds that never go back, on the scale of `performance.now()`. */
  now(): number
  /**
   * Calls `callback` once after `delayMs`. The timer lets the process end unless `keepAlive`:
   * somebody waits for it.
   */
  setTimeout(callback: () => void, delayMs: number, keepAlive?: boolean): unknown
  /** Forgets a timer; does nothing for one that has fired, or for `undefined`. */
  clearTimeout(handle: unknown): void
}

/** Real time. Its timers run outside the async context of whoever set them. */
export const systemClock: Clock = Object.freeze({
  now: () => performance.now(),
  setTimeout(callback: () => void, delayMs: number, keepAlive = false) {
    const timer = outsideCaller(() => setTimeout(callback, delayMs))
    if (!keepAlive) timer.unref()
    return timer
  },
  clearTimeout(handle: unknown) {
    clearTimeout(handle as NodeJS.Timeout | undefined)
  },
})
