import type { MaybePromise } from '../contract/index.ts'
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
  /** Ends the wait of the first at `maxQueueWaitMs`; keeps the process alive while somebody waits. */
  #limit: unknown
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

  /**
   * Takes the first who is to be served; refuses those before who are not. `sharing`: only if the
   * first is content with a shared connection.
   */
  next(now: number, sharing = false): Waiter<T> | undefined {
    for (;;) {
      const first = this.#queue.first
      if (first === undefined || (sharing && !first.shared)) return undefined
      if (first.deadline !== undefined && first.deadline <= now) {
        this.#giveUp(first, 'deadline')
      } else if (this.#overload.sheds(now, now - first.since, this.#queue.length)) {
        this.#shed(first, now)
      } else {
        this.#leave(first)
        this.#progressAt = now
        this.#starvationTold = false
        this.#overload.served()
        return first
      }
    }
  }

  /** A lease of this length has ended: what the overload's judgement of progress rests on. */
  leaseEnded(leaseMs: number, now: number): void {
    this.#overload.leaseEnded(leaseMs)
    if (this.#queue.length === 0) this.#overload.calm(now)
  }

  /** Refuses everybody; `error` makes an error for each. */
  refuseAll(error: () => unknown): void {
    for (;;) {
      const waiter = this.#queue.first
      if (waiter === undefined) return
      this.#leave(waiter)
      waiter.reject(error())
    }
  }

  /**
   * What a waiter of this line answers: at once if it is settled, else when its turn or one of its
   * limits comes.
   */
  answer(waiter: Waiter<T>): MaybePromise<T> {
    return waiter.answer(this.#clock, waiter.since + this.#options.maxQueueWaitMs)
  }

  /** Sets the timers of a line that has somebody in it. */
  watch(): void {
    const first = this.#queue.first
    if (first === undefined) return
    this.#limit ??= this.#limitOf(first)
    this.#watch ??= this.#nextLook()
  }

  stop(): void {
    this.#clock.clearTimeout(this.#watch)
    this.#watch = undefined
  }

  /**
   * All wait equally long at most, so the first is the next to reach the limit, and one timer
   * serves the line. It may fire early, for one who was served meanwhile.
   */
  #limitOf(first: Waiter<T>): unknown {
    const dueMs = first.since + this.#options.maxQueueWaitMs - this.#clock.now()
    return this.#clock.setTimeout(
      () => {
        this.#limit = undefined
        this.#refuseOverdue(this.#clock.now())
        this.watch()
      },
      Math.max(0, dueMs),
      true,
    )
  }

  #refuseOverdue(now: number): void {
    for (;;) {
      const first = this.#queue.first
      if (first === undefined || now < first.since + this.#options.maxQueueWaitMs) return
      this.#giveUp(
        first,
        first.deadline !== undefined && first.deadline <= now ? 'deadline' : 'queue_wait',
      )
    }
  }

  /** A line that nothing moves has no other occasion to refuse anybody, or to tell that it starves. */
  #nextLook(): unknown {
    const { queueTargetMs, queueIntervalMs } = this.#options
    const everyMs = queueTargetMs === 0 ? queueIntervalMs : Math.min(queueTargetMs, queueIntervalMs)
    return this.#clock.setTimeout(() => {
      this.#watch = undefined
      this.#look(this.#clock.now())
      this.watch()
    }, everyMs)
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
    this.#leave(waiter)
    waiter.reject(error)
    this.#overload.shed(this.#clock.now())
    this.#host.shed(waitedMs)
  }

  readonly #giveUp = (waiter: Waiter<T>, why: GaveUp): void => {
    const error = this.#reason(waiter, why)
    this.#leave(waiter)
    if (this.#queue.length === 0) this.#overload.calm(this.#clock.now())
    waiter.reject(error)
  }

  #reason(waiter: Waiter<T>, why: GaveUp): Error {
    if (why === 'aborted') return aborted(waiter.signal)
    const now = this.#clock.now()
    const situation = this.#host.situation(now)
    return why === 'deadline'
      ? deadlinePassed(this.#options, situation, now - waiter.since)
      : queueTimeout(this.#options, situation)
  }

  #leave(waiter: Waiter<T>): void {
    this.#queue.remove(waiter)
    if (this.#queue.length > 0) return
    this.#clock.clearTimeout(this.#limit)
    this.#limit = undefined
  }
}
