import { ValueError } from '@mortise/core/adapter'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { arrayLiteral } from './array-literal.ts'
import { arrayReader, lowerBoundsOf } from './read-array.ts'
import { type ReadValue, readString } from './read-text.ts'

/** Reads out of the middle of a buffer, as a row does. */
function reading(read: ReadValue): (text: string) => unknown {
  return (text) => {
    const bytes = Buffer.from(`{"${text}",},`)
    return read(bytes, 2, bytes.length - 4)
  }
}

const read = reading(arrayReader(readString))

/** Prints as array_out does. */
function print(value: unknown, delimiter = ','): string {
  if (Array.isArray(value))
    return `{${value.map((each) => print(each, delimiter)).join(delimiter)}}`
  if (value === null) return 'NULL'
  const text = value as string
  return text === '' || /[{}",;\\\s]|^null$/i.test(text)
    ? `"${text.replace(/["\\]/g, '\\$&')}"`
    : text
}

const leaf = fc.option(
  fc.oneof(
    fc.string({ unit: 'grapheme' }),
    fc.constantFrom('', 'NULL', 'null', '"', '\\', '{}', 'a,b', ' ', '😀'),
  ),
)
/** Arrays of one to six dimensions, each of one length throughout. */
const arrays = fc
  .array(fc.integer({ min: 1, max: 3 }), { minLength: 1, maxLength: 6 })
  .chain((lengths) => {
    const filled = (depth: number): fc.Arbitrary<unknown> =>
      depth === lengths.length
        ? leaf
        : fc.array(filled(depth + 1), { minLength: lengths[depth]!, maxLength: lengths[depth]! })
    return fc.tuple(filled(0) as fc.Arbitrary<unknown[]>, fc.constant(lengths.length))
  })

describe('arrays in the text format', () => {
  it('are read as the server prints them, whatever their elements, depth and delimiter', () => {
    fc.assert(
      fc.property(arrays, fc.constantFrom(',', ';'), ([array], delimiter) => {
        const text = print(array, delimiter)
        expect(reading(arrayReader(readString, delimiter))(text)).toEqual(array)
      }),
    )
  })

  it('are written so that they are read back', () => {
    fc.assert(
      fc.property(arrays, ([array, dimensions]) => {
        expect(read(arrayLiteral(array, (text) => text, dimensions))).toEqual(array)
      }),
    )
  })

  it('tell NULL from the text "NULL", and empty text from nothing', () => {
    expect(read('{NULL,"NULL","",null}')).toEqual([null, 'NULL', '', 'null'])
    expect(read('{}')).toEqual([])
  })

  it('keep the bounds that are not 1', () => {
    const array = read('[2:4]={a,b,c}') as string[]
    expect(array).toEqual(['a', 'b', 'c'])
    expect(lowerBoundsOf(array)).toEqual([2])
    expect(lowerBoundsOf(read('[1:1][-2:-1]={{a,b}}') as string[])).toEqual([1, -2])
    expect(lowerBoundsOf(read('{a}') as string[])).toBeUndefined()
    expect(Object.keys(array)).toEqual(['0', '1', '2'])
  })

  it('are refused by a column type that cannot say their bounds or dimensions', () => {
    const typed = reading(arrayReader(readString, ',', 1))
    expect(typed('{a,b}')).toEqual(['a', 'b'])
    expect(typed('{}')).toEqual([])
    expect(() => typed('[2:3]={a,b}')).toThrow(ValueError)
    expect(() => typed('{{a},{b}}')).toThrow('2 dimensions')
  })

  it.each([
    '',
    '{',
    '}',
    '{a',
    '{a,',
    '{,a}',
    '{a,}',
    '{a}}',
    '{"a}',
    '{"a\\',
    '{a"b"}',
    '{{}}',
    '{{a},b}',
    '{a,{b}}',
    '{{a},{b,c}}',
    '[1:2]={a}',
    '[2:1]={}',
    '[1:2]{a,b}',
    '[1:2={a,b}',
    '[1:x]={a}',
    '[1:2]=',
    '[1:2147483647]={a}',
    `${'['.repeat(1e6)}`,
    `${'{'.repeat(1e6)}`,
    `${'{'.repeat(7)}a${'}'.repeat(7)}`,
    '[1:1]'.repeat(1e5),
  ])('refuses what no server prints (%#)', (text) => {
    expect(() => read(text)).toThrow(ValueError)
  })

  it('never hang or fail otherwise on random text', () => {
    const characters = fc.constantFrom('{', '}', '"', '\\', ',', '[', ']', '=', '1', ':', 'a')
    fc.assert(
      fc.property(fc.string({ unit: characters, maxLength: 30 }), (text) => {
        try {
          expect(read(text)).toBeInstanceOf(Array)
        } catch (error) {
          expect(error).toBeInstanceOf(ValueError)
        }
      }),
      { numRuns: 2000 },
    )
  })
})

describe('an array that PostgreSQL cannot hold', () => {
  const write = (array: unknown[], dimensions: number): string =>
    arrayLiteral(array, (text) => text, dimensions)

  it.each([
    ['unlike lengths', [['a'], ['a', 'b']], 2],
    ['an empty array inside', [[]], 2],
    ['null for an array', [['a'], null], 2],
    ['seven dimensions', [[[[[[['a']]]]]]], 7],
  ])('is refused: %s', (_name, array, dimensions) => {
    expect(() => write(array, dimensions)).toThrow(ValueError)
  })
})
