import { describe, expect, test } from 'vitest'
import { ValueError } from '../../errors/index.ts'
import { bigintConversion, floatConversion, integerConversion } from './number.ts'

describe('an integer', () => {
  const { toCanonical } = integerConversion({ name: 'integer' })

  test.each([0, 1, -1, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER])('keeps %d', (value) => {
    expect(toCanonical(value)).toBe(value)
  })

  test.each([
    [2 ** 53, 'beyond the safe integers'],
    [1.5, 'a number with a fraction'],
    [-0, 'no negative zero'],
    [Number.NaN, 'NaN'],
    [Number.POSITIVE_INFINITY, 'an infinite number'],
    ['1', 'convert it with Number()'],
    [1n, 't.bigint()'],
    [true, 'a boolean'],
    [new Date(0), 'a Date'],
  ])('refuses %o and says why', (value, why) => {
    expect(() => toCanonical(value)).toThrow(ValueError)
    expect(() => toCanonical(value)).toThrow(why)
  })

  test.each([
    [16, 32_767, -32_768],
    [32, 2_147_483_647, -2_147_483_648],
    [64, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER],
  ] as const)('of %d bits holds its limits', (bits, max, min) => {
    const { toCanonical } = integerConversion({ name: 'integer', bits })
    expect([toCanonical(max), toCanonical(min)]).toEqual([max, min])
    expect(() => toCanonical(max + 1)).toThrow(ValueError)
    expect(() => toCanonical(min - 1)).toThrow(ValueError)
  })

  test('names the range of its width, not the value', () => {
    const { toCanonical } = integerConversion({ name: 'integer', bits: 16 })
    expect(() => toCanonical(70_123)).toThrow(
      'is out of range: an integer of 16 bits holds -32768 to 32767; use a wider column',
    )
  })
})

describe('a bigint', () => {
  const { toCanonical, toApplication } = bigintConversion('bigint')
  const max = 2n ** 63n - 1n
  const min = -(2n ** 63n)

  test('holds 64 bits, signed', () => {
    expect([toCanonical(max), toCanonical(min)]).toEqual([max, min])
    expect(() => toCanonical(max + 1n)).toThrow('64 bits')
    expect(() => toCanonical(min - 1n)).toThrow('64 bits')
  })

  test('takes what is exact: safe integers and decimal digits', () => {
    expect(toCanonical(-5)).toBe(-5n)
    expect(toCanonical('-9223372036854775808')).toBe(min)
    expect(toCanonical('0')).toBe(0n)
  })

  test.each([
    2 ** 53,
    -0,
    0.5,
    Number.NaN,
    '9223372036854775808',
    '-9223372036854775809',
    '99999999999999999999',
    '007',
    '-0',
    '+1',
    ' 1',
    '1e3',
    '0x10',
    '',
    '1.0',
    null,
    {},
    Object(1n),
  ])('refuses %o', (value) => {
    expect(() => toCanonical(value)).toThrow(ValueError)
  })

  test('is read as it is, or as decimal digits', () => {
    expect(toApplication).toBeUndefined()
    expect(bigintConversion('string').toApplication?.(min)).toBe('-9223372036854775808')
  })
})

describe('a float', () => {
  test.each([0, -0, 0.1, Number.NaN, Number.NEGATIVE_INFINITY, 5e-324])('keeps %d', (value) => {
    expect(floatConversion.toCanonical(value)).toBe(value)
  })

  test.each(['1', 1n, true, Object(1)])('refuses %o', (value) => {
    expect(() => floatConversion.toCanonical(value)).toThrow('takes a number')
  })
})
