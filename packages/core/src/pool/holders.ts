import type { Clock } from './clock.ts'
import type { Holder, LeakReport } from './events.ts'
import { stackText } from './held-stack.ts'
import type { Member } from './member.ts'

/** How many holders a report names. */
const named = 10

/** Who holds connections now, the longest first. */
export function holdersOf(members: Iterable<Member<unknown>>, now: number): Holder[] {
  return [...members]
    .filter((member) => member.state === 'leased')
    .sort((a, b) => a.heldSince - b.heldSince)
    .slice(0, named)
    .map((member) => ({ heldMs: now - member.heldSince, stack: stackText(member.heldStack) }))
}

/** For how long the longest lease is held, or undefined. */
export function longestHeldMs(members: Iterable<Member<unknown>>, now: number): number | undefined {
  let since: number | undefined
  for (const member of members) {
    if (member.state !== 'leased') continue
    if (since === undefined || member.heldSince < since) since = member.heldSince
  }
  return since === undefined ? undefined : now - since
}

/**
 * Reports each lease once that is held for too long.
 *
 * One timer serves all leases, and a checkout sets it only where it is not set: it fires when the
 * oldest unreported lease may be due.
 */
export class LeakWatch {
  readonly #clock: Clock
  readonly #thresholdMs: number
  readonly #members: Iterable<Member<unknown>>
  readonly #report: (report: LeakReport) => void
  #timer: unknown

  /** @param thresholdMs 0 never reports */
  constructor(
    clock: Clock,
    thresholdMs: number,
    members: Iterable<Member<unknown>>,
    report: (report: LeakReport) => void,
  ) {
    this.#clock = clock
    this.#thresholdMs = thresholdMs
    this.#members = members
    this.#report = report
  }

  /** Something was lent. */
  lent(): void {
    if (this.#timer === undefined && this.#thresholdMs > 0) this.#set(this.#thresholdMs)
  }

  stop(): void {
    this.#clock.clearTimeout(this.#timer)
    this.#timer = undefined
  }

  #set(delayMs: number): void {
    this.#timer = this.#clock.setTimeout(() => this.#look(), delayMs)
  }

  #look(): void {
    this.#timer = undefined
    const now = this.#clock.now()
    let nextMs = Number.POSITIVE_INFINITY
    const leaks: LeakReport[] = []
    for (const member of this.#members) {
      if (member.state !== 'leased' || member.leakReported) continue
      const heldMs = now - member.heldSince
      if (heldMs < this.#thresholdMs) {
        nextMs = Math.min(nextMs, this.#thresholdMs - heldMs)
      } else {
        member.leakReported = true
        leaks.push({ connection: member.connection, heldMs, stack: stackText(member.heldStack) })
      }
    }
    if (nextMs < Number.POSITIVE_INFINITY) this.#set(nextMs)
    for (const leak of leaks) this.#report(leak)
  }
}
