import { describe, expectTypeOf, test } from 'vitest'
import {
  type AnyTable,
  type ColumnKey,
  type ColumnRef,
  type Columns,
  defineTable,
  type Insert,
  type PrimaryKey,
  type Row,
  type Table,
  t,
  type Update,
  type WritableKey,
} from './index.ts'

const people = defineTable('people', {
  id: t.id(),
  name: t.text(),
  nickname: t.text({ nullable: true }),
  initials: t.text({ generated: 'always' }),
  number: t.bigint({ generated: 'byDefault' }),
  score: t.integer({ default: 0 }),
  joinedAt: t.timestamp({ source: 'joined_at', dbDefault: true }),
})

const memberships = defineTable('memberships', {
  personId: t.integer({ primaryKey: true }),
  groupId: t.bigint({ primaryKey: true }),
  role: t.enum(['member', 'owner'], { default: 'member' }),
})

const events = defineTable('events', { at: t.timestamp(), what: t.text() })
const links = defineTable('links', {
  from: t.integer({ primaryKey: true }),
  to: t.integer({ primaryKey: true }),
})
const codes = defineTable('codes', { code: t.text({ primaryKey: true }) })

describe('Row', () => {
  test('has every column, as it is read', () => {
    expectTypeOf<Row<typeof people>>().toEqualTypeOf<{
      id: number
      name: string
      nickname: string | null
      initials: string
      number: bigint
      score: number
      joinedAt: Date
    }>()
  })
})

describe('Insert', () => {
  test('needs what has no default, may give what has one, and has no generated column', () => {
    expectTypeOf<Insert<typeof people>>().toEqualTypeOf<{
      id?: number
      name: string
      nickname?: string | null
      number?: bigint | number
      score?: number
      joinedAt?: Date
    }>()
    expectTypeOf<Insert<typeof memberships>>().toEqualTypeOf<{
      personId: number
      groupId: bigint | number
      role?: 'member' | 'owner'
    }>()
  })
})

describe('Update', () => {
  test('may set every column that can be written, but the primary key', () => {
    expectTypeOf<Update<typeof people>>().toEqualTypeOf<{
      name?: string
      nickname?: string | null
      number?: bigint | number
      score?: number
      joinedAt?: Date
    }>()
    expectTypeOf<Update<typeof memberships>>().toEqualTypeOf<{ role?: 'member' | 'owner' }>()
  })
})

describe('PrimaryKey', () => {
  test('is the value of a single column', () => {
    expectTypeOf<PrimaryKey<typeof people>>().toEqualTypeOf<number>()
    expectTypeOf<PrimaryKey<typeof codes>>().toEqualTypeOf<string>()
  })

  test('is an object where it is composite', () => {
    expectTypeOf<PrimaryKey<typeof memberships>>().toEqualTypeOf<{
      personId: number
      groupId: bigint | number
    }>()
    expectTypeOf<PrimaryKey<typeof links>>().toEqualTypeOf<{ from: number; to: number }>()
  })

  test('is nothing where the table has none', () => {
    expectTypeOf<PrimaryKey<typeof events>>().toBeNever()
  })
})

describe('a table whose columns are known at run time only', () => {
  const columns: Columns = Object.fromEntries(['a', 'b'].map((name) => [name, t.text()]))
  const dynamic = defineTable('dynamic', columns)

  test('has any column, any value and any key', () => {
    expectTypeOf<Row<typeof dynamic>>().toEqualTypeOf<{ [column: string]: unknown }>()
    expectTypeOf<PrimaryKey<typeof dynamic>>().toBeUnknown()
    expectTypeOf<ColumnKey<typeof dynamic>>().toEqualTypeOf<string>()
    expectTypeOf<{ a: number }>().toExtend<Insert<typeof dynamic>>()
    expectTypeOf<{ a: number }>().toExtend<Update<typeof dynamic>>()
  })
})

describe('the names of columns', () => {
  test('are those of the properties', () => {
    expectTypeOf<ColumnKey<typeof memberships>>().toEqualTypeOf<'personId' | 'groupId' | 'role'>()
    expectTypeOf<WritableKey<typeof people>>().toEqualTypeOf<
      'id' | 'name' | 'nickname' | 'number' | 'score' | 'joinedAt'
    >()
  })
})

describe('a table', () => {
  test('has its columns by property, with their types', () => {
    expectTypeOf(people.nickname).toEqualTypeOf<ColumnRef<string | null, string | null>>()
    expectTypeOf(people.number).toEqualTypeOf<ColumnRef<bigint, bigint | number>>()
    // @ts-expect-error the property is joinedAt; joined_at is the column's name in the database
    people.joined_at
  })

  test('fits where any table is taken', () => {
    expectTypeOf(people).toExtend<AnyTable>()
    expectTypeOf(people).toExtend<Table>()
    expectTypeOf(people).toExtend<Table<Columns>>()
    expectTypeOf({}).not.toExtend<AnyTable>()
  })

  test('has columns made by t, and known options', () => {
    // @ts-expect-error a column is made by t
    defineTable('people', { name: 'text' })
    // @ts-expect-error a builder is called
    defineTable('people', { name: t.text })
    defineTable('people', { name: t.text() }, { prefix: 'app', columnNaming: 'snake_case' })
    // @ts-expect-error no such naming
    defineTable('people', { name: t.text() }, { columnNaming: 'kebab' })
    // @ts-expect-error no such option
    defineTable('people', { name: t.text() }, { schema: 'app' })
  })
})
