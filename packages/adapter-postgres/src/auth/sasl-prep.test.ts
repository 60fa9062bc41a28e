import { expect, it } from 'vitest'
import { saslPrep } from './sasl-prep.ts'

// The first four are the examples of RFC 4013, section 3.
it.each([
  ['I\u00adX', 'IX'],
  ['user', 'user'],
  ['\u00aa', 'a'],
  ['\u2168', 'IX'],
  ['a\u00a0b\u3000c', 'a b c'],
  ['\ufb01', 'fi'],
  ['\u{1f600}', '\u{1f600}'],
  ['\u0627\u0628', '\u0627\u0628'],
])('prepares %j', (password, prepared) => {
  expect(saslPrep(password)).toBe(prepared)
})

it.each([
  ['a control', '\ufb01\u0007'],
  ['letters in both directions', '\ufb01\u0627'],
  ['a digit behind letters from right to left', '\u0627\u00b2'],
  ['a private character', '\ufb01\ue000'],
  ['what Unicode 3.2 did not have', '\u{1f600}e\u0301'],
  ['nothing that is left', '\u00ad'],
])('leaves %s as it is', (_name, password) => {
  expect(saslPrep(password)).toBe(password)
})
