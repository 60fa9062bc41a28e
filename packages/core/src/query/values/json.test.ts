import { runInNewContext } from 'node:vm'
import { describe, expect, test } from 'vitest'
import { ValueError } from '../../errors/index.ts'
import { jsonConversion, jsonNull } from './json.ts'

const { toCanonical, toApplication } = jsonConversion('parsed')
const rawJSON = (text: string) =>
  (JSON as unknown as { rawJSON(text: string): object }).rawJSON(text)

class Point {
  readonly x = 1
}

describe('a document', () => {
  test.each([
    'text',
    '',
    'quotes " and \\ and \n and \u2028 and \0',
    '😀',
    0,
    1.5,
    1e300,
    5e-324,
    2 ** 60,
    true,
    [],
    {},
    [null, [1, [2]], { a: [] }],
    { a: { b: null }, 'key "quoted"': 1, '': 2 },
    { second: 1, first: 2, 10: 3, 9: 4 },
  ])('%j is written as JSON.stringify writes it and read back', (value) => {
    expect(toCanonical(value)).toBe(JSON.stringify(value))
    expect(toApplication?.(toCanonical(value))).toStrictEqual(value)
  })

  test('keeps negative zero', () => {
    expect(toCanonical([-0, { a: -0 }])).toBe('[-0,{"a":-0}]')
    expect(toApplication?.('-0')).toBe(-0)
  })

  test('leaves out what JSON leaves out: undefined members, symbol keys, hidden properties', () => {
    const value = Object.defineProperty({ a: undefined, b: 1, [Symbol('s')]: 2 }, 'hidden', {
      value: 3,
    })
    expect(toCanonical(value)).toBe('{"b":1}')
  })

  test('honours toJSON with its key', () => {
    const echo = { toJSON: (key: string) => key }
    expect(toCanonical({ a: echo, b: [echo] })).toBe('{"a":"a","b":["0"]}')
    expect(toCanonical(new Date(0))).toBe('"1970-01-01T00:00:00.000Z"')
    expect(toCanonical({ a: { toJSON: () => undefined } })).toBe('{}')
  })

  test('honours JSON.rawJSON, so that a large number can be written', () => {
    expect(toCanonical({ n: rawJSON('12345678901234567890') })).toBe('{"n":12345678901234567890}')
  })

  test('takes plain objects of another realm and without a prototype', () => {
    expect(toCanonical(runInNewContext('({ a: [1] })'))).toBe('{"a":[1]}')
    expect(toCanonical(Object.assign(Object.create(null), { a: 1 }))).toBe('{"a":1}')
  })

  test('may hold one object twice', () => {
    const shared = { a: 1 }
    expect(toCanonical([shared, shared])).toBe('[{"a":1},{"a":1}]')
  })

  const circle: { self?: unknown } = {}
  circle.self = [circle]

  test.each([
    ['NaN', Number.NaN, 'NaN'],
    ['an infinity', { a: Number.NEGATIVE_INFINITY }, 'an infinite number'],
    ['a bigint', [1n], 'a bigint'],
    ['undefined in an array', [undefined], 'undefined in an array'],
    // biome-ignore lint/suspicious/noSparseArray: a hole is what is refused
    ['a hole', [1, , 2], 'undefined in an array'],
    ['a document of undefined', { toJSON: () => undefined }, 'undefined'],
    ['a function', { f: () => 1 }, 'a function'],
    ['a symbol', [Symbol('s')], 'a symbol'],
    ['a Map', { m: new Map() }, 'a class without toJSON'],
    ['a Set', new Set(), 'a class without toJSON'],
    ['a RegExp', /x/, 'a class without toJSON'],
    ['a class instance', new Point(), 'a class without toJSON'],
    ['a boxed number', Object(1), 'a class without toJSON'],
    ['a typed array', new Uint16Array(1), 'a class without toJSON'],
    ['an invalid Date', { at: new Date(Number.NaN) }, 'an invalid Date'],
    ['a circle', circle, 'a circle'],
    ['half a surrogate pair', ['\ud800'], 'half of a surrogate pair'],
    ['half a surrogate pair in a key', { '\udc00': 1 }, 'half of a surrogate pair'],
    ['half a surrogate pair in raw JSON', [rawJSON('"\\ud800"')], 'half of a surrogate pair'],
  ])('refuses %s', (_, value, why) => {
    expect(() => toCanonical(value)).toThrow(ValueError)
    expect(() => toCanonical(value)).toThrow(why)
  })

  test('nests at most 1,000 levels deep', () => {
    const nested = (levels: number) => {
      let value: unknown = 1
      for (let level = 0; level < levels; level++) value = [value]
      return value
    }
    expect(toCanonical(nested(1000))).toBe(`${'['.repeat(1000)}1${']'.repeat(1000)}`)
    expect(() => toCanonical(nested(1001))).toThrow('more than 1000 levels')
    const endless: { toJSON(): unknown } = { toJSON: () => ({ more: { ...endless } }) }
    expect(() => toCanonical(endless)).toThrow('more than 1000 levels')
  })
})

describe('a stored document', () => {
  test('has __proto__ as a member like any other', () => {
    const read = toApplication?.('{"__proto__":{"admin":true}}') as Record<string, unknown>
    expect(Object.keys(read)).toEqual(['__proto__'])
    expect(Object.getPrototypeOf(read)).toBe(Object.prototype)
    expect(read.admin).toBeUndefined()
    expect(toCanonical(read)).toBe('{"__proto__":{"admin":true}}')
  })

  test.each([
    '9007199254740993',
    '-12345678901234567890',
    '[1, 0.1000000000000000055]',
    '{"a": 1e400}',
    '[1e-400]',
    '{"text": "9", "n": 123456789012345678}',
    '["a\\"9007199254740993", 9007199254740993]',
    '3.14159265358979323846',
  ])('%s has a number that is refused, naming the way out', (text) => {
    expect(() => toApplication?.(text)).toThrow("t.json({ as: 'text' })")
  })

  test.each([
    ['9007199254740992', 2 ** 53],
    ['1152921504606846976', 2 ** 60],
    ['1152921504606847000', 2 ** 60],
    ['1.50000000000000000000', 1.5],
    ['100000000000000000000', 1e20],
    ['0.00000000000000000000', 0],
    ['1E+0002', 100],
    ['0.30000000000000004', 0.1 + 0.2],
    ['1.7976931348623157e308', Number.MAX_VALUE],
    ['5e-324', 5e-324],
    ['"9007199254740993"', '9007199254740993'],
    [
      '{"9007199254740993\\\\":"\\"9007199254740993"}',
      { '9007199254740993\\': '"9007199254740993' },
    ],
  ])('%s is read', (text, value) => {
    expect(toApplication?.(text)).toStrictEqual(value)
  })

  test.each(['', '{', 'undefined', "{'secret': 1}", 1, { a: 1 }])('%o is refused', (stored) => {
    expect(() => toApplication?.(stored)).toThrow(ValueError)
  })

  test('is not quoted by the error that refuses it', () => {
    let error: unknown
    try {
      toApplication?.('{"password": swordfish}')
    } catch (thrown) {
      error = thrown
    }
    expect(error).toBeInstanceOf(ValueError)
    expect(JSON.stringify([String(error), (error as ValueError).cause])).not.toContain('sword')
  })
})

describe('the form text', () => {
  const { toCanonical, toApplication } = jsonConversion('text')

  test.each(['{"n": 12345678901234567890, "n": 1}', ' null ', '"\\ud83d\\ude00"'])(
    'hands on %s as it is',
    (text) => {
      expect(toCanonical(text)).toBe(text)
      expect(toApplication).toBeUndefined()
    },
  )

  test.each(['', '{a: 1}', 'NaN', '[1,]', '"\\ud800"', '{"\\udc00": 1}', '"\ud800"', 1, {}, null])(
    'refuses %o',
    (value) => {
      expect(() => toCanonical(value)).toThrow(ValueError)
    },
  )
})

test('jsonNull is the document null in both forms, alone and inside', () => {
  expect(toCanonical(jsonNull)).toBe('null')
  expect(toCanonical({ a: jsonNull, b: null })).toBe('{"a":null,"b":null}')
  expect(jsonConversion('text').toCanonical(jsonNull)).toBe('null')
  expect(toApplication?.('null')).toBeNull()
})
