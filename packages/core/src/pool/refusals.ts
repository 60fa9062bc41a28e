import { AbortError, PoolError, TimeoutError } from '../errors/index.ts'
import type { Holder } from './events.ts'
import type { PoolOptions } from './options.ts'

/** How a pool stands, for a message. */
export interface Situation {
  readonly inUse: number
  readonly connecting: number
  readonly waiting: number
  readonly longestHeldMs: number | undefined
}

/** The queue is full: refused at once. */
export function queueFull(options: PoolOptions, situation: Situation): PoolError {
  return new PoolError(
    'POOL_QUEUE_FULL',
    `the pool's queue is full: as many callers wait as maxQueueLength (${options.maxQueueLength}) allows; ${describe(options, situation)}. ${advice} or raise maxQueueLength.`,
  )
}

/** Waited as long as the pool lets anybody wait. */
export function queueTimeout(options: PoolOptions, situation: Situation): PoolError {
  return new PoolError(
    'POOL_QUEUE_TIMEOUT',
    `no connection became free within maxQueueWaitMs (${ms(options.maxQueueWaitMs)}); ${describe(options, situation)}. ${advice} or raise maxQueueWaitMs.`,
  )
}

/** Shed by queue delay. */
export function overloaded(
  options: PoolOptions,
  situation: Situation,
  waitedMs: number,
): PoolError {
  return new PoolError(
    'POOL_OVERLOADED',
    `the pool is overloaded: for queueIntervalMs (${ms(options.queueIntervalMs)}) more callers came than could be served and nobody waited less than queueTargetMs (${ms(options.queueTargetMs)}), so this one was refused after ${ms(waitedMs)}; ${describe(options, situation)}. ${advice} or send less at a time.`,
  )
}

/** The caller's own limit. */
export function deadlinePassed(
  options: PoolOptions,
  situation: Situation,
  waitedMs: number,
): TimeoutError {
  return new TimeoutError(
    'queue',
    `timeoutMs passed after ${ms(waitedMs)} of waiting for a connection; nothing was sent; ${describe(options, situation)}.`,
  )
}

/** The caller's own signal. */
export function aborted(signal: AbortSignal | undefined): AbortError {
  return new AbortError(
    'the signal fired before a connection was lent; nothing was sent',
    signal?.reason,
  )
}

/** The pool is closed, or about to be. */
export function closed(): PoolError {
  return new PoolError('POOL_CLOSED', 'the pool is closed; nothing was sent')
}

/** Leases outlived the end of the pool. */
export function drainTimeout(limitMs: number, holders: readonly Holder[]): PoolError {
  const list = holders.map(
    (holder) =>
      `\n  held for ${ms(holder.heldMs)}${
        holder.stack === undefined
          ? ' by a caller whose stack was not captured (see leakSampleRate)'
          : ` by\n${holder.stack}`
      }`,
  )
  return new PoolError(
    'POOL_DRAIN_TIMEOUT',
    `${holders.length} of the pool's connections were not given back within drainTimeoutMs (${ms(limitMs)}), so they were closed under their holders. Await what uses the pool before you close it, or raise drainTimeoutMs.${list.join('')}`,
  )
}

const advice = 'Give connections back sooner, raise size,'

function describe(options: PoolOptions, situation: Situation): string {
  const held =
    situation.longestHeldMs === undefined
      ? ''
      : `, the longest lease held for ${ms(situation.longestHeldMs)}`
  const connecting = situation.connecting === 0 ? '' : `, ${situation.connecting} connecting`
  return `size ${options.size}, ${situation.inUse} in use${connecting}, ${situation.waiting} waiting${held}`
}

function ms(duration: number): string {
  return `${Math.round(duration)} ms`
}
