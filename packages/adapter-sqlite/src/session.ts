import { DatabaseError } from '@mortise/core/adapter'
import type { DriverDatabase } from './driver.ts'
import type { Settings } from './options.ts'
import { quoteName, quoteText } from './quote.ts'
import { changesSession } from './session-pragmas.ts'
import type { Pragma } from './statement-text.ts'

/** The state of one session, and the way back to how it began. */
export class Session {
  readonly #database: DriverDatabase
  readonly #settings: readonly string[]
  /** What pragmas were before they were changed: the statements that set them back. */
  readonly #undo = new Map<string, string>()

  constructor(database: DriverDatabase, settings: readonly string[]) {
    this.#database = database
    this.#settings = settings
  }

  /** Sets the session up. */
  begin(): void {
    for (const sql of this.#settings) this.#database.exec(sql)
  }

  /**
   * Notes what a pragma will change. To be called before it is compiled, since SQLite carries many
   * of them out then. Answers whether it changes the session.
   */
  notePragma(pragma: Pragma): boolean {
    if (!changesSession(pragma)) return false
    const { name } = pragma
    const place = pragma.schema === undefined ? '' : `${quoteName(pragma.schema)}.`
    const target = `${place}${quoteName(name)}`
    if (!this.#undo.has(target.toLowerCase())) {
      this.#undo.set(target.toLowerCase(), `pragma ${target} = ${this.#valueOf(target)}`)
    }
    return true
  }

  /**
   * Brings the session back to how it began: rolls back, drops, detaches, sets back.
   *
   * @throws where that is not possible; the session has to be closed then.
   */
  reset(): void {
    const database = this.#database
    if (database.inTransaction) database.exec('rollback')
    for (const sql of this.#undo.values()) database.exec(sql)
    const wasNormal = [...this.#undo.values()].some((sql) =>
      sql.endsWith(`"locking_mode" = 'normal'`),
    )
    if (wasNormal) this.#unlock()
    this.#undo.clear()
    // A reader may drop what is temporary, and dropping a table must not ask its foreign keys.
    database.exec('pragma query_only = off')
    database.exec('pragma foreign_keys = off')
    this.#dropTemporary()
    for (const name of this.#attached()) database.exec(`detach ${quoteName(name)}`)
    this.begin()
  }

  /**
   * Lets go of a file that was locked for good, which happens when it is used again. Not possible
   * where the lock was taken before the WAL was used (https://www.sqlite.org/wal.html#noshm).
   */
  #unlock(): void {
    this.#database.exec('select 1 from main.sqlite_schema limit 1')
    const [main] = this.#rows(`select file from pragma_database_list where name = 'main'`)
    // A database in memory always says "exclusive".
    if (main?.[0] === '' || this.#rows('pragma main.locking_mode')[0]?.[0] === 'normal') return
    throw new DatabaseError({
      kind: 'other',
      message: 'this session cannot leave its exclusive locking mode',
      fate: 'discard',
    })
  }

  #dropTemporary(): void {
    const objects = this.#rows(
      `select type, name from sqlite_temp_schema
       where type in ('table', 'view', 'trigger') and name not like 'sqlite\\_%' escape '\\'
       order by type = 'table'`,
    )
    for (const [type, name] of objects) {
      // A virtual table takes its own tables with it.
      this.#database.exec(`drop ${type as string} if exists temp.${quoteName(name as string)}`)
    }
  }

  #attached(): string[] {
    return this.#rows('pragma database_list')
      .map(([, name]) => name as string)
      .filter((name) => name !== 'main' && name !== 'temp')
  }

  /** The pragma's value as it can be written. `case_sensitive_like` does not tell its own. */
  #valueOf(target: string): string {
    const value = this.#rows(`pragma ${target}`)[0]?.[0]
    return typeof value === 'string' ? quoteText(value) : String(value ?? 0)
  }

  #rows(sql: string): unknown[][] {
    const statement = this.#database.prepare(sql)
    return statement.returnsRows ? statement.readExact([]) : []
  }
}

/** The statements that set up a session; `reader` may not write. */
export function sessionSettings(settings: Settings, reader: boolean): readonly string[] {
  return [
    // The wait for locks is ours: SQLite's own would block the event loop.
    'pragma busy_timeout = 0',
    `pragma query_only = ${reader ? 'on' : 'off'}`,
    'pragma foreign_keys = on',
    'pragma trusted_schema = off',
    `pragma synchronous = ${settings.synchronous}`,
    // The drivers' builds differ (2 MB and 16 MB).
    'pragma cache_size = -16000',
  ]
}
