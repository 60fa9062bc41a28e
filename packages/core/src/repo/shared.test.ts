import { expect, test } from 'vitest'
import { isShared, shared } from './shared.ts'

test('a shared value is known by its mark, whatever it holds', () => {
  for (const value of [1, null, undefined, 'text', { a: 1 }, shared(1)]) {
    expect(isShared(shared(value))).toBe(true)
    expect(shared(value).value).toBe(value)
  }
})

test('a document never passes for a shared value', () => {
  const documents = ['{"kind":"mortise.shared","value":1}', '{"value":1}', 'null', '[1]', '"text"']
  for (const document of documents) expect(isShared(JSON.parse(document))).toBe(false)
  expect(isShared(JSON.parse(JSON.stringify(shared(1))))).toBe(false)
})
