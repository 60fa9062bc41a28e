import type { Column, RowShape } from '@mortise/core/adapter'
import type { DriverStatement } from './driver.ts'
import { kindsOf, type StoredKinds } from './exact-rows.ts'
import { type RowObjects, rowObjects } from './row-objects.ts'
import type { StatementText } from './statement-text.ts'

/** A compiled statement and what is remembered of it; it hangs on the runtime's `Statement`. */
export class PreparedStatement {
  readonly text: StatementText
  readonly driver: DriverStatement
  /** Set when a read met an integer that is not safe: such a statement is read exactly at once. */
  exact: boolean
  /** The columns, as they were when `ColumnWatch` last looked. */
  columns: readonly Column[] = []
  /** The connection's own schema changes that the columns are known to include. */
  schemaEpoch = -1
  /** The file's schema version that the columns belong to; −1 where that is not known. */
  schemaVersion = -1
  /** Whether an INSERT makes a rowid that can be told, and in which epoch that was looked up. */
  makesRowid = false
  rowidEpoch = -1
  #objects: RowObjects | undefined
  #shape: RowShape | undefined
  #kinds: StoredKinds | undefined

  constructor(text: StatementText, driver: DriverStatement) {
    this.text = text
    this.driver = driver
    // A write cannot be run again, so it has to be read exactly the first time.
    this.exact = text.effect !== 'read'
  }

  /** The kinds of the shape's columns, made once for each shape. */
  kinds(shape: RowShape): StoredKinds {
    if (shape !== this.#shape || this.#kinds === undefined) {
      this.#shape = shape
      this.#kinds = kindsOf(shape)
    }
    return this.#kinds
  }

  /**
   * How the rows of a shape are read as objects; undefined where they are not. It takes the columns
   * to be known, so a statement's first run is read as arrays.
   */
  objects(shape: RowShape): RowObjects | undefined {
    if (this.driver.readObjects === undefined || this.columns.length === 0) return undefined
    let objects = this.#objects
    if (objects?.shape !== shape || objects.columns !== this.columns) {
      objects = rowObjects(shape, this.columns)
      this.#objects = objects
    }
    return objects.finish === undefined ? undefined : objects
  }
}
