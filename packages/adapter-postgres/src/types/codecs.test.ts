import { type LogicalType, ValueError } from '@mortise/core/adapter'
import { describe, expect, it } from 'vitest'
import { types } from './codecs.ts'

type Convert = (value: unknown, type: LogicalType) => unknown

function encode(type: LogicalType, value: unknown): unknown {
  const convert = types.codecs[type.name]?.encode as Convert
  return convert(value, type)
}
function decode(type: LogicalType, value: unknown): unknown {
  const convert = types.codecs[type.name]?.decode as Convert
  return convert(value, type)
}

describe('years before Christ', () => {
  it.each([
    ['0000-12-31', '0001-12-31 BC'],
    ['-0001-02-28', '0002-02-28 BC'],
    ['-0043-03-15', '0044-03-15 BC'],
    ['-9999-01-01', '10000-01-01 BC'],
    ['0001-01-01', '0001-01-01'],
  ])('%s is %s to the server and comes back', (canonical, text) => {
    expect(encode({ name: 'date' }, canonical)).toBe(text)
    expect(decode({ name: 'date' }, text)).toBe(canonical)
  })
})

describe('arrays', () => {
  const array = (element: LogicalType): LogicalType => ({ name: 'array', element })

  it('are written by the codec of their elements', () => {
    expect(encode(array({ name: 'boolean' }), [true, null, false])).toBe('{t,NULL,f}')
    expect(encode(array({ name: 'float' }), [-0, Number.NaN])).toBe('{-0,"NaN"}')
    expect(encode(array({ name: 'bytes' }), [Uint8Array.of(0, 255)])).toBe('{"\\\\x00ff"}')
    expect(encode(array({ name: 'date' }), ['0000-01-01'])).toBe('{"0001-01-01 BC"}')
    expect(encode(array({ name: 'json' }), ['{"a":"b"}'])).toBe('{"{\\"a\\":\\"b\\"}"}')
    expect(encode(array(array({ name: 'integer' })), [[1], [2]])).toBe('{{1},{2}}')
    expect(encode(array({ name: 'text' }), [])).toBe('{}')
    expect(() => encode(array({ name: 'text' }), ['a\0'])).toThrow(ValueError)
  })

  it('have the column type of their elements', () => {
    const { ddl } = types.codecs.array as { ddl: (type: LogicalType) => string }
    expect(ddl(array({ name: 'decimal', precision: 5, scale: 1 }))).toBe('numeric(5, 1)[]')
    expect(ddl(array(array({ name: 'enum', typeName: 'mood' })))).toBe('mood[][]')
  })

  it('without a type have that of their elements, as the same object every time', () => {
    const infer = types.infer as (value: unknown) => LogicalType | undefined
    expect(infer([1, null, 2])).toEqual(array({ name: 'integer' }))
    expect(infer([3, 4])).toBe(infer([1]))
    expect(infer([1, 0.5])).toEqual(array({ name: 'float' }))
    expect(infer([[1n], [2n]])).toEqual(array(array({ name: 'bigint' })))
    expect(infer([new Date(0)])).toEqual(array({ name: 'timestamp' }))
    expect(infer([null])).toEqual(array({ name: 'text' }))
    for (const refused of [
      [1, 'a'],
      [1, 2n],
      [{}],
      [undefined],
      // biome-ignore lint/suspicious/noSparseArray: a hole is what is refused
      [, 1],
      [[1], 2],
      [1, [2]],
      [new Date(Number.NaN)],
      [[[[[[[1]]]]]]],
      'text',
      {},
    ]) {
      expect(infer(refused)).toBeUndefined()
    }
  })

  it('that are empty and without a type are no empty object to a json column', () => {
    const type = types.infer?.([]) as LogicalType
    expect(encode(type, [])).toBe('{{}}')
  })
})

describe('what PostgreSQL would change', () => {
  it.each(['-0', '[1,-0.0]', '{"a":-0e5}', '"\\\\" ', '["-0",-0]'])(
    'is refused or kept: %s',
    (text) => {
      if (text.includes('\\')) expect(encode({ name: 'json' }, text)).toBe(text)
      else expect(() => encode({ name: 'json' }, text)).toThrow('negative zero')
    },
  )

  it.each(['-0.5', '"-0"', '1e-05', '["a\\"-0\\\\"]', '{"-0":1}', '[-1,-10]'])(
    'is not %s',
    (text) => {
      expect(encode({ name: 'json' }, text)).toBe(text)
    },
  )

  it('is a NUL in JSON', () => {
    expect(() => encode({ name: 'json' }, '"\\u0000"')).toThrow('NUL')
    expect(encode({ name: 'json' }, '"\\\\u0000"')).toBe('"\\\\u0000"')
  })

  it('is no decimal where it is not a number', () => {
    expect(decode({ name: 'decimal' }, '1.50')).toBe('1.50')
    for (const text of ['NaN', 'Infinity', '1e+20', '$1.00', '']) {
      expect(() => decode({ name: 'decimal' }, text)).toThrow(ValueError)
    }
  })
})
