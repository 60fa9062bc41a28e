import { describe, expect, test } from 'vitest'
import { MisuseError, ValueError } from '../../errors/index.ts'
import { decimalConversion } from './decimal.ts'

describe('a decimal', () => {
  const { toCanonical } = decimalConversion({ name: 'decimal' }, undefined)

  test.each(['0', '0.10', '-12.500', '1'.repeat(200), `0.${'0'.repeat(100)}1`, '0.0'])(
    'keeps every digit of %s',
    (text) => {
      expect(toCanonical(text)).toBe(text)
    },
  )

  test('takes a bigint', () => {
    expect(toCanonical(-(10n ** 30n))).toBe(`-1${'0'.repeat(30)}`)
  })

  test.each(['', '.5', '5.', '+5', '1e5', '007', '-', '1,5', ' 1', '1 ', 'NaN', 'Infinity', '٣'])(
    'refuses %o',
    (text) => {
      expect(() => toCanonical(text)).toThrow(ValueError)
    },
  )

  test.each(['-0', '-0.00'])('refuses the negative zero %s', (text) => {
    expect(() => toCanonical(text)).toThrow('negative zero')
  })

  test('refuses numbers and tells to pass a string', () => {
    expect(() => toCanonical(0.1)).toThrow(
      "takes a string of decimal digits, got a number with a fraction; pass a string such as '12.50', or a bigint",
    )
    expect(() => toCanonical(5)).toThrow(ValueError)
  })
})

describe('a decimal with precision and scale', () => {
  const { toCanonical } = decimalConversion({ name: 'decimal', precision: 5, scale: 2 }, undefined)

  test.each([
    ['1', '1.00'],
    ['1.5', '1.50'],
    ['-999.99', '-999.99'],
    ['0', '0.00'],
    [999n, '999.00'],
  ])('writes %s with the whole scale', (value, text) => {
    expect(toCanonical(value)).toBe(text)
  })

  test('refuses digits beyond the scale instead of rounding', () => {
    expect(() => toCanonical('1.005')).toThrow('scale of 2')
    expect(() => toCanonical('1.000')).toThrow('scale of 2')
  })

  test('refuses digits beyond the precision', () => {
    expect(() => toCanonical('1000')).toThrow('precision of 5')
    expect(() => toCanonical('99999.9')).toThrow('precision of 5')
  })

  test('counts a precision without a scale as whole digits, as SQL does', () => {
    const { toCanonical } = decimalConversion({ name: 'decimal', precision: 2 }, undefined)
    expect(toCanonical('99')).toBe('99')
    expect(() => toCanonical('9.5')).toThrow('scale of 0')
    expect(() => toCanonical('100')).toThrow('precision of 2')
  })

  test('counts significant digits where the scale exceeds the precision', () => {
    const { toCanonical } = decimalConversion(
      { name: 'decimal', precision: 2, scale: 4 },
      undefined,
    )
    expect(toCanonical('0.0099')).toBe('0.0099')
    expect(toCanonical('0')).toBe('0.0000')
    expect(() => toCanonical('0.01')).toThrow('precision of 2')
  })

  test.each([{ precision: 0 }, { precision: 1.5 }, { scale: -1 }])(
    'refuses the type %o',
    (details) => {
      expect(() => decimalConversion({ name: 'decimal', ...details }, 'posts.price')).toThrow(
        MisuseError,
      )
    },
  )
})
