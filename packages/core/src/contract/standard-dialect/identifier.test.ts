import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { MisuseError } from '../../errors/index.ts'
import { memoryDatabase } from '../../testing/dialects.ts'
import { identifierQuoter } from './identifier.ts'

describe('identifierQuoter', () => {
  it.each([
    ['"', 'a"b', '"a""b"'],
    ['`', 'a`b"', '`a``b"`'],
    ['[]', '[a]b', '[[a]]b]'],
  ] as const)('doubles the closing quote of %s', (quotes, name, quoted) => {
    expect(identifierQuoter(quotes, 100)(name)).toBe(quoted)
  })

  it.each([
    ['', 'IDENTIFIER_INVALID'],
    ['a\0b', 'IDENTIFIER_INVALID'],
    ['a\ud800b', 'IDENTIFIER_INVALID'],
    [undefined, 'IDENTIFIER_INVALID'],
    ['abcde', 'IDENTIFIER_TOO_LONG'],
    ['äöü', 'IDENTIFIER_TOO_LONG'],
  ])('refuses %j within four bytes', (name, code) => {
    const quote = identifierQuoter('"', 4)
    expect(() => quote(name as string)).toThrow(expect.objectContaining({ code }))
    expect(() => quote(name as string)).toThrow(MisuseError)
  })

  it.each(['abcd', 'äö', '😀', ' '])('takes %j within four bytes', (name) => {
    expect(identifierQuoter('"', 4)(name)).toBe(`"${name}"`)
  })

  it('names whatever it quotes', () => {
    const database = memoryDatabase('')
    const quote = identifierQuoter('"', 10_000)
    const name = fc.string({ unit: 'binary', minLength: 1 }).filter((text) => !text.includes('\0'))
    fc.assert(
      fc.property(name, (text) => {
        const [column] = database.prepare(`select 1 as ${quote(text)}`).columns()
        expect(column?.name).toBe(text)
      }),
    )
  })
})
