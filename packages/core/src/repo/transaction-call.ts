import type { BeginOptions } from '../contract/index.ts'
import { MisuseError, RollbackError, UnsupportedError } from '../errors/index.ts'
import { systemClock } from '../pool/index.ts'
import { aborted, type Call, checkin, checkTimeout, type SessionLease } from '../query/index.ts'
import {
  mayRetry,
  once,
  parseRetry,
  type RetryPolicy,
  retryDelayMs,
  runTransaction,
  Scope,
  type ScopeKind,
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
  if (call.signal?.aborted) throw aborted(call.signal)
  const parent = runtime.context.resolve(caller.scope)
  if (parent !== undefined) return await inside(runtime, parent, call, fn)
  const deadline = deadlineOf(call)
  for (let run = 1; ; run++) {
    let scope: Scope | undefined
    let value: V
    try {
      const lease = await runtime.acquire(call.begin.readOnly ? 'read' : 'write', {
        ...runtime.calls.plain,
        signal: call.signal,
        deadline,
      })
      try {
        scope = makeScope(runtime, lease, 'transaction', undefined, call, deadline)
        value = await open(runtime, scope, call, fn, () => {})
      } finally {
        checkin(lease)
      }
    } catch (error) {
      if (!mayRetry(error, run, call.retry)) throw error
      await pause(retryDelayMs(run, call.retry, Math.random()), call.signal, deadline, error)
      continue
    }
    await afterCommit(runtime, scope)
    return value
  }
}

/** A transaction on a held connection, or a savepoint in a transaction. */
async function inside<V>(
  runtime: Runtime,
  parent: Scope,
  call: TransactionCall,
  fn: (scope: Scope) => V | Promise<V>,
): Promise<V> {
  const kind: ScopeKind = parent.inTransaction ? 'savepoint' : 'transaction'
  if (kind === 'savepoint') {
    runtime.need('savepoints')
    const { isolation, readOnly, deferrable } = call.begin
    if (
      isolation !== undefined ||
      readOnly !== undefined ||
      deferrable !== undefined ||
      call.retry.attempts > 1
    ) {
      throw new MisuseError(
        'NESTED_OPTION',
        'isolation, readOnly, deferrable and retry belong to the outermost transaction; this one is nested and is a savepoint',
      )
    }
  }
  const deadline = deadlineOf(call)
  for (let run = 1; ; run++) {
    let scope: Scope | undefined
    let value: V
    try {
      value = await parent.runChild(async () => {
        scope = makeScope(runtime, parent.lease, kind, parent, call, deadline)
        const child = scope
        return await open(runtime, child, call, fn, () => parent.adopt(child))
      }, call.signal)
    } catch (error) {
      if (kind === 'savepoint' || !mayRetry(error, run, call.retry)) throw error
      await pause(retryDelayMs(run, call.retry, Math.random()), call.signal, deadline, error)
      continue
    }
    if (kind === 'transaction' && scope !== undefined) await afterCommit(runtime, scope)
    return value
  }
}

function open<V>(
  runtime: Runtime,
  scope: Scope,
  call: TransactionCall,
  fn: (scope: Scope) => V | Promise<V>,
  adopted: () => void,
): Promise<V> {
  return runTransaction(runtime, scope, call.begin, () => fn(scope), adopted)
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
  const scope = makeScope(
    runtime,
    lease,
    'checkout',
    undefined,
    undefined,
    call.deadline,
    call.signal,
  )
  try {
    const value = await runtime.context.run(scope, () => fn(scope))
    await scope.finish()
    return value
  } catch (error) {
    await scope.abandon(error)
    throw error
  } finally {
    scope.end()
    checkin(lease)
  }
}

/**
 * Runs `work` so that all of it happens or nothing: in the transaction around the call, or in one
 * of its own. Where a failed statement would leave that transaction usable, it gets a savepoint.
 */
export function atomically<V>(
  runtime: Runtime,
  caller: Caller,
  call: Call,
  work: (scope: Scope) => Promise<V>,
): Promise<V> {
  const scope = runtime.context.resolve(caller.scope)
  if (scope?.inTransaction && !scope.continues) return work(scope)
  const own = parseTransaction(runtime, undefined)
  const timeoutMs =
    call.deadline === undefined ? undefined : Math.max(0, call.deadline - performance.now())
  return transaction(runtime, caller, { ...own, timeoutMs, signal: call.signal }, work)
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

function makeScope(
  runtime: Runtime,
  lease: SessionLease,
  kind: ScopeKind,
  parent: Scope | undefined,
  call: TransactionCall | undefined,
  deadline: number | undefined,
  signal: AbortSignal | undefined = call?.signal,
): Scope {
  return new Scope({
    lease,
    kind,
    parent,
    limit: runtime.adapter.capabilities.pipelining,
    continues: call?.continues,
    deadline,
    signal,
  })
}

function deadlineOf(call: TransactionCall): number | undefined {
  return call.timeoutMs === undefined || call.timeoutMs === Number.POSITIVE_INFINITY
    ? undefined
    : performance.now() + call.timeoutMs
}

async function afterCommit(runtime: Runtime, scope: Scope): Promise<void> {
  const failures: unknown[] = []
  for (const fn of scope.afterCommit) {
    try {
      await runtime.context.run(undefined, fn as () => unknown)
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
