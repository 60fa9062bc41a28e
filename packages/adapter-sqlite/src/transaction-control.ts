import type { Result, TransactionCommand } from '@mortise/core/adapter'
import type { DriverDatabase, DriverStatement } from './driver.ts'
import { quoteName } from './quote.ts'

/** As many statements as are kept compiled; the runtime's savepoint names repeat. */
const mostStatements = 64

/**
 * Begins and ends transactions.
 *
 * A transaction that may write begins IMMEDIATE: the lock is waited for before anything was read,
 * because a transaction that has read and then finds that another one wrote cannot go on. A
 * read-only one is enforced by `query_only`.
 */
export class TransactionControl {
  readonly #database: DriverDatabase
  readonly #reader: boolean
  readonly #statements = new Map<string, DriverStatement>()
  #queryOnly = false

  constructor(database: DriverDatabase, reader: boolean) {
    this.#database = database
    this.#reader = reader
  }

  /** Carries out a command once. A BEGIN or COMMIT that finds a lock may be tried again. */
  run(command: TransactionCommand): Result {
    switch (command.kind) {
      case 'begin':
        if (this.#reader) return this.#execute('begin', 'BEGIN')
        if (command.readOnly !== true) return this.#execute('begin immediate', 'BEGIN')
        this.#setQueryOnly(true)
        return this.#execute('begin', 'BEGIN')
      case 'commit':
        return this.#execute('commit', 'COMMIT')
      case 'rollback':
        // SQLite may have rolled back by itself, on a full disk for example; that is what is wanted.
        return this.#database.inTransaction
          ? this.#execute('rollback', 'ROLLBACK')
          : answer('ROLLBACK')
      case 'savepoint':
        return this.#execute(`savepoint ${quoteName(command.name)}`, 'SAVEPOINT')
      case 'release':
        return this.#execute(`release ${quoteName(command.name)}`, 'RELEASE')
      case 'rollback_to':
        return this.#execute(`rollback to ${quoteName(command.name)}`, 'ROLLBACK')
    }
  }

  /** To be called when the transaction is over, however it ended. */
  ended(): void {
    if (this.#queryOnly) this.#setQueryOnly(false)
  }

  #setQueryOnly(on: boolean): void {
    // Compiled anew each time, because SQLite carries it out while it compiles.
    this.#database.exec(`pragma query_only = ${on ? 'on' : 'off'}`)
    this.#queryOnly = on
  }

  #execute(sql: string, command: string): Result {
    let statement = this.#statements.get(sql)
    if (statement === undefined) {
      statement = this.#database.prepare(sql)
      if (this.#statements.size >= mostStatements) this.#statements.clear()
      this.#statements.set(sql, statement)
    }
    statement.run([])
    return answer(command)
  }
}

function answer(command: string): Result {
  return { columns: [], rows: [], affected: null, command }
}
