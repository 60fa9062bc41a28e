import { MisuseError } from '../../errors/index.ts'
import type { LogicalType } from '../../contract/index.ts'
import type { ValueForm } from '../values/index.ts'
import {
  type ColumnBuilder,
  type ColumnOptions,
  type ColumnSettings,
  type InsertMode,
  noDefault,
} from './column.ts'

/** A default that we send: a value, or a function called for each row. */
export interface WithDefault<T> {
  readonly default?: T | (() => T)
}

type Nullable<T, O> = O extends { readonly nullable: true } ? T | null : T

type Mode<O> = O extends { readonly generated: 'always' }
  ? 'never'
  : O extends
        | { readonly generated: 'byDefault' }
        | { readonly dbDefault: true }
        | { readonly nullable: true }
        | { readonly default: {} | null }
    ? 'optional'
    : 'required'

type IsPrimaryKey<O> = O extends { readonly primaryKey: true } ? true : false

type Built<Read, Write, O> = ColumnBuilder<
  Nullable<Read, O>,
  Nullable<Write, O>,
  Mode<O>,
  IsPrimaryKey<O>
>

const common = ['source', 'primaryKey', 'nullable', 'default', 'dbDefault', 'generated'] as const

function column<C extends ColumnBuilder>(
  type: LogicalType,
  options: (ColumnOptions & WithDefault<unknown>) | undefined,
  form: ValueForm | undefined,
  own: readonly string[] = [],
): C {
  const given = options ?? {}
  for (const key of Object.keys(given)) {
    if (!(common as readonly string[]).includes(key) && !own.includes(key)) {
      throw new MisuseError(
        'UNKNOWN_OPTION',
        `a ${type.name} column has no option "${key}"; it takes ${[...own, ...common].join(', ')}`,
      )
    }
  }
  const settings: ColumnSettings = Object.freeze({
    type: Object.freeze(type),
    form,
    source: given.source,
    primaryKey: given.primaryKey ?? false,
    nullable: given.nullable ?? false,
    default: 'default' in given && given.default !== undefined ? given.default : noDefault,
    dbDefault: given.dbDefault ?? false,
    generated: given.generated,
  })
  if (settings.default !== noDefault && (settings.dbDefault || settings.generated === 'always')) {
    throw new MisuseError(
      'COLUMN_DEFAULT',
      'a column takes default (sent by us) or dbDefault / generated (left to the database), not both',
    )
  }
  if (settings.primaryKey && settings.nullable) {
    throw new MisuseError('COLUMN_NULLABLE_KEY', 'a primary key column cannot be nullable')
  }
  return { settings } as C
}

const typeToken: unique symbol = Symbol('mortise.type')

/** Carries a TypeScript type to `t.json({ type: type<Meta>() })`; it has no runtime part. */
export interface TypeToken<T> {
  readonly [typeToken]: T | undefined
}

/** Names the TypeScript type of a json column's values. Nothing is checked at run time. */
export function type<T>(): TypeToken<T> {
  return { [typeToken]: undefined }
}

/** Any value that JSON can say. */
export type JsonValue =
  | string
  | number
  | boolean
  | null
  | readonly JsonValue[]
  | { readonly [key: string]: JsonValue | undefined }

type Temporal<Name extends string> = typeof globalThis extends {
  Temporal: { [N in Name]: { prototype: infer T } }
}
  ? T
  : { readonly [Symbol.toStringTag]: `Temporal.${Name}` }

type As<O, Forms extends { readonly [name: string]: unknown }, Default extends keyof Forms> = O extends {
  readonly as: infer F extends keyof Forms
}
  ? Forms[F]
  : Forms[Default]

type TimestampForms = { date: Date; string: string; temporal: Temporal<'Instant'> }
type DateForms = { string: string; temporal: Temporal<'PlainDate'> }
type TimeForms = { string: string; temporal: Temporal<'PlainTime'> }

/**
 * The column builders. Each takes the common options (`source`, `primaryKey`, `nullable`,
 * `default`, `dbDefault`, `generated`) and its own.
 */
export const t = Object.freeze({
  /**
   * The usual primary key: a 64-bit integer made by the database unless one is given. A number,
   * checked to be safe; `{ as: 'bigint' }` for the whole range.
   */
  id<const O extends Pick<ColumnOptions, 'source'> & { readonly as?: 'number' | 'bigint' }>(
    options?: O,
  ): O extends { readonly as: 'bigint' }
    ? ColumnBuilder<bigint, bigint, 'optional', true>
    : ColumnBuilder<number, number, 'optional', true> {
    return column(
      { name: options?.as === 'bigint' ? 'bigint' : 'integer' },
      { ...(options as ColumnOptions), primaryKey: true, generated: 'byDefault' },
      undefined,
      ['as'],
    )
  },
  /** True or false. */
  boolean<const O extends ColumnOptions & WithDefault<boolean>>(
    options?: O,
  ): Built<boolean, boolean, O> {
    return column({ name: 'boolean' }, options, undefined)
  },
  /** A safe integer, ±(2^53 − 1); `bits` narrows it to what the column holds. */
  integer<const O extends ColumnOptions & WithDefault<number> & { readonly bits?: 16 | 32 | 64 }>(
    options?: O,
  ): Built<number, number, O> {
    const bits = options?.bits
    return column(
      { name: 'integer', ...(bits !== undefined && { bits }) },
      options,
      undefined,
      ['bits'],
    )
  },
  /** A 64-bit integer as `bigint`; `{ as: 'string' }` for decimal text. */
  bigint<
    const O extends ColumnOptions &
      WithDefault<bigint | number | string> & { readonly as?: 'bigint' | 'string' },
  >(
    options?: O,
  ): O extends { readonly as: 'string' } ? Built<string, string, O> : Built<bigint, bigint | number, O> {
    return column({ name: 'bigint' }, options, options?.as, ['as'])
  },
  /** A double. */
  float<const O extends ColumnOptions & WithDefault<number>>(options?: O): Built<number, number, O> {
    return column({ name: 'float' }, options, undefined)
  },
  /** A decimal number as text, every digit kept. `precision` and `scale` are checked, never rounded to. */
  decimal<
    const O extends ColumnOptions &
      WithDefault<string | bigint> & { readonly precision?: number; readonly scale?: number },
  >(options?: O): Built<string, string | bigint, O> {
    return column(
      {
        name: 'decimal',
        ...(options?.precision !== undefined && { precision: options.precision }),
        ...(options?.scale !== undefined && { scale: options.scale }),
      },
      options,
      undefined,
      ['precision', 'scale'],
    )
  },
  /** Text; `length` is the most characters. */
  text<const O extends ColumnOptions & WithDefault<string> & { readonly length?: number }>(
    options?: O,
  ): Built<string, string, O> {
    const length = options?.length
    return column(
      { name: 'text', ...(length !== undefined && { length }) },
      options,
      undefined,
      ['length'],
    )
  },
  /** Bytes. */
  bytes<const O extends ColumnOptions & WithDefault<Uint8Array>>(
    options?: O,
  ): Built<Uint8Array, Uint8Array, O> {
    return column({ name: 'bytes' }, options, undefined)
  },
  /** A UUID, read in lower case. */
  uuid<const O extends ColumnOptions & WithDefault<string>>(options?: O): Built<string, string, O> {
    return column({ name: 'uuid' }, options, undefined)
  },
  /** A JSON document, parsed; `{ as: 'text' }` keeps the text. `type: type<T>()` names its type. */
  json<
    const O extends ColumnOptions &
      WithDefault<unknown> & {
        readonly type?: TypeToken<unknown>
        readonly as?: 'parsed' | 'text'
      },
  >(
    options?: O,
  ): O extends { readonly as: 'text' }
    ? Built<string, string, O>
    : O extends { readonly type: TypeToken<infer T> }
      ? Built<T, T, O>
      : Built<JsonValue, JsonValue, O> {
    return column({ name: 'json' }, options, options?.as, ['type', 'as'])
  },
  /** A calendar date as `YYYY-MM-DD`; `{ as: 'temporal' }` for `Temporal.PlainDate`. */
  date<const O extends ColumnOptions & WithDefault<unknown> & { readonly as?: keyof DateForms }>(
    options?: O,
  ): Built<As<O, DateForms, 'string'>, As<O, DateForms, 'string'>, O> {
    return column({ name: 'date' }, options, options?.as, ['as'])
  },
  /** A time of day as `HH:MM:SS[.ffffff]`; `{ as: 'temporal' }` for `Temporal.PlainTime`. */
  time<const O extends ColumnOptions & WithDefault<unknown> & { readonly as?: keyof TimeForms }>(
    options?: O,
  ): Built<As<O, TimeForms, 'string'>, As<O, TimeForms, 'string'>, O> {
    return column({ name: 'time' }, options, options?.as, ['as'])
  },
  /**
   * An instant. A `Date`, which holds milliseconds; `{ as: 'string' }` and `{ as: 'temporal' }`
   * keep the microseconds.
   */
  timestamp<
    const O extends ColumnOptions & WithDefault<unknown> & { readonly as?: keyof TimestampForms },
  >(options?: O): Built<As<O, TimestampForms, 'date'>, As<O, TimestampForms, 'date'>, O> {
    return column({ name: 'timestamp' }, options, options?.as, ['as'])
  },
  /** One of a list of words. `typeName` names the database's enum type, where it has such types. */
  enum<
    const V extends readonly [string, ...string[]],
    const O extends ColumnOptions & WithDefault<V[number]> & { readonly typeName?: string },
  >(values: V, options?: O): Built<V[number], V[number], O> {
    return column(
      {
        name: 'enum',
        values: Object.freeze([...values]),
        ...(options?.typeName !== undefined && { typeName: options.typeName }),
      },
      options,
      undefined,
      ['typeName'],
    )
  },
  /** An array of another column's type; its elements may be null where `element` is nullable. */
  array<
    const E extends ColumnBuilder,
    const O extends ColumnOptions & WithDefault<readonly unknown[]>,
  >(
    element: E,
    options?: O,
  ): E extends ColumnBuilder<infer R, infer W, InsertMode, boolean>
    ? Built<R[], readonly W[], O>
    : never {
    return column<never>(
      { name: 'array', element: element.settings.type },
      options,
      element.settings.form,
    )
  },
})
