import type {
  ColumnDefinition,
  CreateTableOperation,
  Expression,
  InsertOperation,
  LogicalType,
  Operation,
  SelectOperation,
  Slot,
  TableName,
} from '@mortise/core/adapter'
import type { SelectedColumn } from './caller.ts'
import { typed, type Value } from './value.ts'

/** A table that a rule made, in the contract's own words. */
export interface TestTable {
  readonly table: TableName
  readonly columns: readonly ColumnDefinition[]
  readonly primaryKey: readonly string[]
}

/** An operation with the values of its slots. */
export interface Statement {
  readonly operation: Operation
  readonly values: readonly Value[]
}

/** A column of a new table. Default: it may be null. */
export function column(
  name: string,
  type: LogicalType | LogicalType['name'],
  parts: Partial<Omit<ColumnDefinition, 'name' | 'type'>> = {},
): ColumnDefinition {
  return { name, type: typeof type === 'string' ? { name: type } : type, nullable: true, ...parts }
}

/** The place for a value. */
export function slot(index: number, type?: LogicalType): Slot {
  return { kind: 'slot', slot: index, type }
}

/** A column by its name. */
export function named(name: string): Expression {
  return { kind: 'column', name }
}

/** `column = slot`. */
export function equals(name: string, index: number, type?: LogicalType): Expression {
  return { kind: 'compare', operator: '=', left: named(name), right: slot(index, type) }
}

type RawPart = string | Value | Expression | TableName

/**
 * A raw fragment with its values in place: strings are SQL, the others are values or names. Lists
 * are taken apart, since there can be more parts than a call can have arguments.
 */
export function raw(...parts: readonly (RawPart | readonly RawPart[])[]): Statement {
  const values: Value[] = []
  return {
    operation: {
      kind: 'raw',
      parts: (parts.flat() as RawPart[]).map((part) =>
        typeof part === 'object' && 'value' in part && !('kind' in part)
          ? slot(values.push(part) - 1, part.type)
          : part,
      ),
    },
    values,
  }
}

/** Inserts rows of canonical values into some columns of a table. */
export function insertInto(
  { table, columns, primaryKey }: TestTable,
  names: readonly string[],
  rows: readonly (readonly unknown[])[],
  parts: Partial<Pick<InsertOperation, 'onConflict' | 'returning'>> = {},
): Statement {
  const types = names.map((name) => columnOf(columns, name).type)
  const values: Value[] = []
  const expressions = rows.map((row) =>
    row.map((value, i) => {
      const type = types[i] as LogicalType
      return slot(values.push(typed(type, value)) - 1, type)
    }),
  )
  return {
    operation: {
      kind: 'insert',
      table,
      columns: names,
      rows: expressions,
      primaryKey,
      ...parts,
    },
    values,
  }
}

/** Selects columns of a table in the order of its first column. */
export function selectFrom(
  { table, columns }: TestTable,
  names: readonly string[] = columns.map(({ name }) => name),
  parts: Partial<Omit<SelectOperation, 'kind' | 'table' | 'columns'>> = {},
): { readonly operation: SelectOperation; readonly columns: readonly SelectedColumn[] } {
  return {
    operation: {
      kind: 'select',
      table,
      columns: names.map(named),
      orderBy: [{ by: named((columns[0] as ColumnDefinition).name), direction: 'asc' }],
      ...parts,
    },
    columns: names.map((name) => columnOf(columns, name)),
  }
}

/** The DDL of a table. */
export function createTable(
  { table, columns, primaryKey }: TestTable,
  parts: Partial<CreateTableOperation> = {},
): CreateTableOperation {
  return { kind: 'create_table', table, columns, primaryKey, ...parts }
}

function columnOf(columns: readonly ColumnDefinition[], name: string): ColumnDefinition {
  const found = columns.find((each) => each.name === name)
  if (found === undefined) throw new TypeError(`the test table has no column ${name}`)
  return found
}
