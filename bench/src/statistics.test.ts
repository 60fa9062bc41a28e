import { expect, it } from 'vitest'
import { quantile, spreadOf } from './statistics.ts'

it('takes the middle of an odd and the mean of the middle two of an even number', () => {
  expect(spreadOf([9, 1, 5])).toEqual({ median: 5, least: 1, most: 9 })
  expect(spreadOf([4, 1, 2, 9]).median).toBe(3)
})

it('refuses the median of nothing', () => {
  expect(() => spreadOf([])).toThrow('nothing')
})

it('interpolates quantiles', () => {
  expect(quantile([0, 10], 0.95)).toBeCloseTo(9.5)
  expect(quantile([7], 0.99)).toBe(7)
})
