import { isDeepStrictEqual } from 'node:util'
import { RuleFailure } from './rule-failure.ts'
import { show } from './show.ts'

/** Fails the rule unless `seen` equals `expected`: deeply, with −0 apart from 0 and 1n from 1. */
export function checkEqual(what: string, seen: unknown, expected: unknown): void {
  if (!isDeepStrictEqual(plain(seen), plain(expected))) {
    throw new RuleFailure(what, show(expected), show(seen))
  }
}

/** Fails the rule unless `holds`. */
export function checkThat(
  what: string,
  holds: boolean,
  words: { readonly expected: string; readonly seen: string },
): asserts holds {
  if (!holds) throw new RuleFailure(what, words.expected, words.seen)
}

/** Fails the rule unless `call` throws or rejects, and gives what it threw. */
export async function checkRefuses(
  what: string,
  call: () => unknown,
  expected = 'an error',
): Promise<unknown> {
  let answer: unknown
  try {
    answer = await call()
  } catch (error) {
    return error
  }
  throw new RuleFailure(what, expected, `no error but ${show(answer)}`)
}

/** Fails the rule unless `error` is an instance of `type`, and of `code` where it is given. */
export function checkErrorIs<E extends Error>(
  what: string,
  error: unknown,
  type: abstract new (...args: never) => E,
  code?: string,
): asserts error is E {
  const right =
    error instanceof type && (code === undefined || (error as { code?: unknown }).code === code)
  if (!right) {
    throw new RuleFailure(
      what,
      `${article(type.name)} ${type.name}${code === undefined ? '' : ` with the code ${code}`}`,
      show(error),
      { cause: error },
    )
  }
}

function article(noun: string): string {
  return /^[AEIOU]/.test(noun) ? 'an' : 'a'
}

/** Buffers compare as the bytes they hold, and rows without a prototype as plain objects. */
function plain(value: unknown): unknown {
  if (value instanceof Uint8Array) return Uint8Array.from(value)
  if (Array.isArray(value)) return value.map(plain)
  if (typeof value === 'object' && value !== null) {
    const prototype: unknown = Object.getPrototypeOf(value)
    if (prototype !== null && prototype !== Object.prototype) return value
    const copy: Record<string, unknown> = Object.create(null)
    for (const key of Object.keys(value)) {
      copy[key] = plain((value as Record<string, unknown>)[key])
    }
    return copy
  }
  return value
}
