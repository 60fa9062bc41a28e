/**
 * When a queue is an overload and who is shed, as functions of plain values.
 *
 * After CoDel (Nichols and Jacobson, "Controlling Queue Delay", 2012; RFC 8289), which tells a
 * queue that absorbs a burst from one that only adds delay by the smallest delay of an interval,
 * and after db_connection's use of it for pools. Two things are added. A burst leaves a long queue
 * too, so the smallest delay alone would shed callers whom the pool serves a moment later: here the
 * queue must also have grown through the whole interval. And an interval shorter than a lease says
 * nothing about progress, so it is stretched for slow work.
 */

/** The two numbers of CoDel, in milliseconds. */
export interface QueueLimits {
  readonly queueTargetMs: number
  readonly queueIntervalMs: number
}

/** What has been seen of the queue. */
export interface QueueState {
  /** When the present half of the interval began; undefined while the delay is below the target. */
  readonly since: number | undefined
  /** Who came and who was served since then. */
  readonly arrived: number
  readonly served: number
  /** Whether the queue grew in the half before. */
  readonly grew: boolean
  /** Whether somebody was shed since the last one was served: then the next one's delay says nothing. */
  readonly shed: boolean
  /** When shedding last ended; `-Infinity` for never. */
  readonly shedAt: number
  /** Whether the queue was short or empty since, too soon after shedding to be believed. */
  readonly doubtful: boolean
  readonly overloaded: boolean
}

/** A queue that is no burden. */
export const calm: QueueState = Object.freeze({
  since: undefined,
  arrived: 0,
  served: 0,
  grew: false,
  shed: false,
  shedAt: Number.NEGATIVE_INFINITY,
  doubtful: false,
  overloaded: false,
})

/** Somebody came to wait, or was refused because the queue is full. */
export function onArrival(state: QueueState): QueueState {
  return state.since === undefined ? state : { ...state, arrived: state.arrived + 1 }
}

/** Somebody was served. */
export function onServed(state: QueueState): QueueState {
  return state.since === undefined ? state : { ...state, served: state.served + 1, shed: false }
}

/**
 * Somebody was shed.
 *
 * @param now the time after the refusal, not that of the look at the queue: refusing a thousand
 * callers takes its time
 */
export function onShed(state: QueueState, now: number): QueueState {
  return { ...state, shed: true, shedAt: now }
}

/**
 * Nobody waits, or the first has waited less than the target: the overload is over.
 *
 * Unless somebody was shed just before. Shedding empties the queue, and while thousands are refused
 * nobody can come: then the overload goes on if the delay is back at the target soon.
 */
export function onCalm(state: QueueState, limits: QueueLimits, now: number): QueueState {
  return isDoubtful(state, limits, now) ? { ...state, doubtful: true } : calm
}

/** Whether a short queue says nothing yet: as long as a waiter may wait in an overload. */
function isDoubtful(state: QueueState, limits: QueueLimits, now: number): boolean {
  return state.overloaded && now - state.shedAt < 2 * limits.queueTargetMs
}

/**
 * The first waiter was looked at, to serve it or because time passed.
 *
 * @param delayMs how long it has waited
 * @param leaseMs how long a lease usually lasts; undefined when none has ended yet, and then
 * nothing can be said about progress
 */
export function onDelay(
  state: QueueState,
  limits: QueueLimits,
  now: number,
  delayMs: number,
  leaseMs: number | undefined,
): QueueState {
  if (state.doubtful && !isDoubtful(state, limits, now)) state = calm
  if (delayMs < limits.queueTargetMs && !state.shed) return onCalm(state, limits, now)
  if (state.doubtful) state = { ...state, doubtful: false }
  if (state.since === undefined) return { ...calm, since: now }
  if (leaseMs === undefined) return state
  if (now - state.since < Math.max(limits.queueIntervalMs / 2, leaseMs)) return state
  const grew = state.arrived > state.served
  const overloaded = grew && (state.grew || state.overloaded)
  const shed = state.shed && overloaded
  return { ...state, since: now, arrived: 0, served: 0, grew, shed, overloaded }
}

/**
 * Whether the first waiter is to be shed. The last one of the queue never is: whoever is left is
 * worth serving, or the connection would stand idle in the middle of an overload.
 */
export function isShed(
  state: QueueState,
  limits: QueueLimits,
  delayMs: number,
  waiting: number,
): boolean {
  return state.overloaded && waiting > 1 && delayMs >= 2 * limits.queueTargetMs
}

/** The usual length of a lease after one more: an average that follows the last dozen or so. */
export function usualLeaseMs(before: number | undefined, leaseMs: number): number {
  return before === undefined ? leaseMs : before + (leaseMs - before) / 8
}
