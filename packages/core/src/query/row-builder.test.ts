import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { columnsBuilder, compileRowBuilder, RowBuilders } from './row-builder.ts'

const hostile = [
  '__proto__',
  'constructor',
  'quote\'"`',
  'line\nbreak\u2028\u2029',
  '});process.exit(1);({',
  `$\{1}`,
  '\\',
  '',
  '0',
  'toString',
]

describe.each([true, false])('rows built with code generation: %s', (codegen) => {
  it('has every column as an own data property, whatever it is called', () => {
    const build = compileRowBuilder(
      hostile.map((name) => ({ name, decode: undefined })),
      undefined,
      codegen,
    )
    const row = build(hostile.map((_name, i) => i))
    for (const [i, name] of hostile.entries()) {
      expect(Object.getOwnPropertyDescriptor(row, name)).toEqual({
        value: i,
        enumerable: true,
        configurable: true,
        writable: true,
      })
    }
    expect(Object.getPrototypeOf(row)).toBe(Object.prototype)
  })

  it('decodes values but never null', () => {
    const build = compileRowBuilder(
      [
        { name: 'a', decode: (value) => `<${value}>` },
        { name: 'b', decode: undefined },
      ],
      undefined,
      codegen,
    )
    expect(build([1, 2])).toEqual({ a: '<1>', b: 2 })
    expect(build([null, null])).toEqual({ a: null, b: null })
  })

  it('attaches what is asked for to each row', () => {
    const seen: object[] = []
    const build = compileRowBuilder(
      [{ name: 'a', decode: undefined }],
      (row) => seen.push(row),
      codegen,
    )
    const row = build([1])
    expect(seen).toEqual([row])
  })
})

it('gives the same rows with and without code generation, for any names', () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.string(), { maxLength: 8 }), (names) => {
      const properties = names.map((name) => ({ name, decode: undefined }))
      const values = names.map((_name, i) => i)
      const generated = compileRowBuilder(properties, undefined, true)(values)
      const assembled = compileRowBuilder(properties, undefined, false)(values)
      expect(Object.entries(generated)).toEqual(Object.entries(assembled))
    }),
  )
})

describe('columnsBuilder', () => {
  it('refuses two columns of one name, since a row would lose a value', () => {
    expect(() => columnsBuilder([{ name: 'id' }, { name: 'id' }])).toThrow(
      expect.objectContaining({ code: 'DUPLICATE_COLUMN' }),
    )
  })
})

describe('RowBuilders', () => {
  it('makes one builder for the same names and forgets the oldest beyond its limit', () => {
    const builders = new RowBuilders(2)
    const a = builders.for([{ name: 'a' }])
    expect(builders.for([{ name: 'a' }])).toBe(a)
    builders.for([{ name: 'b' }])
    builders.for([{ name: 'c' }])
    expect(builders.for([{ name: 'a' }])).not.toBe(a)
  })
})
