import type { Clock } from './clock.ts'

/** The end of a pool: one answer for everybody who asks for it, and the limit of its patience. */
export class Closing {
  readonly promise: Promise<void>
  readonly #clock: Clock
  readonly #cut: (limitMs: number) => void
  #resolve!: () => void
  #reject!: (error: unknown) => void
  #error: Error | undefined
  #timer: unknown
  #until = Number.POSITIVE_INFINITY
  #over = false

  /** @param cut called once when the patience is over */
  constructor(clock: Clock, cut: (limitMs: number) => void) {
    this.#clock = clock
    this.#cut = cut
    this.promise = new Promise((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
    })
  }

  /** Waits no longer than this from now; a longer limit than one already set changes nothing. */
  within(limitMs: number): void {
    const until = this.#clock.now() + limitMs
    if (this.#over || until >= this.#until) return
    this.#until = until
    this.#clock.clearTimeout(this.#timer)
    if (limitMs <= 0) this.#cut(limitMs)
    else this.#timer = this.#clock.setTimeout(() => this.#cut(limitMs), limitMs, true)
  }

  /** The answer will be this error. */
  failWith(error: Error): void {
    this.#error ??= error
  }

  /** Answers. Only the first call counts. */
  finish(): void {
    if (this.#over) return
    this.#over = true
    this.#clock.clearTimeout(this.#timer)
    if (this.#error === undefined) this.#resolve()
    else this.#reject(this.#error)
  }
}
