import { AbortError, TimeoutError } from '@mortise/core/adapter'

/** What may end one call early: its deadline, its signal, and the runtime's cancel. */
export class CallLimits {
  readonly #deadline: number
  readonly #signal: AbortSignal | undefined
  #cancelled = false
  #wake: (() => void) | undefined

  constructor(signal: AbortSignal | undefined, deadline?: number) {
    this.#signal = signal
    this.#deadline = deadline ?? Number.POSITIVE_INFINITY
  }

  /** Whether the call can be given up while it runs, if it lets the event loop run. */
  get hasSignal(): boolean {
    return this.#signal !== undefined
  }

  /** When the call must be over, on the clock of `performance.now()`; Infinity for never. */
  get deadline(): number {
    return this.#deadline
  }

  /** Gives the call up, and wakes it where it sleeps. */
  cancel(): void {
    this.#cancelled = true
    this.#wake?.()
  }

  /** @throws AbortError, TimeoutError where the call must not go on. */
  check(): void {
    if (this.#cancelled || this.#signal?.aborted === true) {
      throw new AbortError('the call was given up before it was done', this.#signal?.reason)
    }
    if (performance.now() >= this.#deadline) this.timeOut()
  }

  /** @throws TimeoutError */
  timeOut(): never {
    throw new TimeoutError('execute', 'timeoutMs was over before the call was done')
  }

  /** Sleeps, until the call is given up at the latest. */
  sleep(delayMs: number): Promise<void> {
    const signal = this.#signal
    return new Promise((resolve) => {
      const wake = (): void => {
        clearTimeout(timer)
        signal?.removeEventListener('abort', wake)
        this.#wake = undefined
        resolve()
      }
      const timer = setTimeout(wake, delayMs)
      this.#wake = wake
      signal?.addEventListener('abort', wake, { once: true })
      if (signal?.aborted === true) wake()
    })
  }
}
