import type { MaybePromise, Result, Topology } from '../contract/index.ts'
import { MisuseError } from '../errors/index.ts'

/** What a connection is for; `any` unless the topology is `writer-readers`. */
export type PoolRole = 'any' | 'writer' | 'reader'

/** A connection that was just opened, lent to {@link PoolOptions.onConnect} until that ends. */
export interface OnConnectHandle {
  readonly role: PoolRole
  /** Runs one statement. `parameters` are the driver's own values, in order. Default none. */
  execute(sql: string, parameters?: readonly unknown[]): MaybePromise<Result>
}

/**
 * How a pool behaves. Durations are milliseconds. Made by {@link parsePoolOptions}, which also
 * gives the defaults.
 */
export interface PoolOptions {
  /** Most connections at a time, closing ones included. Default 10; 1 for a `single` topology and for a writer. */
  readonly size: number
  /** Connections kept open though nobody uses them; opened at once. Default 0. */
  readonly minIdle: number
  /** Most callers that wait; the next is refused with `POOL_QUEUE_FULL`. Default 10,000. */
  readonly maxQueueLength: number
  /** Longest wait; then `POOL_QUEUE_TIMEOUT`. Default 30,000. */
  readonly maxQueueWaitMs: number
  /**
   * The queue delay that is no overload. Under a standing overload, waiters older than twice this
   * are refused with `POOL_OVERLOADED`. 0 never sheds. Default 50.
   */
  readonly queueTargetMs: number
  /** For how long the delay must stay above the target, and the queue grow, to be an overload. Default 2,000. */
  readonly queueIntervalMs: number
  /** An idle connection above `minIdle` is closed after this. 0 never. Default 600,000. */
  readonly idleTimeoutMs: number
  /** An idle connection is pinged when it was silent for this long. 0 never. Default 30,000. */
  readonly pingIntervalMs: number
  /**
   * A connection is replaced at this age, each up to a fifth earlier by chance, so that a pool
   * never expires as one. 0 never. Default 1,800,000.
   */
  readonly maxLifetimeMs: number
  /**
   * Limit of opening a connection, authentication and `onConnect` included, and of a ping or a
   * reset. Default 10,000.
   */
  readonly connectTimeoutMs: number
  /** Connections opened at the same time. Default 4. */
  readonly maxConcurrentConnects: number
  /** Pause after the first failed connect; doubled by chance with each further one. Default 100. */
  readonly backoffMinMs: number
  /** Longest pause between failing connects, and so the longest that a caller waits for the next. Default 5,000. */
  readonly backoffMaxMs: number
  /** Whether a connection is reset only when it was changed, or after every lease. Default `changed`. */
  readonly resetOnCheckin: 'changed' | 'always'
  /** A lease held longer is reported once, with its holder's stack. 0 never. Default 60,000. */
  readonly leakThresholdMs: number
  /**
   * The share of checkouts, 0 to 1, whose stack is captured for that report; a capture costs a few
   * microseconds. Default 0.01.
   */
  readonly leakSampleRate: number
  /** How long `close` waits for leases before it closes their connections. Default 15,000. */
  readonly drainTimeoutMs: number
  /** Prepares a new connection, and one that was reset. A failure fails the connect. */
  readonly onConnect?: ((connection: OnConnectHandle) => MaybePromise<void>) | undefined
}

/** {@link PoolOptions} as a caller gives them: each may be left out. */
export type PoolOptionsInput = {
  readonly [name in keyof PoolOptions]?: PoolOptions[name] | undefined
}

/** The longest delay of a timer, about 24.8 days. */
const longestMs = 2_147_483_647

type Check = (name: string, value: unknown) => void

const integer =
  (least: number, most: number): Check =>
  (name, value) => {
    if (Number.isInteger(value) && (value as number) >= least && (value as number) <= most) return
    throw invalid(name, `a whole number from ${least} to ${most}`, value)
  }
const duration = (least: 0 | 1): Check => integer(least, longestMs)

const rules: { readonly [name in keyof PoolOptions]-?: readonly [unknown, Check] } = {
  size: [10, integer(1, 10_000)],
  minIdle: [0, integer(0, 10_000)],
  maxQueueLength: [10_000, integer(1, 10_000_000)],
  maxQueueWaitMs: [30_000, duration(1)],
  queueTargetMs: [50, duration(0)],
  queueIntervalMs: [2_000, duration(1)],
  idleTimeoutMs: [600_000, duration(0)],
  pingIntervalMs: [30_000, duration(0)],
  maxLifetimeMs: [1_800_000, duration(0)],
  connectTimeoutMs: [10_000, duration(1)],
  maxConcurrentConnects: [4, integer(1, 10_000)],
  backoffMinMs: [100, duration(1)],
  backoffMaxMs: [5_000, duration(1)],
  resetOnCheckin: [
    'changed',
    (name, value) => {
      if (value !== 'changed' && value !== 'always')
        throw invalid(name, `'changed' or 'always'`, value)
    },
  ],
  leakThresholdMs: [60_000, duration(0)],
  leakSampleRate: [
    0.01,
    (name, value) => {
      if (typeof value === 'number' && value >= 0 && value <= 1) return
      throw invalid(name, 'a number from 0 to 1', value)
    },
  ],
  drainTimeoutMs: [15_000, duration(0)],
  onConnect: [
    undefined,
    (name, value) => {
      if (typeof value !== 'function') throw invalid(name, 'a function', value)
    },
  ],
}

/** What other pools call the same thing. */
const otherNames: { readonly [name: string]: keyof PoolOptions } = {
  max: 'size',
  min: 'minIdle',
  poolSize: 'size',
  maxSize: 'size',
  maxConnections: 'size',
  connectionLimit: 'size',
  queueLimit: 'maxQueueLength',
  idleTimeout: 'idleTimeoutMs',
  idleTimeoutMillis: 'idleTimeoutMs',
  idle_timeout: 'idleTimeoutMs',
  maxLifetime: 'maxLifetimeMs',
  maxLifetimeSeconds: 'maxLifetimeMs',
  max_lifetime: 'maxLifetimeMs',
  connectTimeout: 'connectTimeoutMs',
  connect_timeout: 'connectTimeoutMs',
  connectionTimeoutMillis: 'maxQueueWaitMs',
  acquireTimeoutMillis: 'maxQueueWaitMs',
  afterCreate: 'onConnect',
  after_connect: 'onConnect',
  queueTarget: 'queueTargetMs',
  queueInterval: 'queueIntervalMs',
}

/**
 * Checks pool options and fills in the defaults; `undefined` counts as left out. The answer is
 * frozen.
 *
 * @throws MisuseError `UNKNOWN_OPTION` for a name that is no option, `OPTION_INVALID` for a value
 * that does not fit.
 */
export function parsePoolOptions(input?: unknown): PoolOptions {
  if (input === undefined) input = {}
  if (typeof input !== 'object' || input === null || Array.isArray(input)) {
    throw new MisuseError('OPTION_INVALID', 'pool must be an object of options')
  }
  const options: Record<string, unknown> = {}
  for (const [name, [value]] of Object.entries(rules)) options[name] = value
  for (const [name, value] of Object.entries(input)) {
    if (!Object.hasOwn(rules, name)) throw unknown(name)
    if (value === undefined) continue
    rules[name as keyof PoolOptions][1](`pool.${name}`, value)
    options[name] = value
  }
  const parsed = options as unknown as PoolOptions
  if (parsed.minIdle > parsed.size) {
    throw invalid('pool.minIdle', `at most size (${parsed.size})`, parsed.minIdle)
  }
  if (parsed.backoffMaxMs < parsed.backoffMinMs) {
    throw invalid(
      'pool.backoffMaxMs',
      `at least backoffMinMs (${parsed.backoffMinMs})`,
      parsed.backoffMaxMs,
    )
  }
  return Object.freeze(parsed)
}

/**
 * The options that a topology leaves room for. A `single` database lives in its one connection, so
 * that is neither doubled nor closed for its age; a writer is one.
 */
export function optionsFor(options: PoolOptions, topology: Topology, role: PoolRole): PoolOptions {
  if (topology === 'single') {
    return Object.freeze({ ...options, size: 1, minIdle: 0, idleTimeoutMs: 0, maxLifetimeMs: 0 })
  }
  if (role === 'writer') {
    return Object.freeze({ ...options, size: 1, minIdle: Math.min(1, options.minIdle) })
  }
  return options
}

function unknown(name: string): MisuseError {
  const meant = Object.hasOwn(otherNames, name) ? ` Here it is called ${otherNames[name]}.` : ''
  return new MisuseError(
    'UNKNOWN_OPTION',
    `pool.${name} is not an option.${meant} The options are ${Object.keys(rules).sort().join(', ')}.`,
  )
}

function invalid(name: string, wanted: string, value: unknown): MisuseError {
  const got = typeof value === 'number' ? String(value) : typeof value
  return new MisuseError('OPTION_INVALID', `${name} must be ${wanted}, not ${got}.`)
}
