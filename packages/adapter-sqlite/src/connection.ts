import {
  type Connection,
  type MaybePromise,
  MisuseError,
  type Request,
  type Result,
  type RowBatches,
  type Statement,
  type TransactionCommand,
  type TransactionStatus,
} from '@mortise/core/adapter'
import { retryWhileBusy } from './busy-wait.ts'
import { CallLimits } from './call-limits.ts'
import { ColumnWatch } from './column-watch.ts'
import type { DriverDatabase } from './driver.ts'
import { isBusy } from './native-error.ts'
import type { Settings } from './options.ts'
import { PreparedStatement } from './prepared-statement.ts'
import { readScript, readStatement } from './read-statement.ts'
import { RowStream } from './row-stream.ts'
import type { Session } from './session.ts'
import { changesSession } from './session-pragmas.ts'
import { StatementRunner } from './statement-runner.ts'
import type { StatementText } from './statement-text.ts'
import { TransactionControl } from './transaction-control.ts'

/** What a connection is made of. */
export interface ConnectionParts {
  readonly database: DriverDatabase
  /** Set up already. */
  readonly session: Session
  readonly settings: Settings
  /** Whether the connection may only read. */
  readonly reader: boolean
  /** Takes the errors that SQLite raised while it compiled: no value was bound yet. */
  readonly compileErrors: WeakSet<object>
}

/** One session with a SQLite database, over either driver. Synchronous unless a lock is waited for. */
export class SqliteConnection implements Connection {
  /** As SQLite says it; looked up after every statement that can change it. */
  transactionStatus: TransactionStatus = 'idle'
  readonly #database: DriverDatabase
  readonly #session: Session
  readonly #settings: Settings
  readonly #compileErrors: WeakSet<object>
  readonly #columns: ColumnWatch
  readonly #runner: StatementRunner
  readonly #control: TransactionControl
  /** The limits of the call that runs or waits, and that call. */
  #limits: CallLimits | undefined
  #limited: Request | undefined
  #stream: RowStream | undefined

  constructor(parts: ConnectionParts) {
    const { database, settings } = parts
    this.#database = database
    this.#session = parts.session
    this.#settings = settings
    this.#compileErrors = parts.compileErrors
    this.#columns = new ColumnWatch(database, settings.shared)
    this.#runner = new StatementRunner(database, this.#columns, settings.integers)
    this.#control = new TransactionControl(database, parts.reader)
  }

  execute(request: Request): MaybePromise<Result> {
    if (this.#stream !== undefined) refuseWhileStreaming()
    try {
      const prepared = request.statement?.handle as PreparedStatement | undefined
      return this.#run(prepared ?? this.#prepare(request), request)
    } catch (error) {
      return this.#failedCall(error, request)
    }
  }

  /** Runs the statements one by one; those before a failed one stay done. */
  async executeScript(request: Request): Promise<Result> {
    if (this.#stream !== undefined) refuseWhileStreaming()
    const limits = this.#limitsOf(request)
    const results: Result[] = []
    for (const text of readScript(request.sql)) {
      limits.check()
      const run = (): MaybePromise<Result> => this.#run(this.#compile(text), request)
      results.push(await this.#tryAgain(run, () => this.#mayRetry(text), limits))
    }
    const sessionChanged = results.some((result) => result.sessionChanged === true)
    let next: Result | undefined
    for (const result of results.reverse()) next = { ...result, sessionChanged, next }
    return next ?? { columns: [], rows: [], affected: null }
  }

  async *stream(request: Request, options: { readonly batchSize: number }): RowBatches {
    if (this.#stream !== undefined) refuseWhileStreaming()
    const limits = this.#limitsOf(request)
    limits.check()
    if (readStatement(request.sql).effect !== 'read') {
      // All that such a statement does happens before its first row, so it runs as a whole.
      const { columns, rows } = await this.execute(request)
      for (let i = 0; i < rows.length; i += options.batchSize) {
        yield { columns, rows: rows.slice(i, i + options.batchSize) as (readonly unknown[])[] }
      }
      return
    }
    try {
      const open = (): RowStream => {
        const prepared = this.#prepare(request)
        return new RowStream(prepared, this.#runner.iterate(prepared, request))
      }
      this.#stream = await this.#tryAgain(open, always, limits)
      yield* this.#stream.batches(options.batchSize, limits)
    } finally {
      this.#endStream()
    }
  }

  control(
    command: TransactionCommand,
    limits: Partial<Pick<Request, 'signal' | 'deadline'>> = {},
  ): MaybePromise<Result> {
    if (this.#stream !== undefined) refuseWhileStreaming()
    const attempt = (): Result => this.#control.run(command)
    try {
      return attempt()
    } catch (error) {
      const { signal, deadline } = limits
      const again = this.#failed(error, attempt, always, new CallLimits(signal, deadline))
      return again.finally(() => this.#controlled(command))
    } finally {
      this.#controlled(command)
    }
  }

  /** Neither driver can finalise a statement by hand: the garbage collector does. */
  deallocate(statement: Statement): void {
    statement.handle = undefined
  }

  cancel(request: Request): void {
    if (this.#limited === request) this.#limits?.cancel()
  }

  reset(): void {
    this.#endStream()
    try {
      this.#session.reset()
    } finally {
      this.#columns.attached = false
      this.#columns.schemaChanged()
      this.#runner.forget()
      this.#lookAtTransaction()
    }
  }

  ping(): void {
    this.#database.exec('select 1')
  }

  close(): void {
    this.#endStream()
    this.#limits?.cancel()
    this.#database.close()
  }

  /** The request's compiled statement; what the runtime caches is compiled once. */
  #prepare(request: Request): PreparedStatement {
    const { statement } = request
    if (statement?.handle !== undefined) return statement.handle as PreparedStatement
    const prepared = this.#compile(readStatement(request.sql))
    // SQLite carries out many pragmas while it compiles them, so they are compiled for each call.
    if (statement !== undefined && prepared.text.effect !== 'pragma') statement.handle = prepared
    return prepared
  }

  #compile(text: StatementText): PreparedStatement {
    if (text.command === 'ATTACH' && !this.#settings.allowAttach) {
      throw new MisuseError(
        'ATTACH_REFUSED',
        'ATTACH would let SQL text open and create files; give sqlite() the option allowAttach: true if that is meant',
      )
    }
    if (text.pragma !== undefined) this.#session.notePragma(text.pragma)
    try {
      return new PreparedStatement(text, this.#database.prepare(text.sql))
    } catch (error) {
      if (typeof error === 'object' && error !== null) this.#compileErrors.add(error)
      throw error
    }
  }

  /** Runs a compiled statement once. */
  #run(prepared: PreparedStatement, request: Request): MaybePromise<Result> {
    const limited = request.deadline !== undefined || request.signal !== undefined
    if (limited) this.#limitsOf(request).check()
    switch (prepared.text.effect) {
      case 'read':
        return limited
          ? this.#runner.readWithin(prepared, request, this.#limitsOf(request))
          : this.#runner.read(prepared, request)
      case 'write':
        return this.#runner.write(prepared, request, this.transactionStatus === 'active')
      default:
        return this.#runOther(prepared, request)
    }
  }

  #runOther(prepared: PreparedStatement, request: Request): Result {
    const { text } = prepared
    const result = this.#runner.other(prepared, request)
    if (text.effect !== 'transaction' || text.command === 'ROLLBACK') this.#columns.schemaChanged()
    if (text.command === 'ATTACH') this.#columns.attached = true
    this.#lookAtTransaction()
    const changed =
      text.sessionChange !== undefined || (text.pragma !== undefined && changesSession(text.pragma))
    return changed ? { ...result, sessionChanged: true } : result
  }

  /** Apart from `execute`, whose every call would pay for these closures. */
  #failedCall(error: unknown, request: Request): Promise<Result> {
    const attempt = (): MaybePromise<Result> => this.#run(this.#prepare(request), request)
    const mayRetry = (): boolean => this.#mayRetry(readStatement(request.sql))
    return this.#failed(error, attempt, mayRetry, this.#limitsOf(request))
  }

  async #tryAgain<T>(
    attempt: () => MaybePromise<T>,
    mayRetry: () => boolean,
    limits: CallLimits,
  ): Promise<T> {
    try {
      return await attempt()
    } catch (error) {
      return await this.#failed(error, attempt, mayRetry, limits)
    }
  }

  /** A failed attempt: waits for the lock and tries again where that is safe, else throws. */
  #failed<T>(
    error: unknown,
    attempt: () => MaybePromise<T>,
    mayRetry: () => boolean,
    limits: CallLimits,
  ): Promise<T> {
    const { busyTimeoutMs } = this.#settings
    if (isBusy(error) && mayRetry()) {
      return retryWhileBusy(attempt, error, busyTimeoutMs, limits).finally(() => {
        this.#lookAtTransaction()
      })
    }
    this.#lookAtTransaction()
    throw error
  }

  /**
   * Whether a statement that found a lock may be tried again. Outside of a transaction it had no
   * effect. Inside one the same is true of a read and of COMMIT; but a write there may wait for a
   * connection that in turn waits for this transaction to end.
   */
  #mayRetry({ effect, command }: StatementText): boolean {
    const before = this.transactionStatus
    if (before === 'idle') return true
    return (
      this.#database.inTransaction &&
      (effect === 'read' || command === 'COMMIT' || command === 'RELEASE')
    )
  }

  #limitsOf(request: Request): CallLimits {
    if (this.#limits === undefined || this.#limited !== request) {
      this.#limits = new CallLimits(request.signal, request.deadline)
      this.#limited = request
    }
    return this.#limits
  }

  #controlled({ kind }: TransactionCommand): void {
    if (kind === 'rollback' || kind === 'rollback_to') this.#columns.schemaChanged()
    this.#lookAtTransaction()
  }

  #lookAtTransaction(): void {
    this.transactionStatus = this.#database.inTransaction ? 'active' : 'idle'
    if (this.transactionStatus === 'idle') this.#control.ended()
  }

  #endStream(): void {
    this.#stream?.close()
    this.#stream = undefined
  }
}

function always(): boolean {
  return true
}

function refuseWhileStreaming(): never {
  throw new MisuseError(
    'STREAM_OPEN',
    'a stream is open on this connection, and SQLite runs one statement at a time there; end the stream first, or use another connection',
  )
}
