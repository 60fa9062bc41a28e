import { describe, expect, test } from 'vitest'
import { misuse } from '../../testing/misuse.ts'
import { type ColumnBuilder, type ColumnSettings, noDefault, t, type } from './index.ts'

/** Calls a builder as JavaScript may, whatever its types say. */
const untyped = t as unknown as Record<string, (...args: unknown[]) => ColumnBuilder>

/** Every builder that takes the common options, with what goes before them. */
const builders: readonly { readonly name: string; readonly before: readonly unknown[] }[] = [
  ...['boolean', 'integer', 'bigint', 'float', 'decimal', 'text', 'bytes', 'uuid'],
  ...['json', 'date', 'time', 'timestamp'],
]
  .map((name) => ({ name, before: [] as unknown[] }))
  .concat({ name: 'enum', before: [['a', 'b']] }, { name: 'array', before: [t.text()] })

describe.each(builders)('t.$name', ({ name, before }) => {
  const make = (options?: object) => untyped[name]?.(...before, options).settings as ColumnSettings

  test('without options must be given, holds no null and is called like its property', () => {
    const { type: logicalType, form, ...rest } = make()
    expect(logicalType.name).toBe(name)
    expect(form).toBeUndefined()
    expect(rest).toEqual({
      source: undefined,
      primaryKey: false,
      nullable: false,
      default: noDefault,
      dbDefault: false,
      generated: undefined,
    })
  })

  test('keeps the common options', () => {
    expect(make({ source: 'x', primaryKey: true, dbDefault: true })).toMatchObject({
      source: 'x',
      primaryKey: true,
      dbDefault: true,
    })
    expect(make({ nullable: true, generated: 'always' })).toMatchObject({
      nullable: true,
      generated: 'always',
    })
    const makeValue = () => 1
    expect(make({ default: makeValue }).default).toBe(makeValue)
    expect(make({ nullable: true, default: null }).default).toBeNull()
  })

  test('takes undefined for an option that was not given', () => {
    const nothing = { source: undefined, nullable: undefined, default: undefined }
    expect(make(nothing)).toEqual(make())
  })

  test('refuses unknown options and wrong values, naming them', () => {
    expect(misuse(() => make({ nulable: true }))).toMatch(
      new RegExp(`^UNKNOWN_OPTION: a column of the type ${name} has no option "nulable"; it takes`),
    )
    expect(misuse(() => make({ nullable: 'yes' }))).toBe(
      'OPTION_INVALID: nullable takes true or false',
    )
    expect(misuse(() => make({ source: '' }))).toBe(
      'OPTION_INVALID: source takes the name of a column',
    )
    expect(misuse(() => make({ generated: 'sometimes' }))).toBe(
      "OPTION_INVALID: generated takes 'always' or 'byDefault'",
    )
  })

  test('refuses two sources of a default', () => {
    for (const other of [{ dbDefault: true }, { generated: 'always' }]) {
      expect(misuse(() => make({ default: 1, ...other }))).toMatch(/^COLUMN_DEFAULT: /)
    }
    expect(make({ default: 1, generated: 'byDefault' }).default).toBe(1)
  })

  test('refuses a key that may be null', () => {
    expect(misuse(() => make({ primaryKey: true, nullable: true }))).toBe(
      'COLUMN_NULLABLE_KEY: a primary key column cannot be nullable',
    )
  })
})

describe('the options of one type', () => {
  test('become part of it', () => {
    expect(t.integer({ bits: 16 }).settings.type).toEqual({ name: 'integer', bits: 16 })
    expect(t.text({ length: 80 }).settings.type).toEqual({ name: 'text', length: 80 })
    expect(t.decimal({ precision: 12, scale: 0 }).settings.type).toEqual({
      name: 'decimal',
      precision: 12,
      scale: 0,
    })
    expect(t.enum(['a'], { typeName: 'letter' }).settings.type).toEqual({
      name: 'enum',
      values: ['a'],
      typeName: 'letter',
    })
  })

  test('choose the form that it is read in', () => {
    expect(t.bigint({ as: 'string' }).settings.form).toBe('string')
    expect(t.timestamp({ as: 'temporal' }).settings.form).toBe('temporal')
    expect(t.date({ as: 'temporal' }).settings.form).toBe('temporal')
    expect(t.time({ as: 'string' }).settings.form).toBe('string')
    expect(t.json({ as: 'text' }).settings.form).toBe('text')
  })

  test('are not taken by another type', () => {
    expect(misuse(() => untyped.text?.({ bits: 16 }))).toBe(
      'UNKNOWN_OPTION: a column of the type text has no option "bits"; it takes length, source, primaryKey, nullable, default, dbDefault, generated',
    )
    expect(misuse(() => untyped.uuid?.({ as: 'string' }))).toMatch(/^UNKNOWN_OPTION: /)
  })
})

describe('t.id', () => {
  test('is a key of 64 bits that the database makes unless one is given', () => {
    expect(t.id().settings).toMatchObject({
      type: { name: 'integer' },
      primaryKey: true,
      generated: 'byDefault',
      nullable: false,
      source: undefined,
    })
    expect(t.id({ as: 'bigint', source: 'post_id' }).settings).toMatchObject({
      type: { name: 'bigint' },
      source: 'post_id',
    })
  })

  test('takes no other option, not even those of its own making', () => {
    for (const option of ['nullable', 'default', 'generated', 'primaryKey']) {
      expect(misuse(() => untyped.id?.({ [option]: true }))).toBe(
        `UNKNOWN_OPTION: a column of the type integer has no option "${option}"; it takes source, as`,
      )
    }
  })
})

describe('t.enum', () => {
  test('keeps its words when the list that named them changes', () => {
    const words: [string, ...string[]] = ['a', 'b']
    const { type: logicalType } = t.enum(words).settings
    words.push('c')
    expect(logicalType.values).toEqual(['a', 'b'])
    expect(Object.isFrozen(logicalType.values)).toBe(true)
  })
})

describe('t.array', () => {
  test('holds its element’s type, in its element’s form', () => {
    expect(t.array(t.timestamp({ as: 'string' })).settings).toMatchObject({
      type: { name: 'array', element: { name: 'timestamp' } },
      form: 'string',
    })
    expect(t.array(t.array(t.integer({ bits: 32 }))).settings.type).toEqual({
      name: 'array',
      element: { name: 'array', element: { name: 'integer', bits: 32 } },
    })
  })

  test('needs a column type', () => {
    for (const element of [undefined, 'text', t.text, { name: 'text' }]) {
      expect(misuse(() => untyped.array?.(element))).toBe(
        'TYPE_EXPECTED: t.array takes the column type of its elements: t.array(t.text())',
      )
    }
  })
})

describe('a column', () => {
  test('is frozen, and so are the builders', () => {
    const column = t.decimal({ precision: 5 })
    const parts = [t, column, column.settings, column.settings.type]
    for (const part of parts) expect(Object.isFrozen(part)).toBe(true)
  })

  test('of json has no trace of its TypeScript type', () => {
    expect(t.json({ type: type<{ a: number }>() }).settings).toEqual(t.json().settings)
  })
})
