import type { Clock } from './clock.ts'
import type { IdleConnections } from './idle-connections.ts'
import { type Member, type Need, needOf, nextNeedAt, type UpkeepLimits } from './member.ts'

/** What the pool does for a connection that needs something. */
export interface UpkeepHost<S> {
  /** Whether there are more connections than the pool must keep. */
  spare(): boolean
  care(member: Member<S>, need: Exclude<Need, 'nothing'>): void
}

/**
 * Pings, reaps and replaces idle connections when their time comes.
 *
 * One timer serves them all, set for the first need. On its way in and out of the pool a
 * connection almost never sets it anew: those that were idle before it need something earlier.
 */
export class Upkeep<S> {
  readonly #clock: Clock
  readonly #limits: UpkeepLimits
  readonly #idle: IdleConnections<S>
  readonly #host: UpkeepHost<S>
  #timer: unknown
  /** When the timer fires. */
  #at = Number.POSITIVE_INFINITY
  #looking = false

  constructor(clock: Clock, limits: UpkeepLimits, idle: IdleConnections<S>, host: UpkeepHost<S>) {
    this.#clock = clock
    this.#limits = limits
    this.#idle = idle
    this.#host = host
  }

  /** A connection became idle. */
  parked(member: Member<S>): void {
    if (this.#looking) return
    const at = nextNeedAt(member, this.#limits, this.#host.spare())
    if (at < this.#at) this.#set(at)
  }

  stop(): void {
    this.#clock.clearTimeout(this.#timer)
    this.#at = Number.POSITIVE_INFINITY
  }

  #set(at: number): void {
    this.#clock.clearTimeout(this.#timer)
    this.#at = at
    // A need further away than a timer reaches is looked at on the way.
    const delayMs = Math.min(Math.max(1, at - this.#clock.now()), 2_147_483_647)
    this.#timer = this.#clock.setTimeout(() => this.#look(), delayMs)
  }

  #look(): void {
    this.#at = Number.POSITIVE_INFINITY
    this.#looking = true
    const now = this.#clock.now()
    for (const member of this.#idle) {
      if (member.state !== 'idle') continue
      const need = needOf(member, this.#limits, now, this.#host.spare())
      if (need !== 'nothing') this.#host.care(member, need)
    }
    this.#looking = false
    const spare = this.#host.spare()
    let at = Number.POSITIVE_INFINITY
    for (const member of this.#idle) at = Math.min(at, nextNeedAt(member, this.#limits, spare))
    if (at < Number.POSITIVE_INFINITY) this.#set(at)
  }
}
