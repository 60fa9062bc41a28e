import type { DriverDatabase, DriverStatement, RunResult } from './driver.ts'
import type { PreparedStatement } from './prepared-statement.ts'
import type { InsertTarget } from './statement-text.ts'

/**
 * Tells the id that an INSERT made, where it made one.
 *
 * `sqlite3_last_insert_rowid()` keeps its value when a table has no rowid, when a view's trigger
 * did the work, and when nothing was inserted. A value that differs from the one before was made by
 * this statement; one that is the same is believed only for tables that have rowids.
 */
export class LastInsertId {
  readonly #database: DriverDatabase
  #last: number | undefined = 0
  #exact: DriverStatement | undefined

  constructor(database: DriverDatabase) {
    this.#database = database
  }

  /** Something was inserted that told no id. */
  forget(): void {
    this.#last = undefined
  }

  /** The id that this run made, or undefined. `epoch` counts the connection's schema changes. */
  of(prepared: PreparedStatement, result: RunResult, epoch: number): number | bigint | undefined {
    const id = result.lastInsertRowid
    const differs = this.#last !== undefined && id !== this.#last
    this.#last = id
    const { insertsInto } = prepared.text
    if (insertsInto === undefined || result.changes === 0) return undefined
    if (!differs && !this.#makesRowid(prepared, insertsInto, epoch)) return undefined
    return Number.isSafeInteger(id) ? id : this.#readExactly()
  }

  #makesRowid(prepared: PreparedStatement, target: InsertTarget, epoch: number): boolean {
    if (prepared.rowidEpoch !== epoch) {
      prepared.rowidEpoch = epoch
      prepared.makesRowid = this.#isRowidTable(target)
    }
    return prepared.makesRowid
  }

  /** Unqualified names are looked for in temp first, then in main, then in attached databases. */
  #isRowidTable({ schema, table }: InsertTarget): boolean {
    const found = this.#database
      .prepare(
        `select type = 'table' and wr = 0 from pragma_table_list(?)
         where ? is null or schema = lower(?)
         order by case schema when 'temp' then 0 when 'main' then 1 else 2 end limit 1`,
      )
      .readFast([table, schema ?? null, schema ?? null], undefined)
    return found?.[0]?.[0] === 1
  }

  #readExactly(): bigint {
    this.#exact ??= this.#database.prepare('select last_insert_rowid()')
    return this.#exact.readExact([])[0]?.[0] as bigint
  }
}
