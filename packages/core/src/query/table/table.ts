import type { TableName } from '../../contract/index.ts'
import { MisuseError } from '../../errors/index.ts'
import { isBuilder } from './build-column.ts'
import { type ColumnBuilder, type ColumnRef, type ColumnTypes, columnMark } from './column.ts'

/** The columns of a table by property. */
export type Columns = { readonly [property: string]: ColumnBuilder }

/** Options of `defineTable`. */
export interface TableOptions {
  /** The schema; default: the connection's. `repo.withPrefix` overrides it. */
  readonly prefix?: string
  /** How a property's name becomes a column's where `source` is not given. Default `as_is`. */
  readonly columnNaming?: 'as_is' | 'snake_case'
}

/** Key under which a table keeps what the runtime needs of it. */
export const tableInfo: unique symbol = Symbol('mortise.table')

/** What the runtime needs of a table. Frozen. */
export interface TableInfo {
  readonly name: string
  readonly prefix: string | undefined
  readonly columns: readonly ColumnRef[]
  readonly byProperty: ReadonlyMap<string, ColumnRef>
  /** In the order of definition; empty where the table has none. */
  readonly primaryKey: readonly ColumnRef[]
}

/** A table: its columns by property, and `tableInfo` for the runtime. */
export type Table<C extends Columns = Columns> = {
  readonly [K in keyof C]: ColumnRef<ColumnTypes<C[K]>['read'], ColumnTypes<C[K]>['write']>
} & { readonly [tableInfo]: TableInfo & { readonly types?: C } }

/** Any table, for code that does not care for its columns. */
export type AnyTable = { readonly [tableInfo]: TableInfo }

/** The columns of a table, as types. */
export type ColumnsOf<T> = T extends {
  readonly [tableInfo]: { readonly types?: infer C extends Columns | undefined }
}
  ? NonNullable<C>
  : never

type Flat<T> = { [K in keyof T]: T[K] } & {}

/** A row as it is read: every column by property. */
export type Row<T> = Flat<{
  -readonly [K in keyof ColumnsOf<T>]: ColumnTypes<ColumnsOf<T>[K]>['read']
}>

type ModeOf<T, K extends keyof ColumnsOf<T>> = ColumnTypes<ColumnsOf<T>[K]>['mode']

/** What an insert takes: columns with a default are optional, generated ones are not there. */
export type Insert<T> = Flat<
  {
    -readonly [K in keyof ColumnsOf<T> as 'required' extends ModeOf<T, K> ? K : never]: ColumnTypes<
      ColumnsOf<T>[K]
    >['write']
  } & {
    -readonly [K in keyof ColumnsOf<T> as 'optional' extends ModeOf<T, K>
      ? K
      : never]?: ColumnTypes<ColumnsOf<T>[K]>['write']
  }
>

type PrimaryKeyKeys<T> = {
  [K in keyof ColumnsOf<T>]: ColumnTypes<ColumnsOf<T>[K]>['primaryKey'] extends true ? K : never
}[keyof ColumnsOf<T>]

/** What an update may set: every column that can be written, but the primary key. */
export type Update<T> = Flat<{
  -readonly [K in Exclude<WritableKey<T>, PrimaryKeyKeys<T>>]?: ColumnTypes<
    ColumnsOf<T>[K]
  >['write']
}>

type IsUnion<T, U = T> = T extends unknown ? ([U] extends [T] ? false : true) : never

/**
 * What names one row: the key's value, or an object of values where the key is composite. Unknown
 * for a table whose columns are known at run time only.
 */
export type PrimaryKey<T> =
  string extends ColumnKey<T>
    ? unknown
    : [PrimaryKeyKeys<T>] extends [never]
      ? never
      : true extends IsUnion<PrimaryKeyKeys<T>>
        ? Flat<{ -readonly [K in PrimaryKeyKeys<T>]: ColumnTypes<ColumnsOf<T>[K]>['write'] }>
        : ColumnTypes<ColumnsOf<T>[PrimaryKeyKeys<T>]>['write']

/** The property names of a table. */
export type ColumnKey<T> = ColumnsOf<T> extends infer C ? keyof C & string : never

/** The property names of the columns that can be written. */
export type WritableKey<T> = Writable<T, ColumnKey<T>>
type Writable<T, K extends ColumnKey<T>> = K extends unknown
  ? ModeOf<T, K> extends 'never'
    ? never
    : K
  : never

/** What writes accept for one column. */
export type WriteValue<T, K extends ColumnKey<T>> = ColumnTypes<ColumnsOf<T>[K]>['write']

/** How conditions compare one column. */
export type ComparisonOf<T, K extends ColumnKey<T>> = ColumnTypes<ColumnsOf<T>[K]>['compared']

/**
 * Defines a table: plain data, frozen, made once and shared.
 *
 * @throws MisuseError `TABLE_INVALID` where a name is empty, a column was not made by `t`, there is
 * no column, or two are stored under one name; `UNKNOWN_OPTION`, `OPTION_INVALID`
 */
export function defineTable<const C extends Columns>(
  name: string,
  columns: C,
  options: TableOptions = {},
): Table<C> {
  checkOptions(options)
  if (typeof name !== 'string' || name === '') {
    throw new MisuseError('TABLE_INVALID', 'a table needs a name')
  }
  const refs = columnRefs(name, columns, options)
  const info: TableInfo = Object.freeze({
    name,
    prefix: options.prefix,
    columns: Object.freeze(refs),
    byProperty: new Map(refs.map((ref) => [ref.property, ref])),
    primaryKey: Object.freeze(refs.filter((ref) => ref.settings.primaryKey)),
  })
  // Without a prototype, so that a column may have any name, `__proto__` included.
  const table: Record<PropertyKey, unknown> = Object.create(null)
  for (const ref of refs) table[ref.property] = ref
  Object.defineProperty(table, tableInfo, { value: info })
  return Object.freeze(table) as unknown as Table<C>
}

function checkOptions({ prefix, columnNaming, ...unknown }: TableOptions): void {
  const [other] = Object.keys(unknown)
  if (other !== undefined) {
    throw new MisuseError(
      'UNKNOWN_OPTION',
      `defineTable has no option "${other}"; it takes prefix, columnNaming`,
    )
  }
  if (prefix !== undefined && (typeof prefix !== 'string' || prefix === '')) {
    throw new MisuseError('OPTION_INVALID', 'prefix takes the name of a schema')
  }
  if (columnNaming !== undefined && columnNaming !== 'as_is' && columnNaming !== 'snake_case') {
    throw new MisuseError('OPTION_INVALID', "columnNaming takes 'as_is' or 'snake_case'")
  }
}

function columnRefs(name: string, columns: Columns, options: TableOptions): ColumnRef[] {
  const table = Object.freeze({ name, prefix: options.prefix })
  const properties = new Map<string, string>()
  const refs = Object.entries(columns).map(([property, builder]): ColumnRef => {
    if (!isBuilder(builder)) {
      throw new MisuseError(
        'TABLE_INVALID',
        `${name}.${property} is not a column that t made; write t.text(), for example`,
      )
    }
    const { settings } = builder
    const named = options.columnNaming === 'snake_case' ? snakeCase(property) : property
    const source = settings.source ?? named
    const other = properties.get(source)
    if (other !== undefined) {
      throw new MisuseError(
        'TABLE_INVALID',
        `${name}.${other} and ${name}.${property} are both stored in the column "${source}"`,
      )
    }
    if (source === '') throw new MisuseError('TABLE_INVALID', `${name} has a column without a name`)
    properties.set(source, property)
    return Object.freeze({ [columnMark]: true as const, property, source, settings, table })
  })
  if (refs.length === 0) throw new MisuseError('TABLE_INVALID', `${name} has no columns`)
  return refs
}

/** `insertedAt` → `inserted_at`, `htmlURL` → `html_url`, `line2` stays. */
function snakeCase(property: string): string {
  return property
    .replace(/([\p{Ll}\d])(\p{Lu})/gu, '$1_$2')
    .replace(/(\p{Lu}+)(\p{Lu}\p{Ll})/gu, '$1_$2')
    .toLowerCase()
}

/** Whether a value is a defined table. */
export function isTable(value: unknown): value is AnyTable {
  return typeof value === 'object' && value !== null && tableInfo in value
}

/** Whether a value is a column of a defined table. */
export function isColumn(value: unknown): value is ColumnRef {
  return typeof value === 'object' && value !== null && columnMark in value
}

/** How a table is named in operation trees; `prefix` of the repo goes before the table's own. */
export function tableName(
  info: Pick<TableInfo, 'name' | 'prefix'>,
  prefix: string | undefined,
): TableName {
  const chosen = prefix ?? info.prefix
  return chosen === undefined
    ? { kind: 'table', name: info.name }
    : { kind: 'table', name: info.name, prefix: chosen }
}
