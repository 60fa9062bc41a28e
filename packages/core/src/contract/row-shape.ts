import type { LogicalType } from './logical-type.ts'

/** One property of the rows that a call returns. */
export interface ShapeColumn {
  /** The property's name on the row object: any string, `__proto__` included. */
  readonly property: string
  readonly type: LogicalType
  /** Driver value (never null) to application value; undefined where they are the same. */
  readonly decode: ((value: unknown) => unknown) | undefined
}

/**
 * What the rows of a call look like, known before it runs.
 *
 * With a shape, a driver gives the values that its type codecs decode (column `i` has
 * `columns[i].type`); without one it gives values fit for the application. A driver that ignores
 * `request.shape` and answers arrays is correct; one that builds the objects itself calls `decode`
 * for each value that is not null, defines the properties in order as own data properties, and
 * then calls `attach`.
 */
export interface RowShape {
  readonly columns: readonly ShapeColumn[]
  /** Attaches the table's shared metadata; undefined where there is none. */
  readonly attach: ((row: object) => void) | undefined
}
