import type { JsonNull } from '../values/index.ts'
import type { ColumnBuilder, ColumnOptions, Comparison, Generated, InsertMode } from './column.ts'

// Each signature names the types of the common options one by one: only so does the compiler check
// the options, names included, instead of inferring whatever they are. `NoInfer` keeps a table's
// expectations of its columns out of the inference.

type OrNull<T, Nullable> = Nullable extends true ? T | null : T

/** A default that we send: a value, or a function called for each row. */
type DefaultOf<T> = T | (() => T)

type DefaultFor<Write, Nullable> = DefaultOf<OrNull<Write, Nullable>> | undefined

type InsertModeOf<Nullable, Default, DbDefault, Generation> = Generation extends 'always'
  ? 'never'
  : true extends Nullable | DbDefault
    ? 'optional'
    : Generation extends 'byDefault'
      ? 'optional'
      : undefined extends Default
        ? 'required'
        : 'optional'

/** Makes columns of one type. `Own` are the options that only this type takes. */
export type ColumnSignature<
  Read,
  Write = Read,
  Own = unknown,
  Compared extends Comparison = 'values',
> = <
  const PrimaryKey extends boolean = false,
  const Nullable extends boolean = false,
  const Default extends DefaultFor<Write, Nullable> = DefaultFor<Write, Nullable>,
  const DbDefault extends boolean = false,
  const Generation extends Generated | undefined = undefined,
>(
  options?: Own & ColumnOptions<PrimaryKey, Nullable, Default, DbDefault, Generation>,
) => ColumnBuilder<
  OrNull<Read, Nullable>,
  OrNull<Write, Nullable>,
  InsertModeOf<Nullable, Default, DbDefault, Generation>,
  NoInfer<PrimaryKey>,
  Compared
>

/** The forms of a type: what is read, and what writes accept. */
export interface Forms {
  readonly [form: string]: { readonly read: unknown; readonly write: unknown }
}

/** Makes columns of a type that is read in one of several forms. */
export type FormSignature<F extends Forms, DefaultForm extends keyof F & string> = <
  const As extends keyof F & string = DefaultForm,
  const PrimaryKey extends boolean = false,
  const Nullable extends boolean = false,
  const Default extends DefaultFor<F[As]['write'], Nullable> = DefaultFor<F[As]['write'], Nullable>,
  const DbDefault extends boolean = false,
  const Generation extends Generated | undefined = undefined,
>(
  options?: {
    /** The form that it is read and written in. */
    readonly as?: As
  } & ColumnOptions<PrimaryKey, Nullable, Default, DbDefault, Generation>,
) => ColumnBuilder<
  OrNull<F[As]['read'], Nullable>,
  OrNull<F[As]['write'], Nullable>,
  InsertModeOf<Nullable, Default, DbDefault, Generation>,
  NoInfer<PrimaryKey>,
  'values'
>

declare const typeToken: unique symbol

/** Carries a TypeScript type to `t.json({ type: type<Meta>() })`; it has no runtime part. */
export interface TypeToken<T> {
  readonly [typeToken]?: T
}

/** Any value that JSON can say. */
export type JsonValue =
  | string
  | number
  | boolean
  | null
  | readonly JsonValue[]
  | { readonly [key: string]: JsonValue | undefined }

/** Makes json columns: parsed, of a named type, or as text. */
export type JsonSignature = <
  Type = JsonValue,
  const As extends 'parsed' | 'text' = 'parsed',
  const PrimaryKey extends boolean = false,
  const Nullable extends boolean = false,
  const Default extends DefaultFor<JsonWrite<Type>[As], Nullable> = DefaultFor<
    JsonWrite<Type>[As],
    Nullable
  >,
  const DbDefault extends boolean = false,
  const Generation extends Generated | undefined = undefined,
>(
  options?: {
    /** The type of the parsed document, as the caller states it: `type<Meta>()`. */
    readonly type?: TypeToken<Type>
    /** `text` keeps the document's text. Default `parsed`. */
    readonly as?: As
  } & ColumnOptions<PrimaryKey, Nullable, Default, DbDefault, Generation>,
) => ColumnBuilder<
  OrNull<JsonRead<Type>[As], Nullable>,
  OrNull<JsonWrite<Type>[As], Nullable>,
  InsertModeOf<Nullable, Default, DbDefault, Generation>,
  NoInfer<PrimaryKey>,
  'operators'
>

// By form, because nothing is inferred to `Type` through an index.
interface JsonRead<Type> {
  readonly parsed: Type
  readonly text: string
}

/** A null is SQL's, so the document `null` has a value of its own. */
interface JsonWrite<Type> {
  readonly parsed: null extends Type ? Exclude<Type, null> | JsonNull : Type
  readonly text: string | JsonNull
}

/** Makes columns that hold one of a list of words. */
export type EnumSignature = <
  const Values extends readonly [string, ...string[]],
  const PrimaryKey extends boolean = false,
  const Nullable extends boolean = false,
  const Default extends DefaultFor<Values[number], Nullable> = DefaultFor<Values[number], Nullable>,
  const DbDefault extends boolean = false,
  const Generation extends Generated | undefined = undefined,
>(
  values: Values,
  options?: {
    /** The database's name of the enum type, where it has such types. */
    readonly typeName?: string
  } & ColumnOptions<PrimaryKey, Nullable, Default, DbDefault, Generation>,
) => ColumnBuilder<
  OrNull<Values[number], Nullable>,
  OrNull<Values[number], Nullable>,
  InsertModeOf<Nullable, Default, DbDefault, Generation>,
  NoInfer<PrimaryKey>,
  'values'
>

/** Makes columns that hold arrays of another type's values. */
export type ArraySignature = <
  Read,
  Write,
  const PrimaryKey extends boolean = false,
  const Nullable extends boolean = false,
  const Default extends DefaultFor<readonly Write[], Nullable> = DefaultFor<
    readonly Write[],
    Nullable
  >,
  const DbDefault extends boolean = false,
  const Generation extends Generated | undefined = undefined,
>(
  element: ColumnBuilder<Read, Write, InsertMode, boolean>,
  options?: ColumnOptions<PrimaryKey, Nullable, Default, DbDefault, Generation>,
) => ColumnBuilder<
  OrNull<Read[], Nullable>,
  OrNull<readonly Write[], Nullable>,
  InsertModeOf<Nullable, Default, DbDefault, Generation>,
  NoInfer<PrimaryKey>,
  'operators'
>
