import type { DriverDatabase, DriverStatement } from './driver.ts'
import type { PreparedStatement } from './prepared-statement.ts'

/**
 * Keeps the columns of prepared statements true.
 *
 * SQLite compiles a statement anew by itself when the schema changed, and neither driver tells. The
 * connection's own changes are counted (`schemaChanged`). Those of other connections to the file
 * show in its schema version, which is asked for where the text leaves the columns to the schema
 * (`select *`); other texts fail or mean the same columns after a change.
 */
export class ColumnWatch {
  readonly #database: DriverDatabase
  readonly #shared: boolean
  #epoch = 0
  #version: DriverStatement | undefined
  /** Databases are attached: their versions are not looked at, so nothing is remembered. */
  attached = false

  constructor(database: DriverDatabase, shared: boolean) {
    this.#database = database
    this.#shared = shared
  }

  /** Counts the connection's own schema changes, undone ones included. */
  get epoch(): number {
    return this.#epoch
  }

  /** To be called after every statement that may have changed the schema, or undone a change. */
  schemaChanged(): void {
    this.#epoch++
  }

  /** What `after` needs to know about the time before the run. */
  before(prepared: PreparedStatement): number {
    if (!this.#followsOthers(prepared)) return -1
    return prepared.schemaVersion === -1 ? this.#readVersion() : prepared.schemaVersion
  }

  /**
   * Looks at the columns after a run. The version is read after it, so rows of an older schema may
   * be judged by a newer version; then the columns are taken from the statement, which is as it
   * ran, and the version counts only if it was the same before.
   */
  after(prepared: PreparedStatement, before: number): void {
    const known = prepared.schemaEpoch === this.#epoch
    if (this.#followsOthers(prepared)) {
      const version = this.attached ? -1 : this.#readVersion()
      if (known && version !== -1 && version === prepared.schemaVersion) return
      prepared.schemaVersion = version === before ? version : -1
    } else if (known) return
    prepared.columns = prepared.driver.columns()
    prepared.schemaEpoch = this.#epoch
  }

  /** The columns turned out to be others; the next run looks again. */
  forget(prepared: PreparedStatement): void {
    prepared.schemaEpoch = -1
  }

  #followsOthers(prepared: PreparedStatement): boolean {
    return prepared.text.columnsFollowSchema && (this.#shared || this.attached)
  }

  /** −1 where it cannot be read: the rows are there already, so that is no reason to fail. */
  #readVersion(): number {
    try {
      this.#version ??= this.#database.prepare('pragma main.schema_version')
      const version = this.#version.readFast([], undefined)?.[0]?.[0]
      return typeof version === 'number' ? version : -1
    } catch {
      return -1
    }
  }
}
