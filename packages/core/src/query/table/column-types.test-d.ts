import { describe, expectTypeOf, test } from 'vitest'
import { type JsonNull, jsonNull } from '../values/index.ts'
import { type ColumnBuilder, type JsonValue, t, type } from './index.ts'

interface Meta {
  tags: string[]
}

/** What a json column of any document takes: a plain null would be SQL's. */
type Written = Exclude<JsonValue, null> | JsonNull

interface TemporalTag<Name extends string> {
  readonly [Symbol.toStringTag]: `Temporal.${Name}`
}

type Required<Read, Write = Read> = ColumnBuilder<Read, Write, 'required', false, 'values'>
type Optional<Read, Write = Read> = ColumnBuilder<Read, Write, 'optional', false, 'values'>
type RequiredDocument<Read, Write = Read> = ColumnBuilder<
  Read,
  Write,
  'required',
  false,
  'operators'
>
type OptionalDocument<Read, Write = Read> = ColumnBuilder<
  Read,
  Write,
  'optional',
  false,
  'operators'
>

describe('a column without options must be given and holds no null', () => {
  test('for every builder', () => {
    expectTypeOf(t.boolean()).toEqualTypeOf<Required<boolean>>()
    expectTypeOf(t.integer()).toEqualTypeOf<Required<number>>()
    expectTypeOf(t.bigint()).toEqualTypeOf<Required<bigint, bigint | number>>()
    expectTypeOf(t.float()).toEqualTypeOf<Required<number>>()
    expectTypeOf(t.decimal()).toEqualTypeOf<Required<string, string | bigint>>()
    expectTypeOf(t.text()).toEqualTypeOf<Required<string>>()
    expectTypeOf(t.bytes()).toEqualTypeOf<Required<Uint8Array>>()
    expectTypeOf(t.uuid()).toEqualTypeOf<Required<string>>()
    expectTypeOf(t.json()).toEqualTypeOf<RequiredDocument<JsonValue, Written>>()
    expectTypeOf(t.date()).toEqualTypeOf<Required<string>>()
    expectTypeOf(t.time()).toEqualTypeOf<Required<string>>()
    expectTypeOf(t.timestamp()).toEqualTypeOf<Required<Date>>()
    expectTypeOf(t.enum(['draft', 'live'])).toEqualTypeOf<Required<'draft' | 'live'>>()
    expectTypeOf(t.array(t.text())).toEqualTypeOf<RequiredDocument<string[], readonly string[]>>()
  })

  test('also where options only describe it', () => {
    expectTypeOf(t.boolean({ source: 'is_live' })).toEqualTypeOf<Required<boolean>>()
    expectTypeOf(t.integer({ source: 'n', bits: 32 })).toEqualTypeOf<Required<number>>()
    expectTypeOf(t.bigint({ source: 'n' })).toEqualTypeOf<Required<bigint, bigint | number>>()
    expectTypeOf(t.float({ source: 'n' })).toEqualTypeOf<Required<number>>()
    expectTypeOf(t.decimal({ precision: 12, scale: 2 })).toEqualTypeOf<
      Required<string, string | bigint>
    >()
    expectTypeOf(t.text({ source: 'n', length: 80 })).toEqualTypeOf<Required<string>>()
    expectTypeOf(t.bytes({ source: 'n' })).toEqualTypeOf<Required<Uint8Array>>()
    expectTypeOf(t.uuid({ source: 'n' })).toEqualTypeOf<Required<string>>()
    expectTypeOf(t.json({ source: 'n' })).toEqualTypeOf<RequiredDocument<JsonValue, Written>>()
    expectTypeOf(t.date({ source: 'n' })).toEqualTypeOf<Required<string>>()
    expectTypeOf(t.time({ source: 'n' })).toEqualTypeOf<Required<string>>()
    expectTypeOf(t.timestamp({ source: 'n' })).toEqualTypeOf<Required<Date>>()
    expectTypeOf(t.enum(['a'], { source: 'n', typeName: 'letter' })).toEqualTypeOf<Required<'a'>>()
    expectTypeOf(t.array(t.uuid(), { source: 'n' })).toEqualTypeOf<
      RequiredDocument<string[], readonly string[]>
    >()
    expectTypeOf(t.text({ nullable: false, dbDefault: false, primaryKey: false })).toEqualTypeOf<
      Required<string>
    >()
  })
})

describe('nullable', () => {
  test('adds null to both sides and lets an insert leave the column out', () => {
    expectTypeOf(t.boolean({ nullable: true })).toEqualTypeOf<Optional<boolean | null>>()
    expectTypeOf(t.integer({ nullable: true })).toEqualTypeOf<Optional<number | null>>()
    expectTypeOf(t.bigint({ nullable: true })).toEqualTypeOf<
      Optional<bigint | null, bigint | number | null>
    >()
    expectTypeOf(t.float({ nullable: true })).toEqualTypeOf<Optional<number | null>>()
    expectTypeOf(t.decimal({ nullable: true })).toEqualTypeOf<
      Optional<string | null, string | bigint | null>
    >()
    expectTypeOf(t.text({ nullable: true })).toEqualTypeOf<Optional<string | null>>()
    expectTypeOf(t.bytes({ nullable: true })).toEqualTypeOf<Optional<Uint8Array | null>>()
    expectTypeOf(t.uuid({ nullable: true })).toEqualTypeOf<Optional<string | null>>()
    expectTypeOf(t.json({ nullable: true })).toEqualTypeOf<
      OptionalDocument<JsonValue | null, Written | null>
    >()
    expectTypeOf(t.date({ nullable: true })).toEqualTypeOf<Optional<string | null>>()
    expectTypeOf(t.time({ nullable: true })).toEqualTypeOf<Optional<string | null>>()
    expectTypeOf(t.timestamp({ nullable: true })).toEqualTypeOf<Optional<Date | null>>()
    expectTypeOf(t.enum(['a', 'b'], { nullable: true })).toEqualTypeOf<Optional<'a' | 'b' | null>>()
    expectTypeOf(t.array(t.text(), { nullable: true })).toEqualTypeOf<
      OptionalDocument<string[] | null, readonly string[] | null>
    >()
  })
})

describe('default', () => {
  test('lets an insert leave the column out, as a value', () => {
    expectTypeOf(t.boolean({ default: false })).toEqualTypeOf<Optional<boolean>>()
    expectTypeOf(t.integer({ default: 0 })).toEqualTypeOf<Optional<number>>()
    expectTypeOf(t.bigint({ default: 0n })).toEqualTypeOf<Optional<bigint, bigint | number>>()
    expectTypeOf(t.float({ default: 0.5 })).toEqualTypeOf<Optional<number>>()
    expectTypeOf(t.decimal({ default: '0.00' })).toEqualTypeOf<Optional<string, string | bigint>>()
    expectTypeOf(t.text({ default: '' })).toEqualTypeOf<Optional<string>>()
    expectTypeOf(t.bytes({ default: new Uint8Array(0) })).toEqualTypeOf<Optional<Uint8Array>>()
    expectTypeOf(t.uuid({ default: '' })).toEqualTypeOf<Optional<string>>()
    expectTypeOf(t.json({ default: { a: [1] } })).toEqualTypeOf<
      OptionalDocument<JsonValue, Written>
    >()
    expectTypeOf(t.date({ default: '2026-01-31' })).toEqualTypeOf<Optional<string>>()
    expectTypeOf(t.time({ default: '08:00:00' })).toEqualTypeOf<Optional<string>>()
    expectTypeOf(t.timestamp({ default: new Date(0) })).toEqualTypeOf<Optional<Date>>()
    expectTypeOf(t.enum(['a', 'b'], { default: 'a' })).toEqualTypeOf<Optional<'a' | 'b'>>()
    expectTypeOf(t.array(t.text(), { default: [] })).toEqualTypeOf<
      OptionalDocument<string[], readonly string[]>
    >()
  })

  test('or as a function called for each row', () => {
    expectTypeOf(t.boolean({ default: () => true })).toEqualTypeOf<Optional<boolean>>()
    expectTypeOf(t.integer({ default: () => 1 })).toEqualTypeOf<Optional<number>>()
    expectTypeOf(t.text({ default: () => 'x' })).toEqualTypeOf<Optional<string>>()
    expectTypeOf(t.uuid({ default: () => crypto.randomUUID() })).toEqualTypeOf<Optional<string>>()
    expectTypeOf(t.timestamp({ default: () => new Date() })).toEqualTypeOf<Optional<Date>>()
    expectTypeOf(t.enum(['a', 'b'], { default: () => 'a' })).toEqualTypeOf<Optional<'a' | 'b'>>()
    expectTypeOf(t.json({ type: type<Meta>(), default: () => ({ tags: [] }) })).toEqualTypeOf<
      OptionalDocument<Meta>
    >()
    expectTypeOf(t.array(t.integer(), { default: () => [1] })).toEqualTypeOf<
      OptionalDocument<number[], readonly number[]>
    >()
  })

  test('may be null only where the column may', () => {
    expectTypeOf(t.text({ nullable: true, default: null })).toEqualTypeOf<Optional<string | null>>()
    expectTypeOf(t.text({ default: () => null, nullable: true })).toEqualTypeOf<
      Optional<string | null>
    >()
    // @ts-expect-error the column holds no null
    t.text({ default: null })
    // @ts-expect-error the column holds no null
    t.text({ default: () => null })
  })

  test('has the type of the column', () => {
    // @ts-expect-error a string is no boolean
    t.boolean({ default: 'true' })
    // @ts-expect-error a string is no number
    t.integer({ default: '0' })
    // @ts-expect-error a number is no decimal, because it may not be exact
    t.decimal({ default: 0.1 })
    // @ts-expect-error a number is no text
    t.text({ default: 1 })
    // @ts-expect-error a function of the wrong value
    t.text({ default: () => 1 })
    // @ts-expect-error a timestamp read as a Date is written as one
    t.timestamp({ default: '2026-01-31T00:00:00Z' })
    // @ts-expect-error not one of the words
    t.enum(['a', 'b'], { default: 'c' })
    // @ts-expect-error not one of the words
    t.enum(['a', 'b'], { default: () => 'c' })
    // @ts-expect-error not the document's type
    t.json({ type: type<Meta>(), default: { tags: [1] } })
    // @ts-expect-error as text, the default is text
    t.json({ as: 'text', default: { tags: [] } })
    // @ts-expect-error not the element's type
    t.array(t.integer(), { default: ['a'] })
  })
})

describe('dbDefault and generated', () => {
  test('dbDefault lets an insert leave the column out', () => {
    expectTypeOf(t.boolean({ dbDefault: true })).toEqualTypeOf<Optional<boolean>>()
    expectTypeOf(t.integer({ dbDefault: true })).toEqualTypeOf<Optional<number>>()
    expectTypeOf(t.bigint({ dbDefault: true })).toEqualTypeOf<Optional<bigint, bigint | number>>()
    expectTypeOf(t.float({ dbDefault: true })).toEqualTypeOf<Optional<number>>()
    expectTypeOf(t.decimal({ dbDefault: true })).toEqualTypeOf<Optional<string, string | bigint>>()
    expectTypeOf(t.text({ dbDefault: true })).toEqualTypeOf<Optional<string>>()
    expectTypeOf(t.bytes({ dbDefault: true })).toEqualTypeOf<Optional<Uint8Array>>()
    expectTypeOf(t.uuid({ dbDefault: true })).toEqualTypeOf<Optional<string>>()
    expectTypeOf(t.json({ dbDefault: true })).toEqualTypeOf<OptionalDocument<JsonValue, Written>>()
    expectTypeOf(t.date({ dbDefault: true })).toEqualTypeOf<Optional<string>>()
    expectTypeOf(t.time({ dbDefault: true })).toEqualTypeOf<Optional<string>>()
    expectTypeOf(t.timestamp({ dbDefault: true })).toEqualTypeOf<Optional<Date>>()
    expectTypeOf(t.enum(['a'], { dbDefault: true })).toEqualTypeOf<Optional<'a'>>()
    expectTypeOf(t.array(t.text(), { dbDefault: true })).toEqualTypeOf<
      OptionalDocument<string[], readonly string[]>
    >()
  })

  test('generated byDefault lets an insert leave the column out', () => {
    expectTypeOf(t.integer({ generated: 'byDefault' })).toEqualTypeOf<Optional<number>>()
    expectTypeOf(t.uuid({ generated: 'byDefault' })).toEqualTypeOf<Optional<string>>()
    expectTypeOf(t.bigint({ generated: 'byDefault', primaryKey: true })).toEqualTypeOf<
      ColumnBuilder<bigint, bigint | number, 'optional', true, 'values'>
    >()
  })

  test('generated always keeps the column out of every write, whatever else it is', () => {
    expectTypeOf(t.text({ generated: 'always' })).toEqualTypeOf<
      ColumnBuilder<string, string, 'never', false, 'values'>
    >()
    expectTypeOf(t.integer({ generated: 'always', nullable: true })).toEqualTypeOf<
      ColumnBuilder<number | null, number | null, 'never', false, 'values'>
    >()
    expectTypeOf(t.integer({ generated: 'always', primaryKey: true })).toEqualTypeOf<
      ColumnBuilder<number, number, 'never', true, 'values'>
    >()
    expectTypeOf(t.json({ generated: 'always' })).toEqualTypeOf<
      ColumnBuilder<JsonValue, Written, 'never', false, 'operators'>
    >()
    // @ts-expect-error there is no third way
    t.text({ generated: 'sometimes' })
  })
})

describe('primaryKey', () => {
  test('marks any column', () => {
    expectTypeOf(t.text({ primaryKey: true })).toEqualTypeOf<
      ColumnBuilder<string, string, 'required', true, 'values'>
    >()
    expectTypeOf(t.uuid({ primaryKey: true, dbDefault: true })).toEqualTypeOf<
      ColumnBuilder<string, string, 'optional', true, 'values'>
    >()
    expectTypeOf(t.date({ primaryKey: true, as: 'string' })).toEqualTypeOf<
      ColumnBuilder<string, string, 'required', true, 'values'>
    >()
    expectTypeOf(t.enum(['a'], { primaryKey: true })).toEqualTypeOf<
      ColumnBuilder<'a', 'a', 'required', true, 'values'>
    >()
  })

  test('is what id makes, as a number or a bigint', () => {
    expectTypeOf(t.id()).toEqualTypeOf<ColumnBuilder<number, number, 'optional', true, 'values'>>()
    expectTypeOf(t.id({ source: 'post_id' })).toEqualTypeOf<
      ColumnBuilder<number, number, 'optional', true, 'values'>
    >()
    expectTypeOf(t.id({ as: 'number' })).toEqualTypeOf<
      ColumnBuilder<number, number, 'optional', true, 'values'>
    >()
    expectTypeOf(t.id({ as: 'bigint' })).toEqualTypeOf<
      ColumnBuilder<bigint, bigint | number, 'optional', true, 'values'>
    >()
    // @ts-expect-error id has no such form
    t.id({ as: 'string' })
    // @ts-expect-error id takes source and as only
    t.id({ nullable: true })
  })
})

describe('the form of a type', () => {
  test('decides what rows hold and what writes accept', () => {
    expectTypeOf(t.bigint({ as: 'bigint' })).toEqualTypeOf<Required<bigint, bigint | number>>()
    expectTypeOf(t.bigint({ as: 'string' })).toEqualTypeOf<
      Required<string, string | bigint | number>
    >()
    expectTypeOf(t.timestamp({ as: 'date' })).toEqualTypeOf<Required<Date>>()
    expectTypeOf(t.timestamp({ as: 'string' })).toEqualTypeOf<Required<string>>()
    expectTypeOf(t.date({ as: 'string' })).toEqualTypeOf<Required<string>>()
    expectTypeOf(t.time({ as: 'string' })).toEqualTypeOf<Required<string>>()
    expectTypeOf(t.json({ as: 'text' })).toEqualTypeOf<
      RequiredDocument<string, string | JsonNull>
    >()
    expectTypeOf(t.json({ as: 'parsed' })).toEqualTypeOf<RequiredDocument<JsonValue, Written>>()
    expectTypeOf(t.timestamp({ as: 'string', nullable: true })).toEqualTypeOf<
      Optional<string | null>
    >()
    expectTypeOf(t.timestamp({ as: 'string', default: '2026-01-31T00:00:00Z' })).toEqualTypeOf<
      Optional<string>
    >()
  })

  test('takes the Temporal of the configuration, or any object with its tag', () => {
    const instant = t.timestamp({ as: 'temporal' })
    const day = t.date({ as: 'temporal' })
    const clock = t.time({ as: 'temporal' })
    expectTypeOf(instant).toExtend<Required<TemporalTag<'Instant'>>>()
    expectTypeOf(day).toExtend<Required<TemporalTag<'PlainDate'>>>()
    expectTypeOf(clock).toExtend<Required<TemporalTag<'PlainTime'>>>()
    expectTypeOf(instant).not.toExtend<Required<Date>>()
  })

  test('is one that the type has', () => {
    // @ts-expect-error a date has no milliseconds
    t.date({ as: 'date' })
    // @ts-expect-error no such form
    t.timestamp({ as: 'number' })
    // @ts-expect-error no such form
    t.json({ as: 'string' })
    // @ts-expect-error text has no forms
    t.text({ as: 'string' })
  })
})

describe('json', () => {
  test('carries the type of its documents', () => {
    expectTypeOf(t.json({ type: type<Meta>() })).toEqualTypeOf<RequiredDocument<Meta>>()
    expectTypeOf(t.json({ type: type<Meta>(), nullable: true })).toEqualTypeOf<
      OptionalDocument<Meta | null>
    >()
    expectTypeOf(t.json({ type: type<string[]>(), dbDefault: true })).toEqualTypeOf<
      OptionalDocument<string[]>
    >()
    expectTypeOf(t.json({ type: type<number>() })).toEqualTypeOf<RequiredDocument<number>>()
    expectTypeOf(t.json({ type: type<Meta | null>() })).toEqualTypeOf<
      RequiredDocument<Meta | null, Meta | JsonNull>
    >()
    // @ts-expect-error a type is named by type<T>()
    t.json({ type: 'Meta' })
  })
})

describe('the document null', () => {
  test('is written by jsonNull, since null is SQL’s', () => {
    t.json({ default: jsonNull })
    t.json({ default: [null] })
    t.json({ nullable: true, default: null })
    // @ts-expect-error the column holds no SQL null
    t.json({ default: null })
    // @ts-expect-error the documents of this type are never null
    t.json({ type: type<Meta>(), default: jsonNull })
  })
})

describe('array', () => {
  test('holds what its element holds, in the element’s form', () => {
    expectTypeOf(t.array(t.integer({ nullable: true }))).toEqualTypeOf<
      RequiredDocument<(number | null)[], readonly (number | null)[]>
    >()
    expectTypeOf(t.array(t.bigint())).toEqualTypeOf<
      RequiredDocument<bigint[], readonly (bigint | number)[]>
    >()
    expectTypeOf(t.array(t.timestamp({ as: 'string' }))).toEqualTypeOf<
      RequiredDocument<string[], readonly string[]>
    >()
    expectTypeOf(t.array(t.enum(['a', 'b']))).toEqualTypeOf<
      RequiredDocument<('a' | 'b')[], readonly ('a' | 'b')[]>
    >()
    expectTypeOf(t.array(t.array(t.text()))).toEqualTypeOf<
      RequiredDocument<string[][], readonly (readonly string[])[]>
    >()
    // @ts-expect-error the element is a column, not a name
    t.array('text')
  })
})

describe('an option that a column does not take is refused', () => {
  test('by itself and beside one that it does take', () => {
    // @ts-expect-error misspelt
    t.text({ nulable: true })
    // @ts-expect-error misspelt
    t.text({ nullable: true, lenght: 5 })
    // @ts-expect-error bits are for integers
    t.text({ bits: 16 })
    // @ts-expect-error 24 bits are none of the widths
    t.integer({ bits: 24 })
    // @ts-expect-error length is for text
    t.uuid({ dbDefault: true, length: 36 })
    // @ts-expect-error misspelt
    t.timestamp({ as: 'string', dbdefault: true })
    // @ts-expect-error misspelt
    t.enum(['a'], { nullable: true, typename: 'letter' })
    // @ts-expect-error misspelt
    t.json({ type: type<Meta>(), nul: true })
    // @ts-expect-error misspelt
    t.array(t.text(), { nullable: true, defalt: [] })
    // @ts-expect-error an enum has at least one word
    t.enum([])
  })
})
