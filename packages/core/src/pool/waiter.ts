import type { MaybePromise } from '../contract/index.ts'
import type { Clock } from './clock.ts'
import type { CapturedStack } from './held-stack.ts'
import type { Queued } from './waiter-queue.ts'

/** How long a caller waits for a connection. */
export interface Wait {
  /** Gives up when it fires. */
  readonly signal?: AbortSignal | undefined
  /** Gives up at this time, on the pool's clock. */
  readonly deadline?: number | undefined
  /** Whether a connection that others use at the same time will do; see `Pool.share`. Default false. */
  readonly shared?: boolean | undefined
}

/** Why a wait ended without a connection. */
export type GaveUp = 'aborted' | 'deadline' | 'queue_wait'

/**
 * One caller in the queue. It is settled once, and with that its timer and its listener are gone.
 * It may be settled before anybody asks for the answer: then the answer comes without a promise.
 */
export class Waiter<T> implements Queued<Waiter<T>> {
  queuedIn: object | undefined = undefined
  previous: Waiter<T> | undefined = undefined
  next: Waiter<T> | undefined = undefined
  readonly since: number
  readonly deadline: number | undefined
  readonly signal: AbortSignal | undefined
  readonly shared: boolean
  /** Where checkout was called, if this one is sampled for the leak report. */
  readonly stack: CapturedStack | undefined
  #settled: { readonly value: T } | { readonly error: unknown } | undefined
  #resolve: ((value: T) => void) | undefined
  #reject: ((error: unknown) => void) | undefined
  #release: (() => void) | undefined
  readonly #giveUp: (waiter: Waiter<T>, why: GaveUp) => void

  /** @param giveUp called once when a limit of the wait is reached; it rejects the waiter */
  constructor(
    since: number,
    wait: Wait,
    stack: CapturedStack | undefined,
    giveUp: (waiter: Waiter<T>, why: GaveUp) => void,
  ) {
    this.since = since
    this.#giveUp = giveUp
    this.deadline = wait.deadline
    this.signal = wait.signal
    this.shared = wait.shared ?? false
    this.stack = stack
  }

  /**
   * The answer: at once if it is there, else a promise, with the caller's own limits in force. A
   * deadline beyond `queueUntil` gets no timer: the queue's own limit comes first.
   */
  answer(clock: Clock, queueUntil: number): MaybePromise<T> {
    const settled = this.#settled
    if (settled !== undefined) {
      if ('error' in settled) throw settled.error
      return settled.value
    }
    const promise = new Promise<T>((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
    })
    const { deadline, signal } = this
    const timer =
      deadline !== undefined && deadline <= queueUntil
        ? clock.setTimeout(() => this.#giveUp(this, 'deadline'), deadline - clock.now(), true)
        : undefined
    const onAbort = signal === undefined ? undefined : () => this.#giveUp(this, 'aborted')
    if (onAbort !== undefined) signal?.addEventListener('abort', onAbort, { once: true })
    if (timer === undefined && onAbort === undefined) return promise
    this.#release = () => {
      clock.clearTimeout(timer)
      if (onAbort !== undefined) signal?.removeEventListener('abort', onAbort)
    }
    return promise
  }

  resolve(value: T): void {
    if (!this.#settle({ value })) return
    this.#resolve?.(value)
  }

  reject(error: unknown): void {
    if (!this.#settle({ error })) return
    this.#reject?.(error)
  }

  #settle(outcome: { readonly value: T } | { readonly error: unknown }): boolean {
    if (this.#settled !== undefined) return false
    this.#settled = outcome
    this.#release?.()
    return true
  }
}
