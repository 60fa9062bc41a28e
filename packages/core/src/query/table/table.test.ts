import { describe, expect, test } from 'vitest'
import { misuse } from '../../testing/misuse.ts'
import { type Columns, defineTable, isColumn, isTable, t, tableInfo, tableName } from './index.ts'

const posts = defineTable('posts', {
  id: t.id(),
  title: t.text(),
  insertedAt: t.timestamp({ source: 'inserted_at', dbDefault: true }),
})

describe('defineTable', () => {
  test('gives each column by its property, with its name in the database', () => {
    expect(Object.keys(posts)).toEqual(['id', 'title', 'insertedAt'])
    expect(posts.insertedAt).toMatchObject({
      property: 'insertedAt',
      source: 'inserted_at',
      table: { name: 'posts', prefix: undefined },
    })
    expect(posts.title.source).toBe('title')
    expect(posts.title.settings.type).toEqual({ name: 'text' })
  })

  test('keeps what the runtime needs under a symbol, in the order of definition', () => {
    const info = posts[tableInfo]
    expect(info.name).toBe('posts')
    expect(info.columns).toEqual([posts.id, posts.title, posts.insertedAt])
    expect(info.byProperty.get('insertedAt')).toBe(posts.insertedAt)
    expect(info.byProperty.get('inserted_at')).toBeUndefined()
    expect(info.primaryKey).toEqual([posts.id])
  })

  test('knows a composite key, and a table without one', () => {
    const entries = defineTable('entries', {
      amount: t.decimal(),
      transferId: t.uuid({ primaryKey: true }),
      accountId: t.bigint({ primaryKey: true }),
    })
    expect(entries[tableInfo].primaryKey).toEqual([entries.transferId, entries.accountId])
    expect(defineTable('log', { line: t.text() })[tableInfo].primaryKey).toEqual([])
  })

  test('is frozen, columns and settings included', () => {
    const info = posts[tableInfo]
    const parts: unknown[] = [posts, info, info.columns, info.primaryKey]
    parts.push(posts.id, posts.id.table, posts.id.settings, posts.id.settings.type)
    for (const part of parts) expect(Object.isFrozen(part)).toBe(true)
  })

  test('names columns in snake_case where asked, and leaves a given source alone', () => {
    const table = defineTable(
      'people',
      {
        id: t.id(),
        firstName: t.text(),
        htmlURL: t.text(),
        URLOfHome: t.text(),
        line2: t.text(),
        line2Text: t.text(),
        déjàVuÀParis: t.text(),
        already_snake: t.text(),
        oddOne: t.text({ source: 'ODD one' }),
      },
      { columnNaming: 'snake_case' },
    )
    expect(table[tableInfo].columns.map(({ source }) => source)).toEqual([
      'id',
      'first_name',
      'html_url',
      'url_of_home',
      'line2',
      'line2_text',
      'déjà_vu_à_paris',
      'already_snake',
      'ODD one',
    ])
  })

  test('takes any property name, also those that objects have by themselves', () => {
    const columns: Columns = Object.fromEntries(
      ['__proto__', 'constructor', 'toString', 'hasOwnProperty'].map((name) => [name, t.text()]),
    )
    const table = defineTable('odd', columns)
    expect(Object.keys(table)).toEqual(Object.keys(columns))
    expect(Reflect.get(table, '__proto__')).toMatchObject({
      source: '__proto__',
    })
    expect('valueOf' in table).toBe(false)
  })

  test('lets one column type stand in many tables', () => {
    const email = t.text({ length: 254 })
    const a = defineTable('a', { email })
    const b = defineTable('b', { contact: email })
    expect(a.email.table.name).toBe('a')
    expect(b.contact).toMatchObject({ source: 'contact', table: { name: 'b' } })
  })

  test('refuses two columns of one name', () => {
    expect(misuse(() => defineTable('x', { a: t.text(), b: t.text({ source: 'a' }) }))).toBe(
      'TABLE_INVALID: x.a and x.b are both stored in the column "a"',
    )
    expect(
      misuse(() =>
        defineTable('x', { aB: t.text(), a_b: t.text() }, { columnNaming: 'snake_case' }),
      ),
    ).toBe('TABLE_INVALID: x.aB and x.a_b are both stored in the column "a_b"')
  })

  test('refuses what is no table', () => {
    const anything = (value: unknown) => value as never
    expect(misuse(() => defineTable('', { a: t.text() }))).toBe(
      'TABLE_INVALID: a table needs a name',
    )
    expect(misuse(() => defineTable(anything(undefined), { a: t.text() }))).toMatch(/needs a name/)
    expect(misuse(() => defineTable('x', {}))).toBe('TABLE_INVALID: x has no columns')
    expect(misuse(() => defineTable('x', { '': t.text() }))).toBe(
      'TABLE_INVALID: x has a column without a name',
    )
    for (const column of [undefined, null, 'text', t.text, posts.title]) {
      expect(misuse(() => defineTable('x', { a: anything(column) }))).toBe(
        'TABLE_INVALID: x.a is not a column that t made; write t.text(), for example',
      )
    }
  })

  test('refuses options that it does not have, and values that they do not take', () => {
    const define = (options: object) => misuse(() => defineTable('x', { a: t.text() }, options))
    expect(define({ schema: 'app' })).toBe(
      'UNKNOWN_OPTION: defineTable has no option "schema"; it takes prefix, columnNaming',
    )
    expect(define({ columnNaming: 'kebab' })).toBe(
      "OPTION_INVALID: columnNaming takes 'as_is' or 'snake_case'",
    )
    expect(define({ prefix: '' })).toBe('OPTION_INVALID: prefix takes the name of a schema')
    expect(define({ prefix: undefined, columnNaming: undefined })).toBe('nothing was thrown')
  })
})

describe('tableName', () => {
  test('puts the schema of the repo before that of the table', () => {
    const inSchema = defineTable('posts', { id: t.id() }, { prefix: 'blog' })[tableInfo]
    expect(tableName(inSchema, undefined)).toEqual({ kind: 'table', name: 'posts', prefix: 'blog' })
    expect(tableName(inSchema, 'tenant_7')).toEqual({
      kind: 'table',
      name: 'posts',
      prefix: 'tenant_7',
    })
    expect(tableName(posts[tableInfo], undefined)).toEqual({ kind: 'table', name: 'posts' })
  })
})

describe('isTable and isColumn', () => {
  test('tell tables and columns from everything else', () => {
    expect(isTable(posts)).toBe(true)
    expect(isColumn(posts.title)).toBe(true)
    for (const value of [undefined, null, 'posts', 1, {}, [], () => posts, t.text()]) {
      expect(isTable(value)).toBe(false)
      expect(isColumn(value)).toBe(false)
    }
    expect(isTable(posts.title)).toBe(false)
    expect(isColumn(posts)).toBe(false)
  })

  test('are not misled by a column that is called kind', () => {
    expect(isColumn(defineTable('x', { kind: t.text() }))).toBe(false)
  })
})
