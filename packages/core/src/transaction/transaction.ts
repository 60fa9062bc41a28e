import type { BeginOptions, TransactionCommand } from '../contract/index.ts'
import {
  DatabaseError,
  MortiseError,
  RollbackError,
  TimeoutError,
  TransactionError,
} from '../errors/index.ts'
import { systemClock } from '../pool/index.ts'
import { aborted, type Executor, type Telemetry } from '../query/index.ts'
import type { ScopeContext } from './context.ts'
import type { Scope } from './scope.ts'

/** What running a transaction needs of its repo. */
export interface TransactionRuntime {
  readonly executor: Executor
  readonly context: ScopeContext
  readonly telemetry: Telemetry
}

/** The commands that open and close one level. */
interface Level {
  readonly open: TransactionCommand
  readonly commit: TransactionCommand
  readonly rollback: readonly TransactionCommand[]
}

function level(scope: Scope, begin: BeginOptions): Level {
  if (scope.kind === 'transaction') {
    return {
      open: { kind: 'begin', ...begin },
      commit: { kind: 'commit' },
      rollback: [{ kind: 'rollback' }],
    }
  }
  const name = `mortise_${scope.depth}`
  return {
    open: { kind: 'savepoint', name },
    commit: { kind: 'release', name },
    rollback: [
      { kind: 'rollback_to', name },
      { kind: 'release', name },
    ],
  }
}

/**
 * Runs `fn` in `scope`, a transaction or savepoint that has not begun: opens it, waits for the
 * function and for everything called in it, commits or rolls back, and passes on the outcome.
 */
export async function runTransaction<V>(
  runtime: TransactionRuntime,
  scope: Scope,
  begin: BeginOptions,
  fn: () => V | Promise<V>,
  adopted: () => void,
): Promise<V> {
  const started = performance.now()
  const commands = level(scope, begin)
  await control(runtime, scope, commands.open)
  if (scope.parent?.abandoned) {
    scope.end()
    throw scope.parent.failure
  }
  adopted()
  tell(runtime, scope, 'begin', undefined, undefined)
  let value: V
  try {
    value = await untilGivenUp(scope, async () => {
      const result = await runtime.context.run(scope, fn)
      await scope.finish()
      return result
    })
    if (scope.failed) throw failedBehind(scope.failure)
  } catch (error) {
    const outcome = scope.failure instanceof RollbackError ? scope.failure : error
    await rollback(runtime, scope, commands, outcome)
    tell(runtime, scope, 'rollback', started, outcome)
    throw outcome
  }
  await commit(runtime, scope, commands, started)
  return value
}

async function commit(
  runtime: TransactionRuntime,
  scope: Scope,
  commands: Level,
  started: number,
): Promise<void> {
  try {
    const result = await untilGivenUp(scope, () => control(runtime, scope, commands.commit))
    if (result.command === 'ROLLBACK') {
      throw new TransactionError(
        'COMMIT_ROLLED_BACK',
        'the database answered COMMIT with ROLLBACK: a statement had failed the transaction and nothing was written',
      )
    }
  } catch (error) {
    if (scope.kind === 'transaction' && isUnknown(error)) {
      scope.lease.session.broken = true
      scope.end()
      const unknown = new DatabaseError(
        {
          kind: 'commit_unknown',
          message:
            'the answer to COMMIT was lost, so the transaction may or may not have been written; look before doing it again',
          fate: 'discard',
        },
        { cause: error },
      )
      tell(runtime, scope, 'rollback', started, unknown)
      throw unknown
    }
    // A commit that failed (a deferred constraint, say) may leave the transaction open.
    await rollback(runtime, scope, commands, error)
    tell(runtime, scope, 'rollback', started, error)
    throw error
  }
  scope.end()
  tell(runtime, scope, 'commit', started, undefined)
  if (scope.kind === 'savepoint') scope.parent?.afterCommit.push(...scope.afterCommit)
}

/** Undoes a scope. What it cannot undo ends with its connection. */
async function rollback(
  runtime: TransactionRuntime,
  scope: Scope,
  commands: Level,
  error: unknown,
): Promise<void> {
  const undoneAbove = scope.abandoned
  await scope.abandon(error)
  scope.end()
  // A scope around this one was given up first and undoes everything.
  if (undoneAbove) return
  const { session, connection } = scope.lease
  if (session.broken) {
    scope.parent?.fail(error)
    return
  }
  if (connection.transactionStatus === 'idle') {
    // The database rolled the whole transaction back by itself.
    if (scope.kind === 'savepoint') scope.parent?.fail(error)
    return
  }
  try {
    for (const command of commands.rollback) await control(runtime, scope, command)
  } catch (failure) {
    session.broken = true
    scope.parent?.fail(failure)
  }
}

/** One command, counted as in flight, so that nothing else is sent meanwhile. */
async function control(
  runtime: TransactionRuntime,
  scope: Scope,
  command: TransactionCommand,
): ReturnType<Executor['control']> {
  const release = scope.hold()
  try {
    return await runtime.executor.control(scope, command)
  } finally {
    release()
  }
}

/** Rejects at the scope's deadline or abort, whatever `work` does. */
function untilGivenUp<T>(scope: Scope, work: () => Promise<T>): Promise<T> {
  const { signal, deadline } = scope
  if (signal === undefined && deadline === undefined) return work()
  return new Promise((resolve, reject) => {
    const onAbort = (): void => giveUp(aborted(signal as AbortSignal))
    const timer =
      deadline === undefined
        ? undefined
        : systemClock.setTimeout(
            () =>
              giveUp(
                new TimeoutError('execute', 'the transaction was still open after its timeoutMs'),
              ),
            Math.max(0, deadline - performance.now()),
          )
    const end = (): void => {
      systemClock.clearTimeout(timer)
      signal?.removeEventListener('abort', onAbort)
    }
    const giveUp = (error: MortiseError): void => {
      end()
      reject(error)
    }
    if (signal?.aborted) return onAbort()
    signal?.addEventListener('abort', onAbort, { once: true })
    work().then(
      (value) => {
        end()
        resolve(value)
      },
      (error) => {
        end()
        reject(error)
      },
    )
  })
}

/** Whether nobody knows if a COMMIT took effect. */
function isUnknown(error: unknown): boolean {
  if (error instanceof DatabaseError) return error.kind === 'connection_lost'
  // What the adapter does not know, and what we stopped waiting for, may have been written.
  return !(error instanceof MortiseError) || error.code === 'TIMEOUT' || error.code === 'ABORTED'
}

/** The function resolved although a statement had failed and its error was swallowed. */
function failedBehind(failure: unknown): unknown {
  if (failure instanceof RollbackError) return failure
  return new DatabaseError(
    {
      kind: 'transaction_failed',
      message:
        'a statement failed (see the cause), its error was caught, and the function went on to the end: the transaction was rolled back, not committed',
      retryable: failure instanceof DatabaseError && failure.retryable,
    },
    { cause: failure },
  )
}

function tell(
  runtime: TransactionRuntime,
  scope: Scope,
  event: 'begin' | 'commit' | 'rollback',
  started: number | undefined,
  error: unknown,
): void {
  const { telemetry } = runtime
  if (!telemetry.watchesTransactions) return
  telemetry.transaction({
    adapter: runtime.executor.adapter.name,
    event,
    depth: scope.depth,
    durationMs: started === undefined ? undefined : performance.now() - started,
    error,
  })
}
