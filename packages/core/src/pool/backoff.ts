/** The shortest and the longest pause between failing connects. */
export interface BackoffLimits {
  readonly backoffMinMs: number
  readonly backoffMaxMs: number
}

/**
 * How long to wait after the `failures`-th failure in a row, counted from 1: random within the
 * upper half of a range that doubles with each failure, so that many pools that lost the same
 * server do not come back as one. Never less than the minimum, never more than the maximum.
 *
 * @param random a number from 0 up to 1
 */
export function backoffMs(limits: BackoffLimits, failures: number, random: number): number {
  const ceiling = Math.min(limits.backoffMaxMs, limits.backoffMinMs * 2 ** Math.min(failures, 30))
  const floor = Math.max(limits.backoffMinMs, ceiling / 2)
  return Math.round(floor + (ceiling - floor) * random)
}

/**
 * The age at which a connection is replaced: the limit less up to a fifth of it, so that
 * connections opened together do not expire together. `Infinity` where the limit is 0.
 *
 * @param random a number from 0 up to 1
 */
export function lifetimeMs(maxLifetimeMs: number, random: number): number {
  return maxLifetimeMs === 0 ? Number.POSITIVE_INFINITY : maxLifetimeMs * (1 - random / 5)
}
