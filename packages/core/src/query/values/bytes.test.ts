import { runInNewContext } from 'node:vm'
import { describe, expect, test } from 'vitest'
import { ValueError } from '../../errors/index.ts'
import { booleanConversion } from './boolean.ts'
import { bytesConversion } from './bytes.ts'

const { toCanonical } = bytesConversion

describe('bytes', () => {
  test.each([
    new Uint8Array(0),
    Uint8Array.of(0, 255),
    Buffer.from('abc'),
    new Uint8Array(new ArrayBuffer(8), 2, 3),
    new Uint8Array(new SharedArrayBuffer(4)),
    runInNewContext('new Uint8Array(2)') as Uint8Array,
  ])('hands on %o as it is', (bytes) => {
    expect(toCanonical(bytes)).toBe(bytes)
  })

  test.each([
    new ArrayBuffer(1),
    new DataView(new ArrayBuffer(1)),
    new Uint16Array(1),
    new Uint8ClampedArray(1),
    [1, 2],
    'abc',
    { length: 0 },
  ])('refuses %o and tells how to wrap it', (value) => {
    expect(() => toCanonical(value)).toThrow(ValueError)
    expect(() => toCanonical(value)).toThrow('new Uint8Array(buffer)')
  })

  test('refuses bytes that were transferred away', () => {
    const bytes = Uint8Array.of(1, 2, 3)
    structuredClone(bytes, { transfer: [bytes.buffer] })
    expect(() => toCanonical(bytes)).toThrow('transferred away')
  })
})

describe('a boolean', () => {
  test.each([true, false])('keeps %o', (value) => {
    expect(booleanConversion.toCanonical(value)).toBe(value)
  })

  test.each([0, 1, 'true', '', null, Object(false)])('refuses %o', (value) => {
    expect(() => booleanConversion.toCanonical(value)).toThrow('takes true or false')
  })
})
