import { AbortError, MisuseError } from '../errors/index.ts'

/** One call's limits and options, parsed once. */
export interface Call {
  /** The caller's signal. */
  readonly signal: AbortSignal | undefined
  /** The caller's own deadline on the clock of `performance.now()`. */
  readonly deadline: number | undefined
  /** For a call without a deadline of its own: how long it may run where it waits. */
  readonly timeoutMs: number
  /** Whether the statement goes through the cache. */
  readonly cache: boolean
  /** The adapter's own options. */
  readonly options: unknown
}

/** Throws what an aborted signal stands for. */
export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw aborted(signal)
}

/** The error of a caller's own signal. */
export function aborted(signal: AbortSignal): AbortError {
  return new AbortError('the call was aborted by its signal', signal.reason)
}

const ownNames = ['signal', 'timeoutMs', 'cache']

/** Parses call options: ours, and the adapter's by its own checks. */
export class CallParser {
  readonly #checks: { readonly [name: string]: (value: unknown) => void }
  readonly #timeoutMs: number
  /** The call without options, made once. */
  readonly plain: Call

  constructor(
    checks: { readonly [name: string]: (value: unknown) => void } | undefined,
    timeoutMs: number,
  ) {
    this.#checks = checks ?? {}
    this.#timeoutMs = timeoutMs
    this.plain = Object.freeze({
      signal: undefined,
      deadline: undefined,
      timeoutMs,
      cache: true,
      options: undefined,
    })
  }

  /** `consumed` are the names that the call itself takes, and `call` is its name in messages. */
  parse(
    options: object | undefined,
    consumed: readonly string[] = [],
    call: string = 'this call',
  ): Call {
    if (options === undefined) return this.plain
    if (typeof options !== 'object' || options === null || Array.isArray(options)) {
      throw new MisuseError('OPTION_INVALID', `${call} takes its options as an object`)
    }
    let adapterOptions: Record<string, unknown> | undefined
    const given = options as Record<string, unknown>
    for (const name in given) {
      const value = given[name]
      if (value === undefined || ownNames.includes(name) || consumed.includes(name)) continue
      const check = Object.hasOwn(this.#checks, name) ? this.#checks[name] : undefined
      if (check === undefined) {
        const known = [...consumed, ...ownNames, ...Object.keys(this.#checks)]
        throw new MisuseError(
          'UNKNOWN_OPTION',
          `${call} has no option "${name}"; it takes ${known.join(', ')}`,
        )
      }
      check(value)
      adapterOptions ??= {}
      adapterOptions[name] = value
    }
    const signal = given.signal as AbortSignal | undefined
    const timeoutMs = given.timeoutMs as number | undefined
    if (signal !== undefined && !(signal instanceof AbortSignal)) {
      throw new MisuseError('OPTION_INVALID', 'signal takes an AbortSignal')
    }
    if (timeoutMs !== undefined) checkTimeout(timeoutMs)
    if (given.cache !== undefined && typeof given.cache !== 'boolean') {
      throw new MisuseError('OPTION_INVALID', 'cache takes true or false')
    }
    return {
      signal,
      deadline:
        timeoutMs === undefined || timeoutMs === Number.POSITIVE_INFINITY
          ? undefined
          : performance.now() + timeoutMs,
      timeoutMs: timeoutMs ?? this.#timeoutMs,
      cache: given.cache !== false,
      options: adapterOptions,
    }
  }
}

/** The longest delay that a timer of the runtime can hold. */
const longestTimer = 2 ** 31 - 1

/** A timeout is a number of milliseconds, at least 0. */
export function checkTimeout(timeoutMs: unknown): void {
  if (
    typeof timeoutMs !== 'number' ||
    !(timeoutMs >= 0) ||
    (timeoutMs > longestTimer && timeoutMs !== Number.POSITIVE_INFINITY)
  ) {
    throw new MisuseError(
      'OPTION_INVALID',
      `timeoutMs takes milliseconds from 0 to ${longestTimer}, or Infinity`,
    )
  }
}
