import fc from 'fast-check'
import { expect, it } from 'vitest'
import { backoffMs, lifetimeMs } from './backoff.ts'

const limits = { backoffMinMs: 100, backoffMaxMs: 5_000 }

it('doubles the pause with each failure up to the longest', () => {
  const longest = [1, 2, 3, 4, 5, 6, 7, 100].map((failures) => backoffMs(limits, failures, 1))
  expect(longest).toEqual([200, 400, 800, 1_600, 3_200, 5_000, 5_000, 5_000])
  const shortest = [1, 2, 3, 4, 5, 6, 7, 100].map((failures) => backoffMs(limits, failures, 0))
  expect(shortest).toEqual([100, 200, 400, 800, 1_600, 2_500, 2_500, 2_500])
})

it('stays within its limits whatever they are', () => {
  const ms = fc.integer({ min: 1, max: 2_147_483_647 })
  fc.assert(
    fc.property(
      ms,
      ms,
      fc.integer({ min: 1, max: 10_000 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (a, b, failures, random) => {
        const backoffMinMs = Math.min(a, b)
        const backoffMaxMs = Math.max(a, b)
        const pause = backoffMs({ backoffMinMs, backoffMaxMs }, failures, random)
        expect(pause).toBeGreaterThanOrEqual(backoffMinMs)
        expect(pause).toBeLessThanOrEqual(backoffMaxMs)
      },
    ),
  )
})

it('spreads lifetimes over a fifth, never beyond the limit', () => {
  expect([0, 0.5, 1].map((random) => lifetimeMs(1_000, random))).toEqual([1_000, 900, 800])
  expect(lifetimeMs(0, 0.5)).toBe(Number.POSITIVE_INFINITY)
})
