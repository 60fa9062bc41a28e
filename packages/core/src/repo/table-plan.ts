import type { RowShape, TableName } from '../contract/index.ts'
import { MisuseError } from '../errors/index.ts'
import {
  type AnyTable,
  atPlace,
  type ColumnRef,
  isName,
  isSql,
  type ParameterEncoder,
  type Query,
  type TableInfo,
  tableInfo,
  tableName,
} from '../query/index.ts'
import { attacher } from './metadata.ts'

/** A column with its codec. */
export interface ColumnPlan {
  readonly ref: ColumnRef
  readonly source: string
  /** Position in the table's definition. */
  readonly index: number
  /**
   * Application value to driver value; null passes where the column is nullable. `option` goes
   * before the message of an error.
   */
  encode(value: unknown, option?: string): unknown
  readonly decode: ((raw: unknown) => unknown) | undefined
}

/** A compiled operation: the query, and which value goes where. */
export interface BuiltOperation {
  readonly query: Query
  readonly slots: readonly number[]
  /** Whether the slots are 0, 1, 2, …, so that the values are the parameters. */
  readonly inOrder: boolean
}

/** What was meant by a name that is no column's; undefined where that is not known. */
const hints: { readonly [option: string]: (property: string) => string | undefined } = {
  where: (property) =>
    /^\$?(or|and|not)$/i.test(property)
      ? 'conditions all hold together; write another logic as a fragment: where: sql`… or …`'
      : undefined,
  orderBy: (property) =>
    /^-|\s/.test(property) ? "a direction is written { column: 'desc' }" : undefined,
}

/** Most operations remembered for one table. */
const limit = 1000

/** Everything that the runtime prepares once for a table in one schema. */
export class TablePlan {
  readonly table: AnyTable
  readonly info: TableInfo
  readonly name: TableName
  readonly columns: readonly ColumnPlan[]
  readonly byProperty: ReadonlyMap<string, ColumnPlan>
  readonly primaryKey: readonly ColumnPlan[]
  readonly #attach: (row: object) => void
  readonly #shapes = new Map<string, RowShape>()
  readonly #operations = new Map<string, BuiltOperation>()
  #allShape: RowShape | undefined

  constructor(table: AnyTable, encoder: ParameterEncoder, prefix: string | undefined) {
    this.table = table
    this.info = table[tableInfo]
    this.name = tableName(this.info, prefix)
    this.#attach = attacher(table, this.info.name, this.name.prefix)
    this.columns = this.info.columns.map((ref, index) => {
      const { settings } = ref
      const place = `${this.info.name}.${ref.property}`
      const codec = encoder.codec(settings.type, settings.form, place)
      return {
        ref,
        source: ref.source,
        index,
        decode: codec.decode,
        encode(value, option) {
          if (value === null || value === undefined) {
            if (value === null && settings.nullable) return null
            throw noValue(
              value,
              settings.nullable,
              option === undefined ? place : `${option}: ${place}`,
            )
          }
          if (option === undefined) return codec.encode(value)
          try {
            return codec.encode(value)
          } catch (error) {
            if (isSql(value) || isName(value)) throw misplaced(option, place)
            throw atPlace(error, option)
          }
        },
      }
    })
    this.byProperty = new Map(this.columns.map((column) => [column.ref.property, column]))
    this.primaryKey = this.columns.filter((column) => column.ref.settings.primaryKey)
  }

  /** The column of a property, or an error that names the ones there are. */
  column(property: unknown, option: string): ColumnPlan {
    const column = this.byProperty.get(property as string)
    if (column !== undefined) return column
    const stored = this.columns.find(({ source }) => source === property)
    const hint =
      stored === undefined
        ? (hints[option]?.(String(property)) ?? `it has ${[...this.byProperty.keys()].join(', ')}`)
        : `that is what the database calls "${stored.ref.property}"`
    throw new MisuseError(
      'UNKNOWN_COLUMN',
      typeof property === 'string'
        ? `${option}: ${this.info.name} has no column "${property}"; ${hint}`
        : `${option} names a column of ${this.info.name} by something that is no string; ${hint}`,
    )
  }

  /** The columns of a list of properties, which must not be empty. */
  columnsOf(properties: unknown, option: string): readonly ColumnPlan[] {
    if (!Array.isArray(properties) || properties.length === 0) {
      throw new MisuseError('OPTION_INVALID', `${option} takes a list of columns that is not empty`)
    }
    if (new Set(properties).size < properties.length) {
      throw new MisuseError('OPTION_INVALID', `${option} names a column twice`)
    }
    return Array.from(properties, (property) => this.column(property, option))
  }

  /** The row shape of some columns, made once. */
  shape(columns: readonly ColumnPlan[]): RowShape {
    if (columns === this.columns && this.#allShape !== undefined) return this.#allShape
    const key = columns.map((column) => column.index).join()
    let shape = this.#shapes.get(key)
    if (shape === undefined) {
      shape = Object.freeze({
        columns: Object.freeze(
          columns.map(({ ref, decode }) => ({
            property: ref.property,
            type: ref.settings.type,
            decode,
          })),
        ),
        attach: this.#attach,
      })
      this.#shapes.set(key, shape)
      if (columns === this.columns) this.#allShape = shape
    }
    return shape
  }

  /** A compiled operation by its key, made by `build` where it is not known. */
  operation(key: string, build: () => BuiltOperation): BuiltOperation {
    const known = this.#operations.get(key)
    if (known !== undefined) return known
    const built = build()
    if (this.#operations.size >= limit) {
      this.#operations.delete(this.#operations.keys().next().value as string)
    }
    this.#operations.set(key, built)
    return built
  }
}

/** The values in the order of an operation's parameters. */
export function parametersOf(
  operation: BuiltOperation,
  values: readonly unknown[],
): readonly unknown[] {
  return operation.inOrder ? values : operation.slots.map((slot) => values[slot])
}

function misplaced(option: string, place: string): MisuseError {
  return new MisuseError(
    'FRAGMENT_MISPLACED',
    `${option}: ${place} takes a value, not SQL; write the whole statement by repo.query(sql\`…\`) where it needs SQL`,
  )
}

function noValue(value: null | undefined, nullable: boolean, place: string): MisuseError {
  return value === null
    ? new MisuseError(
        'NOT_NULLABLE',
        `${place} is null and the column is not nullable; give a value, or declare it nullable`,
      )
    : new MisuseError(
        'UNDEFINED_VALUE',
        `${place} is undefined; leave the property out, or give ${nullable ? "null for SQL's NULL" : 'a value'}`,
      )
}
