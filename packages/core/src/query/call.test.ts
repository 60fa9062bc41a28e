import { describe, expect, test } from 'vitest'
import { MisuseError } from '../errors/index.ts'
import { misuse } from '../testing/misuse.ts'
import { CallParser, throwIfAborted } from './call.ts'

const checks = {
  plan(value: unknown) {
    if (value !== 'auto') throw new MisuseError('OPTION_INVALID', "plan takes 'auto'")
  },
}

describe('call options', () => {
  test('are the same object where there are none', () => {
    const parser = new CallParser(undefined, 15_000)
    expect(parser.parse(undefined)).toBe(parser.plain)
    expect(parser.plain).toEqual({
      signal: undefined,
      deadline: undefined,
      timeoutMs: 15_000,
      cache: true,
      options: undefined,
    })
  })

  test('make a deadline of a limit of their own, and of it alone', () => {
    const parser = new CallParser(undefined, 15_000)
    const before = performance.now()
    const call = parser.parse({ timeoutMs: 100, cache: false })
    expect(call).toMatchObject({ timeoutMs: 100, cache: false })
    expect(call.deadline).toBeGreaterThanOrEqual(before + 100)
    expect(call.deadline).toBeLessThanOrEqual(performance.now() + 100)
    expect(parser.parse({ cache: true })).toMatchObject({ timeoutMs: 15_000, deadline: undefined })
    expect(parser.parse({ timeoutMs: 0 }).deadline).toBeDefined()
    expect(parser.parse({ timeoutMs: Number.POSITIVE_INFINITY })).toMatchObject({
      timeoutMs: Number.POSITIVE_INFINITY,
      deadline: undefined,
    })
  })

  test('are what the call takes itself, ours, and the adapter’s once it has checked them', () => {
    const parser = new CallParser(checks, 1)
    const { signal } = new AbortController()
    expect(parser.parse({ where: 1, plan: 'auto', signal }, ['where'], 'all')).toMatchObject({
      signal,
      options: { plan: 'auto' },
    })
    expect(misuse(() => parser.parse({ plan: 'no' }))).toBe("OPTION_INVALID: plan takes 'auto'")
    expect(misuse(() => parser.parse({ plans: 1 }, ['where'], 'all'))).toBe(
      'UNKNOWN_OPTION: all has no option "plans"; it takes where, signal, timeoutMs, cache, plan',
    )
    expect(misuse(() => parser.parse({ plans: 1 }))).toMatch(/^UNKNOWN_OPTION: this call has no/)
  })

  test('that are undefined were not given', () => {
    const parser = new CallParser(checks, 1)
    const call = parser.parse({
      plan: undefined,
      signal: undefined,
      timeoutMs: undefined,
      cache: undefined,
    })
    expect(call).toEqual(parser.plain)
  })

  test.each([null, 5, 'all', [], true])('are an object, not %j', (options) => {
    const parser = new CallParser(checks, 1)
    expect(misuse(() => parser.parse(options as never, [], 'all'))).toBe(
      'OPTION_INVALID: all takes its options as an object',
    )
  })
})

test('an aborted signal is an AbortError with its reason as the cause', () => {
  const reason = new Error('enough')
  expect(() => throwIfAborted(AbortSignal.abort(reason))).toThrow(
    expect.objectContaining({ name: 'AbortError', code: 'ABORTED', cause: reason }),
  )
  expect(() => throwIfAborted(undefined)).not.toThrow()
  expect(() => throwIfAborted(new AbortController().signal)).not.toThrow()
})
