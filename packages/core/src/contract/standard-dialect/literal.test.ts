import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ValueError } from '../../errors/index.ts'
import { memoryDatabase } from '../../testing/dialects.ts'
import { literalQuoter } from './literal.ts'

const quote = literalQuoter('none', 'number')

function evaluated(sql: string): unknown {
  const statement = memoryDatabase('').prepare(`select ${sql} as value`)
  statement.setReadBigInts(true)
  return statement.get()?.value
}

describe('literalQuoter', () => {
  it('gives strings back as they were', () => {
    const text = fc.string({ unit: 'binary' }).filter((each) => !each.includes('\0'))
    fc.assert(
      fc.property(text, (value) => {
        expect(evaluated(quote(value))).toBe(value)
      }),
    )
  })

  it('gives numbers back as they were', () => {
    const exact = fc.double({ noNaN: true, noDefaultInfinity: true }).filter((value) => {
      return !Object.is(value, -0) && (!Number.isInteger(value) || Number.isSafeInteger(value))
    })
    fc.assert(
      fc.property(exact, (value) => {
        expect(Number(evaluated(quote(value)))).toBe(value)
      }),
    )
  })

  it('gives 64-bit integers back as they were', () => {
    const integer = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })
    fc.assert(
      fc.property(integer, (value) => {
        expect(evaluated(quote(value))).toBe(value)
      }),
    )
  })

  it.each([
    [true, 'keyword', 'true'],
    [false, 'keyword', 'false'],
    [true, 'number', '1'],
    [false, 'number', '0'],
    [null, 'number', 'null'],
  ] as const)('writes %s by %s as %s', (value, booleans, text) => {
    expect(literalQuoter('none', booleans)(value)).toBe(text)
  })

  it.each([
    ['none', "'it''s \\'"],
    ['backslash', "'it''s \\\\'"],
    ['e_string', "E'it''s \\\\'"],
  ] as const)('writes a backslash where escapes are %s', (escapes, text) => {
    expect(literalQuoter(escapes, 'keyword')("it's \\")).toBe(text)
  })

  it('writes E only where there is a backslash', () => {
    expect(literalQuoter('e_string', 'keyword')("it's")).toBe("'it''s'")
  })

  it.each([
    Number.NaN,
    Number.POSITIVE_INFINITY,
    Number.NEGATIVE_INFINITY,
    -0,
    2 ** 53,
    1e300,
    'a\0',
    '\udc00',
    undefined,
    Symbol('x'),
    {},
  ])('refuses %o, which has no exact literal', (value) => {
    expect(() => quote(value as never)).toThrow(ValueError)
  })
})
