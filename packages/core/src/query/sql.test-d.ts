import { describe, expectTypeOf, test } from 'vitest'
import type { Sql, SqlIdentifier, TypedValue, UnsafeText } from './sql.ts'
import { sql } from './sql.ts'
import { defineTable, type Row, t } from './table/index.ts'

const posts = defineTable('posts', {
  id: t.id(),
  title: t.text(),
  price: t.decimal({ nullable: true }),
  tags: t.array(t.text()),
})

describe('sql', () => {
  test('has the rows that the caller states, else rows of unknown values', () => {
    expectTypeOf(sql<Row<typeof posts>>`select * from ${posts}`).toEqualTypeOf<
      Sql<Row<typeof posts>>
    >()
    expectTypeOf(sql`select 1`).toEqualTypeOf<Sql<Record<string, unknown>>>()
  })

  test('takes tables, columns, fragments, names and values', () => {
    sql`select ${posts.title} from ${posts} where ${posts.id} = ${1} and ${sql`true`}`
    sql`${sql.id('a', 'b')} ${sql.unsafe('desc')} ${sql.list([1, 2])} ${sql.join([posts.id])}`
    sql`${'text'} ${1.5} ${2n} ${true} ${null} ${new Date(0)} ${new Uint8Array(1)}`
  })

  test('refuses what cannot be a value', () => {
    const found: { id?: number } = {}
    // @ts-expect-error undefined has no SQL
    sql`select ${undefined}`
    // @ts-expect-error it may be undefined
    sql`select ${found.id}`
    // @ts-expect-error a promise that was not awaited
    sql`select ${Promise.resolve(1)}`
    // @ts-expect-error a function that was not called
    sql`select ${() => 1}`
    // @ts-expect-error a symbol has no SQL
    sql`select ${Symbol('x')}`
  })
})

describe('sql.typed', () => {
  test('takes a value that the column accepts, or null', () => {
    expectTypeOf(sql.typed('1.50', t.decimal())).toEqualTypeOf<TypedValue>()
    sql.typed(5n, posts.price)
    sql.typed(null, posts.title)
    sql.typed(['a', 'b'], posts.tags)
    sql.typed(['a', 'b'], t.array(t.text()))
    // @ts-expect-error a decimal is no number
    sql.typed(1.5, posts.price)
    // @ts-expect-error an array of text
    sql.typed([1], t.array(t.text()))
    // @ts-expect-error undefined has no SQL
    sql.typed(undefined, posts.title)
    // @ts-expect-error the type is a column, not a name
    sql.typed('a', 'text')
  })
})

describe('the other helpers of sql', () => {
  test('say what they make', () => {
    expectTypeOf(sql.id('public', 'posts')).toEqualTypeOf<SqlIdentifier>()
    expectTypeOf(sql.unsafe('now()')).toEqualTypeOf<UnsafeText>()
    expectTypeOf(sql.list([1])).toEqualTypeOf<Sql>()
    expectTypeOf(sql.join([sql`a`], sql` and `)).toEqualTypeOf<Sql>()
    // @ts-expect-error a name is needed
    sql.id()
    // @ts-expect-error the separator is a fragment
    sql.join([sql`a`], ' and ')
    // @ts-expect-error undefined has no SQL
    sql.list([1, undefined])
  })
})
