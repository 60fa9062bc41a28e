import type { AnyTable } from '../query/index.ts'

/** What all loaded rows of a table share. */
export interface RowMetadata {
  /** The definition that loaded the row. */
  readonly table: AnyTable
  /** The table's name in the database. */
  readonly source: string
  /** The schema it was read from; undefined for the connection's own. */
  readonly prefix: string | undefined
  readonly state: 'loaded'
}

const metadata: unique symbol = Symbol('mortise.metadata')

/**
 * Makes the function that attaches one frozen metadata object to rows.
 *
 * It defines an own, non-enumerable accessor with one shared getter: V8 keeps the pair in the
 * hidden class, so a row holds no byte more, and spread, JSON and equality checks see a plain
 * object.
 */
export function attacher(
  table: AnyTable,
  source: string,
  prefix: string | undefined,
): (row: object) => void {
  const shared: RowMetadata = Object.freeze({ table, source, prefix, state: 'loaded' })
  const descriptor = Object.freeze({
    get: () => shared,
    enumerable: false,
    configurable: true,
  })
  return (row) => {
    Object.defineProperty(row, metadata, descriptor)
  }
}

/**
 * The metadata of a row that `get`, `all`, `insert` and their siblings loaded; undefined for any
 * other object, rows of raw queries and copies of rows included. Rows of one table share one object.
 */
export function metadataOf(row: object): RowMetadata | undefined {
  return (row as { [metadata]?: RowMetadata })[metadata]
}
