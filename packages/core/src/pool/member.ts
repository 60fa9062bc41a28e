import type { Connection } from '../contract/index.ts'
import type { CapturedStack } from './held-stack.ts'

/** Why a connection left the pool. */
export type CloseReason =
  /** Idle for `idleTimeoutMs`. */
  | 'idle'
  /** Reached its share of `maxLifetimeMs`. */
  | 'expired'
  /** Its lease ended with `discard`. */
  | 'discarded'
  /** It had to be reset and could not be. */
  | 'reset_failed'
  /** It did not answer a ping. */
  | 'ping_failed'
  /** The session ended unasked. */
  | 'lost'
  /** The pool was closed. */
  | 'pool_closed'

/**
 * One open connection of a pool.
 *
 * `idle`: ready to be lent. `leased`: a lease has it. `busy`: pinged or reset. `gone`: out of the
 * pool for good; whoever still holds it gives it back to nobody.
 */
export interface Member<S> {
  readonly connection: Connection
  readonly session: S
  readonly openedAt: number
  /** When it is replaced; `Infinity` for never. */
  readonly expiresAt: number
  state: 'idle' | 'leased' | 'busy' | 'gone'
  /** When it last showed that it is alive. */
  aliveAt: number
  /** When it was last given back. */
  idleSince: number
  /** Until when it may be lent without a look: its expiry or its next ping. */
  readyUntil: number
  /** Whether the connection keeps the process alive. */
  referenced: boolean
  /** Set when the session ended unasked while it was not idle. */
  lost: boolean
  heldSince: number
  heldStack: CapturedStack | undefined
  leakReported: boolean
}

/** What an idle connection needs now. */
export type Need = 'nothing' | 'ping' | 'expire' | 'reap'

/** The options that decide it. */
export interface UpkeepLimits {
  readonly idleTimeoutMs: number
  readonly pingIntervalMs: number
}

const never = Number.POSITIVE_INFINITY
const orNever = (ms: number): number => (ms === 0 ? never : ms)

/** Until when a connection that was alive at `aliveAt` may be lent without a look. */
export function readyUntil(
  member: Pick<Member<unknown>, 'aliveAt' | 'expiresAt'>,
  limits: UpkeepLimits,
): number {
  return Math.min(member.expiresAt, member.aliveAt + orNever(limits.pingIntervalMs))
}

/** What an idle connection needs at `now`. `spare`: the pool has more than it must keep. */
export function needOf(
  member: Pick<Member<unknown>, 'aliveAt' | 'expiresAt' | 'idleSince'>,
  limits: UpkeepLimits,
  now: number,
  spare: boolean,
): Need {
  if (now >= member.expiresAt) return 'expire'
  if (spare && now >= member.idleSince + orNever(limits.idleTimeoutMs)) return 'reap'
  if (now >= member.aliveAt + orNever(limits.pingIntervalMs)) return 'ping'
  return 'nothing'
}

/** When an idle connection needs something next; `Infinity` for never. */
export function nextNeedAt(
  member: Pick<Member<unknown>, 'idleSince' | 'readyUntil'>,
  limits: UpkeepLimits,
  spare: boolean,
): number {
  const reapAt = spare ? member.idleSince + orNever(limits.idleTimeoutMs) : never
  return Math.min(member.readyUntil, reapAt)
}
