import { describe, expect, test } from 'vitest'
import type { LogicalType, TypeTable } from '../../contract/index.ts'
import { MisuseError, UnsupportedError, ValueError } from '../../errors/index.ts'
import { compileCodec } from './value-codec.ts'
import { atPlace } from './value-place.ts'

const types: TypeTable = {
  codecs: {
    boolean: {
      ddl: 'integer',
      encode: (value: boolean) => (value ? 1 : 0),
      decode: (raw: unknown) => {
        if (raw === 0 || raw === 1) return raw === 1
        throw new ValueError('the stored value is neither 0 nor 1', { cause: 'the driver' })
      },
    },
    bigint: { ddl: 'bigint', encode: String, decode: (raw: string) => BigInt(raw) },
    text: {
      ddl: ({ length }: LogicalType) => `varchar(${length})`,
      encode: (value: string, { length }: LogicalType) => `${length}:${value}`,
    },
    timestamp: { ddl: 'text' },
    integer: { ddl: 'integer' },
    array: {
      ddl: 'text',
      encode: (value: unknown[]) => JSON.stringify(value),
      decode: (raw: string) => JSON.parse(raw) as unknown[],
    },
  },
}

describe('a codec', () => {
  test('runs the adapter’s codec behind the checks, with the type', () => {
    expect(compileCodec({ name: 'text', length: 9 }, undefined, types, 'a.b').encode('x')).toBe(
      '9:x',
    )
  })

  test('reads through the adapter’s codec into the form', () => {
    const codec = compileCodec({ name: 'bigint' }, 'string', types, 'a.b')
    expect(codec.encode('42')).toBe('42')
    expect(codec.decode?.('42')).toBe('42')
    expect(compileCodec({ name: 'bigint' }, undefined, types, 'a.b').decode?.('42')).toBe(42n)
  })

  test('has no decode where the driver’s value is the application’s', () => {
    expect(compileCodec({ name: 'integer' }, undefined, types, 'a.b').decode).toBeUndefined()
    expect(compileCodec({ name: 'integer' }, 'number', types).decode).toBeUndefined()
  })

  test('names the place before any refusal, and keeps the cause', () => {
    const codec = compileCodec({ name: 'boolean' }, undefined, types, 'posts.live')
    expect(() => codec.encode('yes')).toThrow(/^posts\.live: takes true or false, got a string/)
    expect(() => codec.decode?.(2)).toThrow(
      expect.objectContaining({
        message: 'posts.live: the stored value is neither 0 nor 1',
        cause: 'the driver',
      }),
    )
  })

  test('without a place leaves it to the caller', () => {
    const codec = compileCodec({ name: 'boolean' }, undefined, types)
    const encode = () => {
      try {
        return codec.encode('yes')
      } catch (error) {
        throw atPlace(error, 'parameter 3')
      }
    }
    expect(encode).toThrow(/^parameter 3: takes true or false/)
  })

  test('lets other errors pass as they are', () => {
    const bug = new RangeError('a bug in the adapter')
    const broken: TypeTable = {
      codecs: {
        text: {
          ddl: 'text',
          encode: () => {
            throw bug
          },
        },
      },
    }
    expect(() => compileCodec({ name: 'text' }, undefined, broken, 'a.b').encode('x')).toThrow(bug)
    expect(atPlace(bug, 'a.b')).toBe(bug)
  })

  test('of a type that the adapter lacks is refused as a capability', () => {
    expect(() => compileCodec({ name: 'uuid' }, undefined, types, 'posts.id')).toThrow(
      expect.objectContaining({
        capability: 'types.uuid',
        message: expect.stringMatching(/^posts\.id: the adapter has no type uuid/),
      }),
    )
    const element = { name: 'uuid' } as const
    expect(() => compileCodec({ name: 'array', element }, undefined, types, 'a.b')).toThrow(
      UnsupportedError,
    )
  })

  test('refuses a form that the type does not have and names those it has', () => {
    expect(() => compileCodec({ name: 'timestamp' }, 'text', types, 'posts.at')).toThrow(
      MisuseError,
    )
    expect(() => compileCodec({ name: 'timestamp' }, 'text', types, 'posts.at')).toThrow(
      'posts.at: the type timestamp is read as date or string or temporal, not as text',
    )
    expect(() => compileCodec({ name: 'text' }, 'string', types, 'a.b')).toThrow('has no forms')
  })
})

describe('an array', () => {
  const instants: LogicalType = { name: 'array', element: { name: 'timestamp' } }
  const nested: LogicalType = {
    name: 'array',
    element: { name: 'array', element: { name: 'integer' } },
  }

  test('converts its elements, nulls as they are', () => {
    const codec = compileCodec(instants, undefined, types, 'a.b')
    const raw = '["1970-01-01T00:00:00.000000Z",null]'
    expect(codec.encode([new Date(0), null])).toBe(raw)
    expect(codec.decode?.(raw)).toEqual([new Date(0), null])
  })

  test('passes the form to its elements', () => {
    const codec = compileCodec(instants, 'string', types, 'a.b')
    expect(codec.decode?.('["1970-01-01 00:00:00"]')).toEqual(['1970-01-01T00:00:00.000000Z'])
  })

  test('nests, and names the path to a refused element', () => {
    const codec = compileCodec(nested, undefined, types, 'a.b')
    expect(codec.encode([[1, null], [], null])).toBe('[[1,null],[],null]')
    expect(codec.decode?.('[[1,null],[]]')).toEqual([[1, null], []])
    expect(() => codec.encode([[1], [2, 2.5]])).toThrow(/^a\.b: element 1: element 1: takes a safe/)
  })

  test.each([
    [[undefined]],
    // biome-ignore lint/suspicious/noSparseArray: a hole is what is refused
    [[1, , 2]],
    [new Set([1])],
    [Int32Array.of(1)],
    ['[1]'],
    [{ length: 0 }],
  ])('refuses %o', (value) => {
    const codec = compileCodec(
      { name: 'array', element: { name: 'integer' } },
      undefined,
      types,
      'a',
    )
    expect(() => codec.encode(value)).toThrow(ValueError)
  })

  test('needs the type of its element', () => {
    expect(() => compileCodec({ name: 'array' }, undefined, types, 'a.b')).toThrow(MisuseError)
  })
})
