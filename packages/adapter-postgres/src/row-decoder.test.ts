import type { RowShape } from '@mortise/core/adapter'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compileRowDecoder, MalformedRowError } from './row-decoder.ts'
import { AdapterTypes } from './types/adapter-types.ts'
import { builtInTypes } from './types/built-in-types.ts'
import { type ReadValue, readString } from './types/read-text.ts'

/** The body of a DataRow. */
function body(values: readonly (string | null)[]): Buffer {
  const parts = [Buffer.alloc(2)]
  parts[0]?.writeUInt16BE(values.length)
  for (const value of values) {
    const length = Buffer.alloc(4)
    const bytes = Buffer.from(value ?? '')
    length.writeInt32BE(value === null ? -1 : bytes.length)
    parts.push(length, ...(value === null ? [] : [bytes]))
  }
  return Buffer.concat(parts)
}

function shapeOf(names: readonly string[], attach?: (row: object) => void): RowShape {
  return {
    columns: names.map((property) => ({
      property,
      type: { name: 'text' },
      decode: (value) => `<${value}>`,
    })),
    attach,
  }
}

describe.each([true, false])('a decoder made with code generation: %s', (codegen) => {
  const readers = (count: number): ReadValue[] => new Array(count).fill(readString)

  it('reads arrays and nulls', () => {
    const decode = compileRowDecoder(readers(3), undefined, codegen)
    const row = body(['a', null, ''])
    expect(decode(row, 0, row.length)).toEqual(['a', null, ''])
  })

  it('builds objects, decodes what is not null, and attaches', () => {
    const attached: object[] = []
    const shape = shapeOf(['__proto__', 'b\n"\u2028', 'c'], (row) => attached.push(row))
    const decode = compileRowDecoder(readers(3), shape, codegen)
    const bytes = body(['1', null, '3'])
    const row = decode(bytes, 0, bytes.length) as object
    expect(Object.entries(row)).toEqual([
      ['__proto__', '<1>'],
      ['b\n"\u2028', null],
      ['c', '<3>'],
    ])
    expect(Object.getPrototypeOf(row)).toBe(Object.prototype)
    expect(attached).toEqual([row])
  })

  it('refuses every row that is cut, grown or counted wrong, and never reads behind its end', () => {
    const decode = compileRowDecoder(readers(2), undefined, codegen)
    const values = fc.tuple(fc.option(fc.string()), fc.option(fc.string()))
    fc.assert(
      fc.property(values, fc.integer(), (given, change) => {
        const whole = body(given)
        const frame = Buffer.concat([whole, Buffer.from('the next message')])
        expect(decode(frame, 0, whole.length)).toEqual(given)
        for (let end = 2; end < whole.length; end++) {
          expect(() => decode(frame, 0, end)).toThrow(MalformedRowError)
        }
        expect(() => decode(frame, 0, whole.length + 1)).toThrow(MalformedRowError)
        const wrong = Buffer.from(whole)
        wrong.writeInt32BE(change, 2)
        try {
          // A changed length may happen to fit; what it must not do is read another message.
          const read = decode(wrong, 0, wrong.length) as string[]
          expect(Buffer.byteLength(read.join(''))).toBeLessThanOrEqual(whole.length)
        } catch (error) {
          expect(error).toBeInstanceOf(MalformedRowError)
        }
      }),
    )
    const three = body(['1', '2', '3'])
    expect(() => decode(three, 0, three.length)).toThrow(MalformedRowError)
  })
})

describe('decoders made with and without code generation', () => {
  const readers = new AdapterTypes().readers(undefined)
  const oids = [...builtInTypes.keys()]
  const texts = fc.constantFrom(
    'f',
    '0',
    '-17',
    '9223372036854775807',
    '1.50',
    'NaN',
    '\\x00ff',
    '2024-02-29',
    '2024-02-29 12:00:00.000001+00',
    'infinity',
    '1 mon -00:00:01',
    '{"a":1}',
    '{1,NULL,"2"}',
    '[0:1]={{a},{b}}',
    '[1,5)',
    '{[1,5),[7,9)}',
    'empty',
    '',
  )
  const cell = fc.tuple(fc.constantFrom(...oids), fc.option(texts))

  it('give the same rows, or refuse the same ones, for every built-in type', () => {
    const outcome = (codegen: boolean, cells: readonly (readonly [number, string | null])[]) => {
      const reads = cells.map(([typeOid]) => readers.reader(typeOid) ?? readString)
      const bytes = body(cells.map(([, text]) => text))
      try {
        return compileRowDecoder(reads, undefined, codegen)(bytes, 0, bytes.length)
      } catch (error) {
        return String(error)
      }
    }
    fc.assert(
      fc.property(fc.array(cell, { minLength: 1, maxLength: 5 }), (cells) => {
        expect(outcome(true, cells)).toStrictEqual(outcome(false, cells))
      }),
      { numRuns: 1000 },
    )
  })
})
