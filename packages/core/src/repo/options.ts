import type { Adapter } from '../contract/index.ts'
import { MisuseError } from '../errors/index.ts'
import { type PoolOptions, parsePoolOptions } from '../pool/index.ts'
import { checkTimeout, type StatementCacheLimits } from '../query/index.ts'
import { type LogOption, logSink } from './log.ts'

/** What `createRepo` takes. */
export interface RepoOptions<A extends Adapter = Adapter> {
  /** Made by an adapter package: `sqlite(':memory:')`, `postgres(url)`. */
  readonly adapter: A
  /** The pool; see `PoolOptions`. */
  readonly pool?: Partial<PoolOptions> | undefined
  /**
   * Prepared statements kept on each connection. `size` (default 256; 0 turns the cache off) counts
   * them, `bytes` (default 5 MiB) bounds their SQL text.
   */
  readonly statementCache?: Partial<StatementCacheLimits> | undefined
  /**
   * How long a call without a limit of its own may wait for a connection, and then for its answer.
   * Default 15,000 ms; `Infinity` for no limit.
   */
  readonly timeoutMs?: number | undefined
  /** The schema of every table that names none. */
  readonly prefix?: string | undefined
  /**
   * `true` writes a line for each statement to standard error, `'pretty'` one for people, a
   * function gets the events. Values never appear. Default off.
   */
  readonly log?: LogOption | undefined
}

/** Parsed options. */
export interface ParsedRepoOptions {
  readonly adapter: Adapter
  readonly pool: PoolOptions
  readonly statementCache: StatementCacheLimits
  readonly timeoutMs: number
  readonly prefix: string | undefined
  readonly log: ReturnType<typeof logSink>
}

const names = ['adapter', 'pool', 'statementCache', 'timeoutMs', 'prefix', 'log']

/** Parses and checks `createRepo`'s options. Nothing is opened. */
export function parseRepoOptions(options: RepoOptions): ParsedRepoOptions {
  if (typeof options !== 'object' || options === null) {
    throw new MisuseError('OPTION_INVALID', 'createRepo takes { adapter, … }')
  }
  refuseUnknown('createRepo', options, names)
  const { adapter, statementCache = {}, timeoutMs = 15_000, prefix, log } = options
  if (
    typeof adapter !== 'object' ||
    adapter === null ||
    typeof adapter.connect !== 'function' ||
    typeof adapter.classifyError !== 'function'
  ) {
    throw new MisuseError(
      'OPTION_INVALID',
      'createRepo needs an adapter, as sqlite(…) or postgres(…) make it',
    )
  }
  if (typeof statementCache !== 'object' || statementCache === null) {
    throw new MisuseError('OPTION_INVALID', 'statementCache takes { size, bytes }; size: 0 is off')
  }
  refuseUnknown('statementCache', statementCache, ['size', 'bytes'])
  const size = wholeNumber('statementCache.size', statementCache.size ?? 256)
  const bytes = wholeNumber('statementCache.bytes', statementCache.bytes ?? 5 * 1024 * 1024)
  checkTimeout(timeoutMs)
  if (prefix !== undefined && (typeof prefix !== 'string' || prefix === '')) {
    throw new MisuseError('OPTION_INVALID', 'prefix takes the name of a schema')
  }
  return {
    adapter,
    pool: parsePoolOptions(options.pool ?? {}),
    statementCache: { size, bytes },
    timeoutMs,
    prefix,
    log: logSink(log),
  }
}

function refuseUnknown(what: string, options: object, known: readonly string[]): void {
  for (const name of Object.keys(options)) {
    if (known.includes(name)) continue
    throw new MisuseError(
      'UNKNOWN_OPTION',
      `${what} has no option "${name}"; it takes ${known.join(', ')}`,
    )
  }
}

function wholeNumber(option: string, value: number): number {
  if (Number.isSafeInteger(value) && value >= 0) return value
  throw new MisuseError('OPTION_INVALID', `${option} takes a whole number from 0`)
}
