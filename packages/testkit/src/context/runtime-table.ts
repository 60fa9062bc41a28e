import type { ColumnRef } from '@mortise/core'
import type { ColumnDefinition, CreateTableOperation, Expression } from '@mortise/core/adapter'

/** What a runtime table does not say of itself. Columns by property. */
export interface TableExtras {
  /** Defaults of the database, for columns with `dbDefault`. */
  readonly defaults?: { readonly [property: string]: string | number | boolean }
  /** Expressions of stored generated columns, as SQL text. */
  readonly generatedAs?: { readonly [property: string]: string }
  readonly unique?: NonNullable<CreateTableOperation['unique']>
  readonly checks?: NonNullable<CreateTableOperation['checks']>
  readonly foreignKeys?: NonNullable<CreateTableOperation['foreignKeys']>
}

/** The DDL of a table that was made by `defineTable`. */
export function definitionOf(
  table: { readonly [property: string]: ColumnRef },
  { defaults = {}, generatedAs = {}, ...constraints }: TableExtras,
): CreateTableOperation {
  const refs = Object.values(table)
  const [first] = refs
  if (first === undefined) throw new TypeError('a table needs columns')
  const { name, prefix } = first.table
  return {
    kind: 'create_table',
    table: prefix === undefined ? { kind: 'table', name } : { kind: 'table', name, prefix },
    columns: refs.map((ref) => definitionOfColumn(ref, defaults, generatedAs)),
    primaryKey: refs.filter(({ settings }) => settings.primaryKey).map(({ source }) => source),
    ...constraints,
  }
}

function definitionOfColumn(
  { property, source, settings }: ColumnRef,
  defaults: NonNullable<TableExtras['defaults']>,
  generatedAs: NonNullable<TableExtras['generatedAs']>,
): ColumnDefinition {
  const expression = Object.hasOwn(generatedAs, property) ? generatedAs[property] : undefined
  const fallback = Object.hasOwn(defaults, property) ? defaults[property] : undefined
  return {
    name: source,
    type: settings.type,
    nullable: settings.nullable,
    ...(fallback !== undefined && {
      default: { kind: 'literal', value: fallback } satisfies Expression,
    }),
    ...(expression !== undefined
      ? { generatedAs: { kind: 'raw', parts: [expression] } }
      : settings.generated !== undefined && { identity: settings.generated }),
  }
}
