import type { LogicalType } from '../../contract/index.ts'
import { MisuseError } from '../../errors/index.ts'
import type { ValueForm } from '../values/index.ts'
import { buildColumn, commonOptions, isBuilder } from './build-column.ts'
import type { ColumnBuilder } from './column.ts'
import type {
  ArraySignature,
  ColumnSignature,
  EnumSignature,
  FormSignature,
  JsonSignature,
  TypeToken,
} from './column-signatures.ts'

type Temporal<Name extends string> = typeof globalThis extends {
  Temporal: { [N in Name]: { prototype: infer T } }
}
  ? T
  : TemporalObject<Name>

/** A `Temporal` object by its tag, where the TypeScript configuration has no `Temporal`. */
interface TemporalObject<Name extends string> {
  readonly [Symbol.toStringTag]: `Temporal.${Name}`
}

interface Form<Read, Write = Read> {
  readonly read: Read
  readonly write: Write
}

/**
 * The column builders. Each takes the common options (`source`, `primaryKey`, `nullable`,
 * `default`, `dbDefault`, `generated`) and its own. All throw a `MisuseError`: `UNKNOWN_OPTION`,
 * `COLUMN_DEFAULT` for two sources of a default, `COLUMN_NULLABLE_KEY`.
 */
export interface ColumnTypeBuilders {
  /**
   * The usual primary key: a 64-bit integer made by the database unless one is given. A number,
   * checked to be safe; `{ as: 'bigint' }` for the whole range.
   */
  id<const As extends 'number' | 'bigint' = 'number'>(options?: {
    /** The column's name in the database. Default: the property's name, or as `columnNaming` says. */
    readonly source?: string
    /** The form that it is read in. Default `number`. */
    readonly as?: As
  }): As extends 'bigint'
    ? ColumnBuilder<bigint, bigint | number, 'optional', true, 'values'>
    : ColumnBuilder<number, number, 'optional', true, 'values'>
  /** True or false. */
  readonly boolean: ColumnSignature<boolean>
  /** A safe integer, ±(2^53 − 1); `bits` narrows it to what the column holds. */
  readonly integer: ColumnSignature<number, number, { readonly bits?: 16 | 32 | 64 }>
  /** A 64-bit integer as `bigint`; `{ as: 'string' }` for decimal text. Writes take any of both. */
  readonly bigint: FormSignature<
    {
      readonly bigint: Form<bigint, bigint | number>
      readonly string: Form<string, string | bigint | number>
    },
    'bigint'
  >
  /** A double. */
  readonly float: ColumnSignature<number>
  /** A decimal number as text, every digit kept. `precision` and `scale` are checked, never rounded to. */
  readonly decimal: ColumnSignature<
    string,
    string | bigint,
    { readonly precision?: number; readonly scale?: number }
  >
  /** Text; `length` is the most characters. */
  readonly text: ColumnSignature<string, string, { readonly length?: number }>
  /** Bytes. */
  readonly bytes: ColumnSignature<Uint8Array>
  /** A UUID, read in lower case. */
  readonly uuid: ColumnSignature<string>
  /** A JSON document, parsed; `{ as: 'text' }` keeps the text. `type: type<T>()` names its type. */
  readonly json: JsonSignature
  /** A calendar date as `YYYY-MM-DD`; `{ as: 'temporal' }` for `Temporal.PlainDate`. */
  readonly date: FormSignature<
    { readonly string: Form<string>; readonly temporal: Form<Temporal<'PlainDate'>> },
    'string'
  >
  /** A time of day as `HH:MM:SS[.ffffff]`; `{ as: 'temporal' }` for `Temporal.PlainTime`. */
  readonly time: FormSignature<
    { readonly string: Form<string>; readonly temporal: Form<Temporal<'PlainTime'>> },
    'string'
  >
  /**
   * An instant. A `Date`, which holds milliseconds; `{ as: 'string' }` and `{ as: 'temporal' }`
   * keep the microseconds.
   */
  readonly timestamp: FormSignature<
    {
      readonly date: Form<Date>
      readonly string: Form<string>
      readonly temporal: Form<Temporal<'Instant'>>
    },
    'date'
  >
  /** One of a list of words. `typeName` names the database's enum type, where it has such types. */
  readonly enum: EnumSignature
  /** An array of another column's type; its elements may be null where `element` is nullable. */
  readonly array: ArraySignature
}

type As<Form extends ValueForm> = { readonly as?: Form }

const withForms = ['as', ...commonOptions]

/** The column builders: `t.id()`, `t.text()` and so on. */
export const t: ColumnTypeBuilders = Object.freeze({
  id: (options?: { readonly as?: 'number' | 'bigint' }) =>
    buildColumn(
      {
        type: { name: options?.as === 'bigint' ? 'bigint' : 'integer' },
        takes: ['source', 'as'],
        fixed: { primaryKey: true, generated: 'byDefault' },
      },
      options,
    ),
  boolean: plain({ name: 'boolean' }),
  integer: (options?: { readonly bits?: 16 | 32 | 64 }) =>
    buildColumn(
      { type: { name: 'integer', ...pick(options, 'bits') }, takes: ['bits', ...commonOptions] },
      options,
    ),
  bigint: (options?: As<'bigint' | 'string'>) =>
    buildColumn({ type: { name: 'bigint' }, form: options?.as, takes: withForms }, options),
  float: plain({ name: 'float' }),
  decimal: (options?: { readonly precision?: number; readonly scale?: number }) =>
    buildColumn(
      {
        type: { name: 'decimal', ...pick(options, 'precision'), ...pick(options, 'scale') },
        takes: ['precision', 'scale', ...commonOptions],
      },
      options,
    ),
  text: (options?: { readonly length?: number }) =>
    buildColumn(
      { type: { name: 'text', ...pick(options, 'length') }, takes: ['length', ...commonOptions] },
      options,
    ),
  bytes: plain({ name: 'bytes' }),
  uuid: plain({ name: 'uuid' }),
  json: (options?: As<'parsed' | 'text'>) =>
    buildColumn(
      { type: { name: 'json' }, form: options?.as, takes: ['type', ...withForms] },
      options,
    ),
  date: (options?: As<'string' | 'temporal'>) =>
    buildColumn({ type: { name: 'date' }, form: options?.as, takes: withForms }, options),
  time: (options?: As<'string' | 'temporal'>) =>
    buildColumn({ type: { name: 'time' }, form: options?.as, takes: withForms }, options),
  timestamp: (options?: As<'date' | 'string' | 'temporal'>) =>
    buildColumn({ type: { name: 'timestamp' }, form: options?.as, takes: withForms }, options),
  enum: (values: readonly string[], options?: { readonly typeName?: string }) =>
    buildColumn(
      {
        type: { name: 'enum', values: Object.freeze([...values]), ...pick(options, 'typeName') },
        takes: ['typeName', ...commonOptions],
      },
      options,
    ),
  array: (element: ColumnBuilder, options?: object) => {
    if (!isBuilder(element)) {
      throw new MisuseError(
        'TYPE_EXPECTED',
        't.array takes the column type of its elements: t.array(t.text())',
      )
    }
    const { type, form } = element.settings
    return buildColumn(
      { type: { name: 'array', element: type }, form, takes: commonOptions },
      options,
    )
  },
})

/** Names the TypeScript type of a json column's values. Nothing is checked at run time. */
export function type<T>(): TypeToken<T> {
  return Object.freeze({})
}

function plain(type: LogicalType) {
  return (options?: object) => buildColumn({ type, takes: commonOptions }, options)
}

/** `{ name: value }` of one option; `{}` where it was not given. */
function pick<O extends object, K extends keyof O>(
  options: O | undefined,
  name: K,
): { readonly [P in K]?: Exclude<O[P], undefined> } {
  const value = options?.[name]
  return value === undefined ? {} : ({ [name]: value } as never)
}
