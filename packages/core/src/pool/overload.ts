import {
  calm,
  isShed,
  onArrival,
  onCalm,
  onDelay,
  onServed,
  onShed,
  type QueueLimits,
  type QueueState,
  usualLeaseMs,
} from './queue-policy.ts'

/** One pool's view of its queue: keeps what {@link onDelay} and the rest decide by. */
export class Overload {
  readonly #limits: QueueLimits
  #state: QueueState = calm
  #leaseMs: number | undefined

  constructor(limits: QueueLimits) {
    this.#limits = limits
  }

  arrived(): void {
    this.#state = onArrival(this.#state)
  }

  served(): void {
    this.#state = onServed(this.#state)
  }

  /** Nobody waits. */
  calm(now: number): void {
    this.#state = onCalm(this.#state, this.#limits, now)
  }

  leaseEnded(leaseMs: number): void {
    this.#leaseMs = usualLeaseMs(this.#leaseMs, leaseMs)
  }

  /** Looks at the first waiter; answers whether it is to be shed: then `shed` must follow. */
  sheds(now: number, delayMs: number, waiting: number): boolean {
    if (this.#limits.queueTargetMs === 0) return false
    this.#state = onDelay(this.#state, this.#limits, now, delayMs, this.#leaseMs)
    return isShed(this.#state, this.#limits, delayMs, waiting)
  }

  /** The first waiter was refused. */
  shed(now: number): void {
    this.#state = onShed(this.#state, now)
  }
}
