import type { BeginOptions } from '../contract/index.ts'
import { MisuseError, RollbackError, UnsupportedError } from '../errors/index.ts'
import { systemClock } from '../pool/index.ts'
import { aborted, type Call, checkin, checkTimeout, throwIfAborted } from '../query/index.ts'
import {
  mayRetry,
  once,
  parseRetry,
  type RetryPolicy,
  retryDelayMs,
  runCheckout,
  runTransaction,
  type Scope,
} from '../transaction/index.ts'
import { afterCommitError } from './after-commit.ts'
import type { TransactionOptions } from './repo.ts'
import type { Runtime } from './runtime.ts'
import type { Caller } from './select.ts'

/** Parsed options of a transaction. */
export interface TransactionCall {
  readonly begin: BeginOptions
  readonly retry: RetryPolicy
  readonly continues: boolean | undefined
  readonly timeoutMs: number | undefined
  readonly signal: AbortSignal | undefined
}

const plainCall: TransactionCall = Object.freeze({
  begin: Object.freeze({}),
  retry: once,
  continues: undefined,
  timeoutMs: undefined,
  signal: undefined,
})

const optionNames = [
  'isolation',
  'readOnly',
  'deferrable',
  'retry',
  'timeoutMs',
  'signal',
  'onError',
]

/** Parses the options of `transaction` against the manifest. */
export function parseTransaction(
  runtime: Runtime,
  options: TransactionOptions | undefined,
): TransactionCall {
  const { capabilities, name } = runtime.adapter
  if (capabilities.transactions !== 'interactive') {
    throw new UnsupportedError(
      'transactions',
      `${name} has no interactive transactions (its manifest says "${capabilities.transactions}")${capabilities.transactions === 'batch' ? '; repo.batch() is atomic' : ''}`,
    )
  }
  if (options === undefined) return plainCall
  for (const option of Object.keys(options)) {
    if (!optionNames.includes(option)) {
      throw new MisuseError(
        'UNKNOWN_OPTION',
        `transaction has no option "${option}"; it takes ${optionNames.join(', ')}`,
      )
    }
  }
  const { isolation, readOnly, deferrable, onError, timeoutMs, signal } = options
  if (isolation !== undefined && !capabilities.isolationLevels.includes(isolation)) {
    throw new UnsupportedError(
      'isolationLevels',
      `${name} has no isolation level "${isolation}"; its manifest lists ${capabilities.isolationLevels.join(', ')}`,
    )
  }
  if (readOnly) runtime.need('readOnlyTransactions')
  if (deferrable) runtime.need('deferrableTransactions')
  if (onError !== undefined && onError !== 'fail' && onError !== 'continue') {
    throw new MisuseError('OPTION_INVALID', "onError takes 'fail' or 'continue'")
  }
  if (onError === 'continue' && capabilities.errorInTransaction !== 'continues') {
    throw new UnsupportedError(
      'errorInTransaction',
      `onError 'continue' needs a database whose transactions go on after an error; ${name} says "${capabilities.errorInTransaction}". Use a nested transaction`,
    )
  }
  if (timeoutMs !== undefined) checkTimeout(timeoutMs)
  return {
    begin: { isolation, readOnly, deferrable },
    retry: parseRetry(options.retry),
    continues: onError === undefined ? undefined : onError === 'continue',
    timeoutMs,
    signal,
  }
}

/** Runs `fn` in a transaction of its own, or in a savepoint of the scope around the call. */
export async function transaction<V>(
  runtime: Runtime,
  caller: Caller,
  call: TransactionCall,
  fn: (scope: Scope) => V | Promise<V>,
): Promise<V> {
  throwIfAborted(call.signal)
  const parent = runtime.context.resolve(caller.scope)
  const { signal, continues } = call
  const deadline = deadlineOf(call)
  const limits = { signal, deadline, continues }
  if (parent?.inTransaction) {
    refuseNested(runtime, call)
    const scope = runtime.scope(parent, 'savepoint', limits)
    return await parent.runChild(scope, () => run(runtime, scope, call, fn))
  }
  for (let runs = 1; ; runs++) {
    let scope: Scope
    let value: V
    try {
      if (parent === undefined) {
        const access = call.begin.readOnly ? 'read' : 'write'
        const lease = await runtime.acquire(access, { ...runtime.plain, signal, deadline })
        try {
          scope = runtime.scope(lease, 'transaction', limits)
          value = await run(runtime, scope, call, fn)
        } finally {
          checkin(lease)
        }
      } else {
        const child = runtime.scope(parent, 'transaction', limits)
        scope = child
        value = await parent.runChild(child, () => run(runtime, child, call, fn))
      }
    } catch (error) {
      if (!mayRetry(error, runs, call.retry)) throw error
      await pause(retryDelayMs(runs, call.retry, Math.random()), signal, deadline, error)
      continue
    }
    await afterCommit(runtime, scope)
    return value
  }
}

function run<V>(
  runtime: Runtime,
  scope: Scope,
  call: TransactionCall,
  fn: (scope: Scope) => V | Promise<V>,
): Promise<V> {
  return runTransaction(runtime, scope, call.begin, () => fn(scope))
}

function refuseNested(runtime: Runtime, { begin, retry }: TransactionCall): void {
  runtime.need('savepoints')
  const { isolation, readOnly, deferrable } = begin
  if (
    isolation === undefined &&
    readOnly === undefined &&
    deferrable === undefined &&
    retry.attempts === 1
  ) {
    return
  }
  throw new MisuseError(
    'NESTED_OPTION',
    'isolation, readOnly, deferrable and retry belong to the outermost transaction; this one is nested and is a savepoint',
  )
}

/** Runs `fn` on a held connection: the scope's, where there is one. */
export async function checkout<V>(
  runtime: Runtime,
  caller: Caller,
  call: Call,
  fn: (scope: Scope) => V | Promise<V>,
): Promise<V> {
  const around = runtime.context.resolve(caller.scope)
  if (around !== undefined) {
    around.check()
    return await runtime.context.run(around, () => fn(around))
  }
  const lease = await runtime.acquire('write', call)
  try {
    const { signal, deadline } = call
    const scope = runtime.scope(lease, 'checkout', { signal, deadline })
    return await runCheckout(runtime, scope, () => fn(scope))
  } finally {
    checkin(lease)
  }
}

/**
 * Runs `work` so that all of it happens or nothing: in the transaction around the call, or in one
 * of its own. Where a failed statement would leave that transaction usable, it gets a savepoint.
 */
export async function atomically<V>(
  runtime: Runtime,
  caller: Caller,
  call: Call,
  work: (scope: Scope) => Promise<V>,
): Promise<V> {
  const scope = runtime.context.resolve(caller.scope)
  if (scope?.inTransaction && !scope.continues) {
    scope.check()
    try {
      return await work(scope)
    } catch (error) {
      // A part of it may have been done, although no statement failed: the rest was given up.
      scope.fail(error)
      throw error
    }
  }
  const own = parseTransaction(runtime, undefined)
  const timeoutMs =
    call.deadline === undefined ? undefined : Math.max(0, call.deadline - performance.now())
  return await transaction(runtime, caller, { ...own, timeoutMs, signal: call.signal }, work)
}

/** Registers a callback for after the commit; runs it at once outside a transaction. */
export function registerAfterCommit(runtime: Runtime, caller: Caller, fn: () => unknown): void {
  const scope = runtime.context.resolve(caller.scope)
  if (scope?.inTransaction) {
    scope.check()
    scope.afterCommit.push(fn)
  } else fn()
}

/** Marks the innermost transaction for rollback and leaves its function. */
export function rollback(runtime: Runtime, caller: Caller, value: unknown): never {
  const scope = runtime.context.resolve(caller.scope)
  if (!scope?.inTransaction) {
    throw new MisuseError('NOT_IN_TRANSACTION', 'rollback() was called outside a transaction')
  }
  scope.check()
  const error = new RollbackError(value)
  scope.fail(error)
  throw error
}

function deadlineOf(call: TransactionCall): number | undefined {
  return call.timeoutMs === undefined || call.timeoutMs === Number.POSITIVE_INFINITY
    ? undefined
    : performance.now() + call.timeoutMs
}

/** Runs the callbacks where the transaction was called. */
async function afterCommit(runtime: Runtime, scope: Scope): Promise<void> {
  const failures: unknown[] = []
  for (const fn of scope.afterCommit) {
    try {
      await runtime.context.run(scope.parent, fn)
    } catch (error) {
      failures.push(error)
    }
  }
  if (failures.length > 0) throw afterCommitError(failures)
}

/** Waits before another run; gives up with the last error where the time would run out. */
async function pause(
  delayMs: number,
  signal: AbortSignal | undefined,
  deadline: number | undefined,
  last: unknown,
): Promise<void> {
  if (deadline !== undefined && performance.now() + delayMs >= deadline) throw last
  await new Promise<void>((resolve, reject) => {
    const onAbort = (): void => {
      systemClock.clearTimeout(timer)
      reject(aborted(signal as AbortSignal))
    }
    const timer = systemClock.setTimeout(
      () => {
        signal?.removeEventListener('abort', onAbort)
        resolve()
      },
      delayMs,
      true,
    )
    signal?.addEventListener('abort', onAbort, { once: true })
  })
}
