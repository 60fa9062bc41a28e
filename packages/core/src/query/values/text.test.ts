import { describe, expect, test } from 'vitest'
import { MisuseError, ValueError } from '../../errors/index.ts'
import { enumConversion, textConversion, uuidConversion } from './text.ts'

describe('a text', () => {
  const { toCanonical } = textConversion({ name: 'text' })

  test.each(['', 'plain', '\0', 'e\u0301', '😀', "'; drop table posts; --"])('keeps %o', (text) => {
    expect(toCanonical(text)).toBe(text)
  })

  test.each(['\ud800', 'a\udc00b', '\udc00\ud800'])(
    'refuses half a surrogate pair in %o',
    (text) => {
      expect(() => toCanonical(text)).toThrow('half of a surrogate pair')
    },
  )

  test.each([1, true, null, {}, Object('boxed'), Symbol('s')])('refuses %o', (value) => {
    expect(() => toCanonical(value)).toThrow('takes a string')
  })

  test('counts its length in characters', () => {
    const { toCanonical } = textConversion({ name: 'text', length: 2 })
    expect(toCanonical('😀😀')).toBe('😀😀')
    expect(() => toCanonical('😀😀😀')).toThrow('longer than the 2 characters declared')
    expect(() => toCanonical('abc')).toThrow(ValueError)
    expect(textConversion({ name: 'text', length: 0 }).toCanonical('')).toBe('')
  })
})

describe('a UUID', () => {
  const { toCanonical } = uuidConversion

  test('is written in lower case', () => {
    expect(toCanonical('A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11')).toBe(
      'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11',
    )
  })

  test.each([
    '{a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11}',
    'a0eebc999c0b4ef8bb6d6bb9bd380a11',
    'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a1g',
    ' a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11',
    'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11\n',
    '',
    1,
  ])('refuses %o', (value) => {
    expect(() => toCanonical(value)).toThrow(ValueError)
  })
})

describe('an enum', () => {
  const { toCanonical } = enumConversion({ name: 'enum', values: ['draft', 'live'] }, undefined)

  test('keeps its members', () => {
    expect(toCanonical('live')).toBe('live')
  })

  test.each(['Live', 'live ', 'secret-word'])('refuses %o and names the members', (value) => {
    expect(() => toCanonical(value)).toThrow(
      'is not a member of its enum; use one of "draft", "live"',
    )
  })

  test('refuses what is not a string', () => {
    expect(() => toCanonical(0)).toThrow('takes one of "draft", "live", got a number')
  })

  test('needs members', () => {
    expect(() => enumConversion({ name: 'enum' }, 'posts.state')).toThrow(MisuseError)
  })
})
