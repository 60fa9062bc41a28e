import { expect, it } from 'vitest'
import { type BenchResult, type Goal, verdictOf } from './result.ts'

const spread = (median: number) => ({ median, least: median, most: median })

function result(ours: number, ratio: number | undefined, goal: Goal | undefined): BenchResult {
  return {
    name: 'x',
    ours: { what: 'a', unit: 'ms', ...spread(ours) },
    peer: undefined,
    ratio: ratio === undefined ? undefined : spread(ratio),
    goal,
  }
}

it('judges the ratio where there is one, else the figure', () => {
  expect(verdictOf(result(5, 0.9, { least: 0.9 }))).toBe('pass')
  expect(verdictOf(result(5, 0.89, { least: 0.9 }))).toBe('miss')
  expect(verdictOf(result(5, 1.06, { most: 1.05 }))).toBe('miss')
  expect(verdictOf(result(0.4, undefined, { most: 1 }))).toBe('pass')
})

it('judges nothing without a goal', () => {
  expect(verdictOf(result(5, 0.1, undefined))).toBeUndefined()
})
