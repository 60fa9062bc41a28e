import { describe, expect, it } from 'vitest'
import { didYouMean } from './did-you-mean.ts'

describe('didYouMean', () => {
  it.each([
    ['timeout', ['timeoutMs', 'signal'], 'did you mean "timeoutMs"?'],
    ['SIGNAL', ['timeoutMs', 'signal'], 'did you mean "signal"?'],
    ['poolsize', ['poolSize', 'pool'], 'did you mean "poolSize"?'],
    ['x', ['in', 'or'], 'known are in, or'],
    ['everything', ['timeoutMs', 'signal'], 'known are timeoutMs, signal'],
  ])('answers %s', (name, known, answer) => {
    expect(didYouMean(name, known)).toBe(answer)
  })
})
