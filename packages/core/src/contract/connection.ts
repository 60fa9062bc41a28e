import type { MaybePromise } from './maybe-promise.ts'
import type { Request } from './request.ts'
import type { Notice, Result } from './result.ts'
import type { Statement } from './statement.ts'
import type { TransactionCommand } from './transaction-command.ts'

/**
 * Where a session stands: no transaction, an open one, an open one that can only be rolled back,
 * or not known.
 */
export type TransactionStatus = 'idle' | 'active' | 'failed' | 'unknown'

/** Rows of a stream as they arrive: at most `batchSize` a piece, in order. */
export type RowBatches = AsyncIterable<Pick<Result, 'columns' | 'rows' | 'shaped'>>

/**
 * One session with the database. `execute` and `close` are all that an adapter must write.
 *
 * Core calls `execute` while an earlier call is still running only where the manifest declares
 * `pipelining`; answers then come in the order of the calls. A throw and a rejection mean the
 * same. A native error is thrown as it is: core asks `Adapter.classifyError` about it. An error of
 * Mortise's own, a codec's `ValueError` for example, leaves the connection in use: whoever throws
 * one while rows arrive has read the answer to its end first.
 */
export interface Connection {
  /** Runs one statement and gives its whole result. */
  execute(request: Request): MaybePromise<Result>

  /** Ends the session. Called once; must not throw for a session that is already gone. */
  close(): MaybePromise<void>

  /**
   * Runs requests in order, in one round trip where the database can. `atomic`: all or nothing.
   * Only for databases without interactive transactions, or where it is faster. Absent: core runs
   * them one by one, in a transaction where `atomic`.
   */
  executeBatch?(
    requests: readonly Request[],
    options: { readonly atomic: boolean },
  ): MaybePromise<readonly Result[]>

  /**
   * Runs several statements in one text, without parameters. Absent: `repo.script` is refused
   * unless the manifest says otherwise.
   */
  executeScript?(request: Request): MaybePromise<Result>

  /**
   * Streams the rows of one statement, reading ahead at most one batch. `return()` of the iterator
   * releases everything the stream held. Absent: core streams through the dialect's `cursor`.
   */
  stream?(request: Request, options: { readonly batchSize: number }): RowBatches

  /**
   * Frees a statement that the cache evicted. It may ride at the head of the next write; nobody
   * waits for the promise, which settles when the server has confirmed it. A rejection discards the
   * connection. Absent: dropping the handle is enough.
   */
  deallocate?(statement: Statement): MaybePromise<void>

  /**
   * Asks the server to stop what runs for `request`. It settles when no late cancel can hit a later
   * call any more; until then the driver sends no further call, though core may make some. A call
   * that was hit although it was not meant is raised as `cancelled`, `retryable`. With or without
   * a cancel, an aborted call that has not ended soon after loses its connection.
   */
  cancel?(request: Request): MaybePromise<void>

  /**
   * Brings the session back to how `connect` left it. Prepared statements may stay; where they go,
   * the driver knows it of the handles that it finds later. Absent: such a connection is discarded.
   */
  reset?(): MaybePromise<void>

  /** Whether the session still answers. Absent: core runs the dialect's `ping`. */
  ping?(): MaybePromise<void>

  /**
   * Begins, commits, rolls back or handles a savepoint, where the driver does better than the
   * dialect's SQL. A `begin` may answer at once and ride at the head of the next call, if that call
   * is not run where the begin fails, and none behind it is either. Absent: core executes
   * `dialect.transaction(command)`.
   *
   * What opens something may be given up while it waits, for a lock say, and core's `limits` tell
   * when. What closes something has none, because a COMMIT or ROLLBACK that was sent is answered.
   */
  control?(
    command: TransactionCommand,
    limits?: Pick<Request, 'signal' | 'deadline'>,
  ): MaybePromise<Result>

  /**
   * Where the session stands after the last answer read, as the database itself says; `active` for
   * a `begin` that was answered and not sent yet. With calls in flight that may be the answer to a
   * later call than the one that core looks at. Absent: core tracks what it asked for.
   */
  readonly transactionStatus?: TransactionStatus

  /** Lets the process end while this connection is idle. */
  unref?(): void
  /** Keeps the process alive while this connection is in use. */
  ref?(): void
}

/** What core hands to `Adapter.connect`. */
export interface ConnectContext {
  /** What the connection is for; `any` unless the topology is `writer-readers`. */
  readonly role: 'any' | 'writer' | 'reader'
  /** Fires when nobody waits for the connection any more, or its deadline passed. */
  readonly signal: AbortSignal
  /** To be called for a notice that belongs to no call. */
  readonly onNotice: (notice: Notice) => void
  /** To be called when the session ends unasked; core takes it out of the pool at once. */
  readonly onClosed: (error: unknown) => void
}
