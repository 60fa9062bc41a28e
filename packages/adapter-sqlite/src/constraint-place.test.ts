import { describe, expect, it } from 'vitest'
import { constraintPlace } from './constraint-place.ts'

describe('constraintPlace', () => {
  it('reads one column and several columns', () => {
    expect(constraintPlace('posts.slug')).toEqual({ table: 'posts', columns: ['slug'] })
    expect(constraintPlace('posts.slug, posts.lang')).toEqual({
      table: 'posts',
      columns: ['slug', 'lang'],
    })
  })

  it('reads an index on an expression, quotes included', () => {
    expect(constraintPlace("index 'posts_lower_slug'")).toEqual({ constraint: 'posts_lower_slug' })
    expect(constraintPlace("index 'it''s'")).toEqual({ constraint: "it's" })
  })

  it('reads names with blanks, quotes and commas in them', () => {
    expect(constraintPlace('my table."a"')).toEqual({ table: 'my table', columns: ['"a"'] })
    expect(constraintPlace('t.a, b')).toEqual({ table: 't', columns: ['a, b'] })
    expect(constraintPlace('a, b.c')).toEqual({ table: 'a, b', columns: ['c'] })
  })

  it('claims nothing where names with dots can be read in two ways', () => {
    expect(constraintPlace('x.y.z')).toEqual({})
    expect(constraintPlace('x.y.a, x.y.b')).toEqual({})
  })

  it('claims nothing for text without a place', () => {
    expect(constraintPlace('')).toEqual({})
    expect(constraintPlace('.a')).toEqual({})
  })
})
