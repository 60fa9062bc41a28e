import { describe, expect, test } from 'vitest'
import type { LogicalType, TypeTable } from '../../contract/index.ts'
import { ValueError } from '../../errors/index.ts'
import { inferType } from './infer-type.ts'

const types: TypeTable = { codecs: {} }

describe('the type of a value without one', () => {
  test.each([
    [true, 'boolean'],
    [1, 'integer'],
    [Number.MIN_SAFE_INTEGER, 'integer'],
    [-0, 'float'],
    [2 ** 53, 'float'],
    [0.5, 'float'],
    [Number.NaN, 'float'],
    [1n, 'bigint'],
    ['', 'text'],
    [new Date(0), 'timestamp'],
    [Buffer.from('x'), 'bytes'],
  ])('%o is of type %s', (value, name) => {
    expect(inferType(value, types, 'parameter 1')).toEqual({ name })
    expect(inferType(value, types, 'parameter 2')).toBe(inferType(value, types, 'parameter 1'))
  })

  test.each([
    [undefined, 'use null'],
    [Symbol('s'), 'symbol'],
    [() => 1, 'call it'],
    [new Date(Number.NaN), 'an invalid Date'],
    [{ secret: 1 }, 'sql.typed(value, t.json())'],
    [['secret'], 'sql.typed(value, t.json())'],
    [Promise.resolve('secret'), 'a Promise; await it first'],
    [new Map(), 'sql.typed'],
    [new ArrayBuffer(1), 'sql.typed'],
  ])('%o has none and is refused', (value, why) => {
    expect(() => inferType(value, types, 'parameter 3')).toThrow(ValueError)
    expect(() => inferType(value, types, 'parameter 3')).toThrow(/^parameter 3: /)
    expect(() => inferType(value, types, 'parameter 3')).toThrow(why)
    expect(() => inferType(value, types, 'parameter 3')).not.toThrow('secret')
  })

  test('is refused without a place where the caller adds it', () => {
    expect(() => inferType(undefined, types)).toThrow(/^is undefined; /)
  })

  test('is the adapter’s to say, but undefined is a mistake everywhere', () => {
    const json: LogicalType = { name: 'json' }
    const own: TypeTable = {
      codecs: {},
      infer: (value) => (typeof value === 'object' || value === undefined ? json : undefined),
    }
    expect(inferType({}, own, 'parameter 1')).toBe(json)
    expect(inferType([], own, 'parameter 1')).toBe(json)
    expect(inferType('x', own, 'parameter 1')).toEqual({ name: 'text' })
    expect(() => inferType(undefined, own, 'parameter 1')).toThrow(ValueError)
  })
})
