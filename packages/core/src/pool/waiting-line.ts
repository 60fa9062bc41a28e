import type { Clock } from './clock.ts'
import type { CapturedStack } from './held-stack.ts'
import type { PoolOptions } from './options.ts'
import { Overload } from './overload.ts'
import {
  aborted,
  deadlinePassed,
  overloaded,
  queueFull,
  queueTimeout,
  type Situation,
} from './refusals.ts'
import { type GaveUp, type Wait, Waiter } from './waiter.ts'
import { WaiterQueue } from './waiter-queue.ts'

/** What the line asks of the pool and tells it. */
export interface WaitingLineHost {
  situation(now: number): Situation
  shed(waitedMs: number): void
  /** Callers wait and nobody was served for a whole `queueIntervalMs`; once until one is. */
  starved(stalledMs: number): void
}

/**
 * The callers who wait, and who of them is refused: by the caller's own limits, by the queue's, or
 * because the pool is overloaded.
 */
export class WaitingLine<T> {
  readonly #clock: Clock
  readonly #options: PoolOptions
  readonly #host: WaitingLineHost
  readonly #queue = new WaiterQueue<Waiter<T>>()
  readonly #overload: Overload
  #watch: unknown
  /** When somebody was last served, or the line began. */
  #progressAt = 0
  #starvationTold = false

  constructor(clock: Clock, options: PoolOptions, host: WaitingLineHost) {
    this.#clock = clock
    this.#options = options
    this.#host = host
    this.#overload = new Overload(options)
  }

  get length(): number {
    return this.#queue.length
  }

  /** Stands at the end of the line, or throws that it is full. */
  join(now: number, wait: Wait, stack: CapturedStack | undefined): Waiter<T> {
    this.#overload.arrived()
    if (this.#queue.length >= this.#options.maxQueueLength) {
      throw queueFull(this.#options, this.#host.situation(now))
    }
    if (this.#queue.length === 0) {
      this.#progressAt = now
      this.#starvationTold = false
    }
    const waiter = new Waiter<T>(now, wait, stack, this.#giveUp)
    this.#queue.push(waiter)
    return waiter
  }

  /** Takes the first who is to be served; refuses those before who are not. */
  next(now: number): Waiter<T> | undefined {
    for (;;) {
      const first = this.#queue.first
      if (first === undefined) return undefined
      if (first.deadline !== undefined && first.deadline <= now) {
        this.#giveUp(first, 'deadline')
      } else if (this.#overload.sheds(now, now - first.since, this.#queue.length)) {
        this.#shed(first, now)
      } else {
        this.#queue.remove(first)
        this.#progressAt = now
        this.#starvationTold = false
        this.#overload.served()
        return first
      }
    }
  }

  /** A lease of this length has ended: what the overload's judgement of progress rests on. */
  leaseEnded(leaseMs: number): void {
    this.#overload.leaseEnded(leaseMs)
    if (this.#queue.length === 0) this.#overload.calm()
  }

  /** Refuses everybody; `error` makes an error for each. */
  refuseAll(error: () => unknown): void {
    for (;;) {
      const waiter = this.#queue.shift()
      if (waiter === undefined) return
      waiter.reject(error())
    }
  }

  /**
   * Looks at the line from time to time while there is one: a line that nothing moves has no other
   * occasion to refuse anybody.
   */
  watch(): void {
    if (this.#watch !== undefined || this.#queue.length === 0) return
    const { queueTargetMs, queueIntervalMs } = this.#options
    const everyMs = queueTargetMs === 0 ? queueIntervalMs : Math.min(queueTargetMs, queueIntervalMs)
    this.#watch = this.#clock.setTimeout(() => {
      this.#watch = undefined
      this.#look(this.#clock.now())
      this.watch()
    }, everyMs)
  }

  stop(): void {
    this.#clock.clearTimeout(this.#watch)
    this.#watch = undefined
  }

  #look(now: number): void {
    for (;;) {
      const first = this.#queue.first
      if (first === undefined) return
      const delayMs = now - first.since
      // A young first waiter does not show that the line is short: it was not served.
      if (delayMs < this.#options.queueTargetMs) break
      if (!this.#overload.sheds(now, delayMs, this.#queue.length)) break
      this.#shed(first, now)
    }
    const stalledMs = now - this.#progressAt
    if (this.#starvationTold || stalledMs < this.#options.queueIntervalMs) return
    this.#starvationTold = true
    this.#host.starved(stalledMs)
  }

  #shed(waiter: Waiter<T>, now: number): void {
    const waitedMs = now - waiter.since
    const error = overloaded(this.#options, this.#host.situation(now), waitedMs)
    this.#queue.remove(waiter)
    waiter.reject(error)
    this.#host.shed(waitedMs)
  }

  readonly #giveUp = (waiter: Waiter<T>, why: GaveUp): void => {
    const now = this.#clock.now()
    const error = this.#gaveUp(waiter, why, now)
    if (!this.#queue.remove(waiter)) return
    if (this.#queue.length === 0) this.#overload.calm()
    waiter.reject(error)
  }

  #gaveUp(waiter: Waiter<T>, why: GaveUp, now: number): Error {
    if (why === 'aborted') return aborted(waiter.signal)
    const situation = this.#host.situation(now)
    return why === 'deadline'
      ? deadlinePassed(this.#options, situation, now - waiter.since)
      : queueTimeout(this.#options, situation)
  }
}
