import { describe, expect, test } from 'vitest'
import { scriptedCapabilities, scriptedTypes } from '../../test/scripted-manifest.ts'
import type { TypeTable } from '../contract/index.ts'
import { misuse } from '../testing/misuse.ts'
import { checkParameterCount, ParameterEncoder } from './parameters.ts'

describe('an untyped parameter', () => {
  const tagged: TypeTable = {
    codecs: Object.fromEntries(
      Object.keys(scriptedTypes.codecs).map((name) => [
        name,
        { ddl: name, encode: (value: unknown) => [name, value] },
      ]),
    ),
  }

  test('is encoded by its JavaScript value alone', () => {
    const encoder = new ParameterEncoder(tagged)
    const values = [true, 1, 1.5, -0, 2n, 'a', new Date(0), Uint8Array.of(1), null]
    const expected = [
      ['boolean', true],
      ['integer', 1],
      ['float', 1.5],
      ['float', -0],
      ['bigint', 2n],
      ['text', 'a'],
      ['timestamp', '1970-01-01T00:00:00.000000Z'],
      ['bytes', Uint8Array.of(1)],
      null,
    ]
    for (let round = 0; round < 2; round++) expect(encoder.untypedAll(values)).toEqual(expected)
  })

  test('is encoded as the adapter infers it, where it does', () => {
    const encoder = new ParameterEncoder({
      ...tagged,
      infer: (value) => (value instanceof Map ? { name: 'json' } : undefined),
    })
    expect(() => encoder.untyped(new Map(), 1)).toThrow(/^parameter 1: /)
    expect(encoder.untyped('a', 1)).toEqual(['text', 'a'])
  })

  test('is refused with its place and kind, never with its value', () => {
    const encoder = new ParameterEncoder(scriptedTypes)
    const geheim = 'geheim\0'
    for (const value of [
      undefined,
      { geheim },
      [geheim],
      () => geheim,
      Symbol(geheim),
      new Date(Number.NaN),
      '\ud800',
      2n ** 64n,
    ]) {
      expect(() => encoder.untypedAll(['fine', value])).toThrow(/^parameter 2: /)
      expect(() => encoder.untypedAll(['fine', value])).not.toThrow(/geheim|18446744073709551616/)
    }
  })

  test('is refused where the adapter has no codec for its type', () => {
    const encoder = new ParameterEncoder({ codecs: { text: { ddl: 'text' } } })
    expect(() => encoder.untyped(5, 3)).toThrow('the adapter has no type integer')
  })
})

test('the number of parameters may be the limit, and not one more', () => {
  const capabilities = { ...scriptedCapabilities, maxParameters: 3 }
  expect(misuse(() => checkParameterCount(3, capabilities))).toBe('nothing was thrown')
  expect(misuse(() => checkParameterCount(4, capabilities))).toBe(
    'TOO_MANY_PARAMETERS: the statement has 4 parameters and the database takes at most 3; split it, or use insertAll, which splits by itself',
  )
})
