import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { scriptedDialect, scriptedTypes } from '../../test/scripted-connection.ts'
import { postgres } from '../testing/dialects.ts'
import { misuse } from '../testing/misuse.ts'
import { ParameterEncoder } from './parameters.ts'
import { Sql, type SqlValue, sql } from './sql.ts'
import { refuseTransactionControl, SqlCompiler } from './sql-compiler.ts'
import { defineTable, t } from './table/index.ts'

const posts = defineTable('posts', { id: t.id(), title: t.text({ source: 'post_title' }) })
const users = defineTable('users', { id: t.id(), name: t.text() }, { prefix: 'auth' })
const encoder = new ParameterEncoder(scriptedTypes)

function compiler(prefix?: string): SqlCompiler {
  return new SqlCompiler(scriptedDialect, encoder, prefix)
}

/** The text and parameters, compiled twice by one compiler, which must not matter. */
function compiled(fragment: Sql, prefix?: string): [string, readonly unknown[]] {
  const used = compiler(prefix)
  const first = used.compile(fragment)
  expect(used.compile(fragment)).toEqual(first)
  return [first.sql, first.parameters]
}

describe('a fragment compiles', () => {
  test('values to parameters, tables and columns to names', () => {
    const title = "'; drop table posts; --"
    expect(compiled(sql`select ${posts.id} from ${posts} where ${posts.title} = ${title}`)).toEqual(
      ['select posts.id from posts where posts.post_title = ?', [title]],
    )
  })

  test('fragments in fragments, however deep, with their values in order', () => {
    const inner = sql`${posts.id} > ${1}`
    const middle = sql`${inner} and ${posts.id} < ${2}`
    expect(compiled(sql`select ${0} where ${middle} limit ${3}`)).toEqual([
      'select ? where posts.id > ? and posts.id < ? limit ?',
      [0, 1, 2, 3],
    ])
  })

  test('one fragment in several places', () => {
    const now = sql`coalesce(${1}, ${2})`
    expect(compiled(sql`${now} + ${now}`)).toEqual([
      'coalesce(?, ?) + coalesce(?, ?)',
      [1, 2, 1, 2],
    ])
  })

  test('joined fragments and lists', () => {
    const filters = [sql`a = ${1}`, sql`b = ${2}`]
    expect(
      compiled(sql`where ${sql.join(filters, sql` and `)} or c in ${sql.list(['x', null])}`),
    ).toEqual(['where a = ? and b = ? or c in (?, ?)', [1, 2, 'x', null]])
    expect(compiled(sql`(${sql.join([posts.id, sql.id('b'), 5])})`)).toEqual([
      '(posts.id, b, ?)',
      [5],
    ])
  })

  test('identifiers, quoted, whatever they hold', () => {
    expect(compiled(sql`select ${sql.id('a"b')} from ${sql.id('s', 'T')}`)).toEqual([
      'select "a\\"b" from s."T"',
      [],
    ])
  })

  test('unsafe text as it is', () => {
    expect(compiled(sql`order by x ${sql.unsafe('desc nulls last')} limit ${1}`)).toEqual([
      'order by x desc nulls last limit ?',
      [1],
    ])
  })

  test('typed values by the type of their column', () => {
    const fragment = sql`select ${sql.typed({ a: 1 }, t.json())}, ${5}, ${sql.typed(null, posts.title)}`
    const { sql: text, parameters, types } = compiler().compile(fragment)
    expect(text).toBe('select ?, ?, ?')
    expect(parameters).toEqual(['{"a":1}', 5, null])
    expect(types).toEqual([{ name: 'json' }, undefined, { name: 'text' }])
    expect(compiler().compile(sql`select ${5}`).types).toBeUndefined()
  })

  test('tables and columns in the schema of the repo, else their own', () => {
    const both = sql`${posts} ${users} ${users.name}`
    expect(compiled(both)[0]).toBe('posts auth.users auth.users.name')
    expect(compiled(both, 'tenant')[0]).toBe('tenant.posts tenant.users tenant.users.name')
  })

  test('the same template with other names to another text', () => {
    const count = (table: SqlValue, min: number) =>
      sql`select count(*) from ${table} where n > ${min}`
    const used = compiler()
    for (let round = 0; round < 2; round++) {
      expect(used.compile(count(posts, 1))).toMatchObject({
        sql: 'select count(*) from posts where n > ?',
        parameters: [1],
      })
      expect(used.compile(count(users, 2))).toMatchObject({
        sql: 'select count(*) from auth.users where n > ?',
        parameters: [2],
      })
      expect(used.compile(count(sql.id('x'), 3)).sql).toBe('select count(*) from x where n > ?')
      expect(used.compile(count('value', 4))).toMatchObject({
        sql: 'select count(*) from ? where n > ?',
        parameters: ['value', 4],
      })
    }
  })

  test('values that it must refuse to errors with their place and without their value', () => {
    const used = compiler()
    const query = (value: unknown) => sql`select ${1}, ${value as string}`
    used.compile(query('known by now'))
    for (const value of [{ geheim: 1 }, ['geheim'], Symbol('geheim'), () => 'geheim']) {
      expect(() => used.compile(query(value))).toThrow(/^parameter 2: /)
      expect(() => used.compile(query(value))).not.toThrow(/geheim/)
    }
    expect(() => used.compile(new Sql(['', ''], [undefined]))).toThrow(/parameter 1: is undefined/)
    expect(() => used.compile(sql`${1} ${sql.typed('geheim' as never, posts.id)}`)).toThrow(
      /^posts\.id: takes a safe integer/,
    )
    expect(() => used.compile(sql`${1} ${sql.typed('geheim' as never, t.integer())}`)).toThrow(
      /^parameter 2: takes a safe integer/,
    )
  })
})

describe('a compiler that has compiled before', () => {
  const texts = [['select ', ''], ['', ' = ', ''], ['a ', ' b ', ' c ', ''], ['now()']]
  const values: fc.Arbitrary<unknown> = fc.oneof(
    { weight: 4, arbitrary: fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.constant(null)) },
    {
      weight: 3,
      arbitrary: fc.constantFrom<unknown>(posts, users, posts.id, posts.title, users.name),
    },
    { weight: 1, arbitrary: fc.constantFrom<unknown>(sql.id('i'), sql.unsafe('now()')) },
    { weight: 1, arbitrary: fc.integer().map((value) => sql.typed(value, posts.id)) },
  )
  const fragments = fc.letrec<{ fragment: Sql; value: unknown }>((tie) => ({
    value: fc.oneof({ weight: 5, arbitrary: values }, { weight: 1, arbitrary: tie('fragment') }),
    fragment: fc
      .constantFrom(...texts)
      .chain((strings) =>
        fc
          .tuple(...strings.slice(1).map(() => tie('value')))
          .map((given) => new Sql(strings, given as unknown[])),
      ),
  })).fragment

  test.each([
    ['positional placeholders', scriptedDialect],
    ['numbered placeholders', postgres],
  ])('gives what a new one gives, with %s', (_name, dialect) => {
    fc.assert(
      fc.property(fc.array(fragments, { minLength: 2, maxLength: 12 }), (list) => {
        const used = new SqlCompiler(dialect, encoder, undefined)
        for (const fragment of list) {
          const fresh = new SqlCompiler(dialect, encoder, undefined)
          expect(used.compile(fragment)).toEqual(fresh.compile(fragment))
        }
      }),
      { numRuns: 2000 },
    )
  })
})

describe('text that begins or ends a transaction', () => {
  test.each([
    'begin',
    'BEGIN IMMEDIATE',
    '  start   transaction',
    'commit;',
    'end',
    'rollback',
    'abort',
    '-- a comment\nsavepoint a',
    '/* a\ncomment */ release a',
    '--x\n--y\n  /* */Rollback to a',
  ])('is refused: %s', (text) => {
    expect(misuse(() => refuseTransactionControl(text))).toMatch(
      /^TRANSACTION_CONTROL: .*repo\.transaction\(\)/,
    )
  })

  test.each([
    '',
    'select begin',
    "insert into t values ('commit')",
    'starting',
    'endless',
    'select 1 -- begin',
    'update t set a = 1',
    'delete from savepoint',
    'with x as (select 1) select * from x',
    'begin_work()',
  ])('is not what only looks like it: %s', (text) => {
    expect(misuse(() => refuseTransactionControl(text))).toBe('nothing was thrown')
  })
})
