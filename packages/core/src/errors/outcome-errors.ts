import { MortiseError } from './mortise-error.ts'

/**
 * The adapter's manifest declares this capability `absent`. Nothing was sent.
 * `code` is `UNSUPPORTED`; `capability` is the manifest's path, for example `returning.update`.
 */
export class UnsupportedError extends MortiseError {
  override readonly name: string = 'UnsupportedError'
  readonly capability: string

  constructor(capability: string, message: string) {
    super('UNSUPPORTED', message)
    this.capability = capability
  }
}

/**
 * A value cannot be represented exactly, so it was refused. Code `VALUE_REFUSED`.
 * Before a call nothing was sent; while reading, no row was returned.
 */
export class ValueError extends MortiseError {
  override readonly name: string = 'ValueError'

  constructor(message: string, options?: { readonly cause?: unknown }) {
    super('VALUE_REFUSED', message, options)
  }
}

/**
 * `timeoutMs` passed before the call was done. Code `TIMEOUT`.
 * `phase` says where the time went: waiting for a connection, or running.
 */
export class TimeoutError extends MortiseError {
  override readonly name: string = 'TimeoutError'
  readonly phase: 'queue' | 'execute'

  constructor(phase: 'queue' | 'execute', message: string) {
    super('TIMEOUT', message)
    this.phase = phase
  }
}

/**
 * The caller's `AbortSignal` fired. The signal's reason is the `cause`. Code `ABORTED`; the name is
 * `AbortError`, as in the platform's own APIs.
 */
export class AbortError extends MortiseError {
  override readonly name: string = 'AbortError'

  constructor(message: string, reason: unknown) {
    super('ABORTED', message, { cause: reason })
  }
}

/**
 * The pool did not lend a connection. Codes: `POOL_QUEUE_FULL` (`maxQueueLength`),
 * `POOL_QUEUE_TIMEOUT` (`maxQueueWaitMs`), `POOL_OVERLOADED` (shed by queue delay),
 * `POOL_CLOSED`, `POOL_DRAIN_TIMEOUT` (`drainTimeoutMs`). Nothing was sent.
 */
export class PoolError extends MortiseError {
  override readonly name: string = 'PoolError'
}

/**
 * A scope was used against its rules, or its end was not what the caller asked for. Codes:
 * `SCOPE_ENDED`, `SCOPE_CHILD_OPEN`, `STREAM_OPEN`, `COMMIT_ROLLED_BACK`, `AFTER_COMMIT_FAILED`,
 * `TRANSACTION_STATE_CHANGED`.
 */
export class TransactionError extends MortiseError {
  override readonly name: string = 'TransactionError'
}

/** `repo.rollback(value)` was called: the transaction was rolled back and carries `value`. */
export class RollbackError extends MortiseError {
  override readonly name: string = 'RollbackError'
  readonly #value: unknown

  constructor(value: unknown) {
    super('ROLLED_BACK', 'the transaction was rolled back because rollback() was called')
    this.#value = value
  }

  /** What was passed to `rollback`. It is the caller's own, so neither inspection nor JSON show it. */
  get value(): unknown {
    return this.#value
  }
}

/** A driver or dialect broke the contract. Code `ADAPTER_CONTRACT`; a bug in the adapter. */
export class AdapterError extends MortiseError {
  override readonly name: string = 'AdapterError'

  constructor(message: string, options?: { readonly cause?: unknown }) {
    super('ADAPTER_CONTRACT', message, options)
  }
}

/** More or fewer rows than the call allows. Code `NOT_ONE_ROW`. */
export class CardinalityError extends MortiseError {
  override readonly name: string = 'CardinalityError'

  constructor(message: string) {
    super('NOT_ONE_ROW', message)
  }
}
