import type { ColumnRef, Columns, Table } from '@mortise/core'
import type { CreateTableOperation } from '@mortise/core/adapter'

/** The DDL of a defined table, for the dialect of any database to write. */
export function createTable(table: Table<Columns>): CreateTableOperation {
  const columns: readonly ColumnRef[] = Object.values(table)
  const [first] = columns
  if (first === undefined) throw new Error('a table without columns')
  return {
    kind: 'create_table',
    table: { kind: 'table', name: first.table.name },
    columns: columns.map(({ source, settings }) => ({
      name: source,
      type: settings.type,
      nullable: settings.nullable,
      identity: settings.generated,
    })),
    primaryKey: columns.filter(({ settings }) => settings.primaryKey).map(({ source }) => source),
  }
}
