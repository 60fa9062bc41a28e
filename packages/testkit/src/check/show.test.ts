import { expect, it } from 'vitest'
import { show } from './show.ts'

it.each([
  [-0, '-0'],
  [5n, '5n'],
  ['a\0b', '"a\\u0000b"'],
  ['\ud800', '"\\ud800"'],
  ['\u200b\ufeff', '"\\u200b\\ufeff"'],
  [Uint8Array.of(1, 255), '<2 bytes 01ff>'],
  [new Uint8Array(0), '<0 bytes>'],
  [undefined, 'undefined'],
  [Object.assign(new TypeError('bad'), { code: 'X' }), 'TypeError X: bad'],
])('shows %o as %s', (value, expected) => {
  expect(show(value)).toBe(expected)
})

it('cuts what is long and says how long it was', () => {
  expect(show('x'.repeat(1000))).toMatch(/^"x{160}"… \(1000 characters\)$/)
  expect(show(new Uint8Array(100)).length).toBeLessThan(80)
})
