import { describe, expect, it } from 'vitest'
import { checkEqual, checkErrorIs, checkRefuses, checkThat } from './check.ts'
import { RuleFailure } from './rule-failure.ts'

describe('checkEqual', () => {
  it.each([
    [1, 1],
    [Number.NaN, Number.NaN],
    [
      [1n, 'a', null],
      [1n, 'a', null],
    ],
    [Buffer.from([1, 2]), Uint8Array.of(1, 2)],
    [Object.assign(Object.create(null), { a: 1 }), { a: 1 }],
    [[new Date(5)], [new Date(5)]],
  ])('takes %o for %o', (seen, expected) => {
    expect(() => checkEqual('it', seen, expected)).not.toThrow()
  })

  it.each([
    [1, 1n],
    [0, -0],
    [1, '1'],
    [null, undefined],
    [
      [1, 2],
      [2, 1],
    ],
    [{ a: 1 }, { a: 1, b: undefined }],
    [{ ['__proto__']: 1 }, {}],
    [new Date(5), new Date(6)],
    [Uint8Array.of(1), Uint8Array.of(1, 0)],
  ])('tells %o from %o', (seen, expected) => {
    expect(() => checkEqual('it', seen, expected)).toThrow(RuleFailure)
  })

  it('says what was expected and what was seen', () => {
    expect(() => checkEqual('the id', 9007199254740992, 9007199254740993n)).toThrow(
      'the id: expected 9007199254740993n, seen 9007199254740992',
    )
  })
})

describe('checkRefuses', () => {
  it('gives the error of a throw and of a rejection', async () => {
    const error = new Error('no')
    const thrown = () => {
      throw error
    }
    await expect(checkRefuses('it', thrown)).resolves.toBe(error)
    await expect(checkRefuses('it', () => Promise.reject(error))).resolves.toBe(error)
  })

  it('fails when nothing is thrown, with the answer', async () => {
    await expect(checkRefuses('the call', () => 7)).rejects.toThrow(
      'the call: expected an error, seen no error but 7',
    )
  })
})

describe('checkErrorIs', () => {
  it('looks at the class and the code', () => {
    const error = Object.assign(new TypeError('x'), { code: 'A' })
    expect(() => checkErrorIs('it', error, TypeError, 'A')).not.toThrow()
    expect(() => checkErrorIs('it', error, TypeError, 'B')).toThrow(/with the code B/)
    expect(() => checkErrorIs('it', error, RangeError)).toThrow(
      /expected a RangeError, seen TypeError A: x/,
    )
  })
})

describe('checkThat', () => {
  it('fails in words', () => {
    expect(() => checkThat('it', false, { expected: 'yes', seen: 'no' })).toThrow(
      'it: expected yes, seen no',
    )
  })
})
