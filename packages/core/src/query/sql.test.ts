import { describe, expect, test } from 'vitest'
import { misuse } from '../testing/misuse.ts'
import { isName, isSql, Sql, SqlIdentifier, sql, TypedValue, UnsafeText } from './sql.ts'
import { defineTable, t } from './table/index.ts'

const posts = defineTable('posts', { id: t.id(), title: t.text() })
const anything = (value: unknown) => value as never

describe('sql', () => {
  test('keeps texts and values apart, in order', () => {
    const fragment = sql`select ${posts.id} from ${posts} where ${posts.title} = ${'x; drop'}`
    expect(fragment.strings).toEqual(['select ', ' from ', ' where ', ' = ', ''])
    expect(fragment.values).toEqual([posts.id, posts, posts.title, 'x; drop'])
  })

  test('keeps one identity of its texts for one place in the code, so that they compile once', () => {
    const byId = (id: number) => sql`select * from ${posts} where ${posts.id} = ${id}`
    expect(byId(1).strings).toBe(byId(2).strings)
    expect(byId(1)).not.toBe(byId(1))
  })

  test('holds fragments whole', () => {
    const condition = sql`${posts.id} = ${1}`
    expect(sql`delete from ${posts} where ${condition}`.values).toEqual([posts, condition])
  })

  test('takes null, false, 0 and empty text as values', () => {
    expect(sql`${null} ${false} ${0} ${''}`.values).toEqual([null, false, 0, ''])
  })

  test('refuses to be called with a text, which could hold values', () => {
    for (const call of [['select 1'], [['select 1']], [['a', 'b'], 1], [undefined]]) {
      expect(misuse(() => (sql as (...given: unknown[]) => unknown)(...call))).toMatch(
        /^TAG_EXPECTED: sql is a template tag.*sql`select …`.*sql\.unsafe/,
      )
    }
  })

  test('refuses an escape that JavaScript cannot read', () => {
    expect(misuse(() => sql`select '\u{zz}'`)).toBe(
      'ESCAPE_INVALID: text 1 of the sql template has an escape that JavaScript cannot read; write \\\\ for a backslash',
    )
  })

  test('refuses undefined, naming the place and not the text', () => {
    expect(misuse(() => sql`select ${1}, ${anything(undefined)}`)).toBe(
      "UNDEFINED_VALUE: value 2 of the sql template is undefined; use null for SQL's NULL",
    )
  })
})

describe('sql.id', () => {
  test('makes a name of one or more parts', () => {
    expect(sql.id('posts')).toEqual(new SqlIdentifier(['posts']))
    expect(sql.id('public', 'a "quoted" name').names).toEqual(['public', 'a "quoted" name'])
  })

  test('refuses what is no name', () => {
    for (const names of [[], [''], ['a', ''], [1], [undefined]]) {
      expect(misuse(() => sql.id(...(names as [string])))).toBe(
        'IDENTIFIER_INVALID: sql.id takes one or more names that are not empty',
      )
    }
  })
})

describe('sql.join', () => {
  test('puts a comma between, or what is given', () => {
    const { strings, values } = sql.join([1, 'a', posts.id])
    expect(strings).toEqual(['', '', '', '', '', ''])
    expect(values).toEqual([1, expect.any(Sql), 'a', expect.any(Sql), posts.id])
    expect((values[1] as Sql).strings).toEqual([', '])
    const and = sql` and `
    expect(sql.join([sql`a`, sql`b`], and).values[1]).toBe(and)
  })

  test('gives one item as it is', () => {
    expect(sql.join([7])).toEqual(new Sql(['', ''], [7]))
  })

  test('refuses nothing, and undefined', () => {
    expect(misuse(() => sql.join([]))).toBe('EMPTY_LIST: sql.join got nothing to join')
    expect(misuse(() => sql.join([1, anything(undefined)]))).toBe(
      "UNDEFINED_VALUE: item 2 of the list is undefined; use null for SQL's NULL",
    )
  })

  test('refuses a hole in the list, as it does undefined', () => {
    expect(misuse(() => sql.join(Object.assign([1], { 2: 3 })))).toMatch(/^UNDEFINED_VALUE: item 2/)
    expect(misuse(() => sql.list(Object.assign([1], { 2: 3 })))).toMatch(/^UNDEFINED_VALUE: item 2/)
  })

  test('refuses what is no list, and a separator that is no fragment', () => {
    for (const items of [undefined, 'abc', new Set([1]), { length: 1 }]) {
      expect(misuse(() => sql.join(anything(items)))).toBe('LIST_EXPECTED: sql.join takes a list')
      expect(misuse(() => sql.list(anything(items)))).toBe('LIST_EXPECTED: sql.list takes a list')
    }
    expect(misuse(() => sql.join([1, 2], anything(' and ')))).toBe(
      'FRAGMENT_EXPECTED: sql.join takes its separator as a fragment, such as sql` and `',
    )
  })

  test('leaves the list alone', () => {
    const items = [1, 2, 3]
    sql.join(items)
    expect(items).toEqual([1, 2, 3])
  })
})

describe('sql.list', () => {
  test('puts parentheses around', () => {
    const { strings, values } = sql.list([1, 2])
    expect(strings).toEqual(['(', '', '', ')'])
    expect(values).toEqual([1, expect.any(Sql), 2])
  })

  test('refuses an empty list, which SQL cannot write', () => {
    expect(misuse(() => sql.list([]))).toMatch(/^EMPTY_LIST: sql\.list got an empty list/)
  })
})

describe('sql.typed', () => {
  test('keeps a value with the type of a column or of t', () => {
    const price = t.decimal({ precision: 5, scale: 2 })
    const value = sql.typed('1.50', price)
    expect(value).toBeInstanceOf(TypedValue)
    expect(value).toMatchObject({ value: '1.50', column: price })
    expect(sql.typed(null, posts.title).column).toBe(posts.title)
  })

  test('refuses undefined, and what is no type', () => {
    expect(misuse(() => sql.typed(anything(undefined), posts.title))).toMatch(/^UNDEFINED_VALUE: /)
    for (const type of [undefined, null, 'text', t.text, {}, posts]) {
      expect(misuse(() => sql.typed('a', anything(type)))).toBe(
        'TYPE_EXPECTED: sql.typed takes a column (posts.title) or a column type (t.text()) as its second argument',
      )
    }
  })
})

describe('sql.unsafe', () => {
  test('keeps text as it is', () => {
    expect(sql.unsafe('nulls last')).toEqual(new UnsafeText('nulls last'))
    expect(misuse(() => sql.unsafe(anything(5)))).toBe('TEXT_EXPECTED: sql.unsafe takes a string')
  })
})

describe('what stands in a fragment', () => {
  test('is a name or a value, whatever it looks like', () => {
    for (const name of [posts, posts.id, sql.id('a'), sql.unsafe('a')]) {
      expect(isName(name)).toBe(true)
    }
    const lookalike = { names: ['a'], text: 'a', strings: ['a'], values: [] }
    for (const value of [lookalike, JSON.parse('{"kind":"mortise.table"}'), 'posts', null, 1]) {
      expect(isName(value)).toBe(false)
      expect(isSql(value)).toBe(false)
    }
  })

  test('is a column only if defineTable made it, never an object of input', () => {
    const input = JSON.parse(
      '{"kind":"mortise.column","property":"a","source":"a\\" or 1=1","settings":{"type":{"name":"text"}},"table":{"name":"posts"}}',
    )
    expect(isName(input)).toBe(false)
  })
})
