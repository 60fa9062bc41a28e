import type { BeginOptions, Result, TransactionCommand } from '../contract/index.ts'
import { DatabaseError, RollbackError, TimeoutError, TransactionError } from '../errors/index.ts'
import {
  type Call,
  control,
  type Executor,
  msLeft,
  raised,
  type Telemetry,
  throwIfAborted,
  transactionFailed,
  withinLimits,
} from '../query/index.ts'
import type { ScopeContext } from './context.ts'
import type { Scope } from './scope.ts'

/** What running a transaction needs of its repo. */
export interface TransactionRuntime {
  readonly executor: Executor
  readonly context: ScopeContext
  readonly telemetry: Telemetry
  /** The limits of a call without its own. */
  readonly plain: Call
}

/** The commands that open and close one level. */
interface Level {
  readonly open: TransactionCommand
  readonly commit: TransactionCommand
  readonly rollback: readonly TransactionCommand[]
}

/** How long a ROLLBACK may take once the transaction's own time is over. */
const rollbackGraceMs = 2000

function level(scope: Scope, begin: BeginOptions = {}): Level {
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
): Promise<V> {
  const started = performance.now()
  const commands = level(scope, begin)
  await open(runtime, scope, commands)
  tell(runtime, scope, 'begin', undefined, undefined)
  let value: V
  try {
    value = await runIn(runtime, scope, fn)
    if (scope.failed) throw failedBehind(scope.failure)
    checkLimits(scope)
    runtime.executor.attempts.checkFit(scope)
  } catch (error) {
    const outcome = scope.failure instanceof RollbackError ? scope.failure : error
    await rollback(runtime, scope, commands, outcome)
    tell(runtime, scope, 'rollback', started, outcome)
    throw outcome
  }
  await commit(runtime, scope, commands, started)
  return value
}

/** Runs `fn` in `scope`, a checkout. */
export async function runCheckout<V>(
  runtime: TransactionRuntime,
  scope: Scope,
  fn: () => V | Promise<V>,
): Promise<V> {
  try {
    return await runIn(runtime, scope, fn)
  } catch (error) {
    const { child } = scope
    await scope.abandon(error)
    // A transaction that is open in it was given up with it.
    if (child !== undefined) await undo(runtime, child, level(child), error)
    throw error
  } finally {
    scope.end()
  }
}

/** Waits for the function and what was called in it, at most until the scope's limits. */
async function runIn<V>(
  runtime: TransactionRuntime,
  scope: Scope,
  fn: () => V | Promise<V>,
): Promise<V> {
  checkLimits(scope)
  const work = async (): Promise<V> => {
    const value = await runtime.context.run(scope, fn)
    await scope.finish()
    return value
  }
  if (scope.signal === undefined && scope.deadline === undefined) return await work()
  try {
    return await withinLimits(work(), scope.signal, msLeft(scope), stillOpen)
  } catch (error) {
    throw raised(error)
  }
}

async function open(runtime: TransactionRuntime, scope: Scope, commands: Level): Promise<void> {
  const { parent } = scope
  try {
    // The scope around it may have failed since it got its turn.
    scope.check()
    checkLimits(scope)
    await send(runtime, scope, commands.open, { signal: scope.signal, deadline: scope.deadline })
  } catch (error) {
    const sent = scope.failed
    await scope.abandon(error)
    // It was given up while it waited, and began nevertheless.
    if (scope.begun) await rollback(runtime, scope, commands, error)
    else if (sent) parent?.statementFailed(error)
    scope.end()
    throw error
  }
  if (parent?.abandoned) {
    scope.end()
    throw parent.failure
  }
}

async function commit(
  runtime: TransactionRuntime,
  scope: Scope,
  commands: Level,
  started: number,
): Promise<void> {
  try {
    // A RELEASE that was sent is waited for, whatever the signal says: it can be undone no more.
    const signal = scope.kind === 'transaction' ? scope.signal : undefined
    const { deadline } = scope
    const result = await send(runtime, scope, commands.commit, { signal, deadline })
    if (result?.command === 'ROLLBACK') {
      throw new TransactionError(
        'COMMIT_ROLLED_BACK',
        'the database answered COMMIT with ROLLBACK: a statement had failed the transaction and nothing was written',
      )
    }
  } catch (error) {
    const outcome = isUnknown(scope) ? commitUnknown(error) : error
    // A commit that failed (a deferred constraint, say) may leave the transaction open.
    await rollback(runtime, scope, commands, outcome)
    tell(runtime, scope, 'rollback', started, outcome)
    throw outcome
  }
  scope.end()
  tell(runtime, scope, 'commit', started, undefined)
  if (scope.kind === 'savepoint') scope.parent?.afterCommit.push(...scope.afterCommit)
}

/** Gives a scope up and undoes it, unless one around it was given up first and undoes everything. */
async function rollback(
  runtime: TransactionRuntime,
  scope: Scope,
  commands: Level,
  error: unknown,
): Promise<void> {
  await scope.abandon(error)
  scope.end()
  if (!scope.parent?.abandoned) await undo(runtime, scope, commands, error)
}

/** Undoes what a scope has begun. What it cannot undo ends with its connection. */
async function undo(
  runtime: TransactionRuntime,
  scope: Scope,
  commands: Level,
  error: unknown,
): Promise<void> {
  const { lease, parent } = scope
  if (lease.session.broken) return parent?.fail(error)
  if (!scope.begun) return
  if (lease.connection.transactionStatus === 'idle') {
    // The database rolled the whole transaction back by itself.
    if (scope.kind === 'savepoint') parent?.fail(error)
    return
  }
  // The scopes around it must not send anything in between.
  const release = scope.hold()
  const over = scope.signal?.aborted || msLeft(scope) === 0
  const limits = over ? { timeoutMs: Math.min(runtime.plain.timeoutMs, rollbackGraceMs) } : {}
  try {
    for (const command of commands.rollback) await send(runtime, scope, command, limits)
  } catch (failure) {
    lease.session.broken = true
    parent?.fail(failure)
  } finally {
    release()
  }
}

/** One command, as the only thing in flight. */
async function send(
  runtime: TransactionRuntime,
  scope: Scope,
  command: TransactionCommand,
  limits: Partial<Call>,
): Promise<Result | undefined> {
  const { executor, plain } = runtime
  const release = scope.hold()
  try {
    const call = { ...plain, ...limits }
    return await control(executor.adapter, executor.attempts, scope, command, call)
  } finally {
    release()
  }
}

/** Refuses to go on where the signal has fired or the time is over, and no timer could say so yet. */
function checkLimits(scope: Scope): void {
  throwIfAborted(scope.signal)
  if (msLeft(scope) === 0) throw new TimeoutError('execute', stillOpen)
}

const stillOpen = 'the transaction or checkout was still open after its timeoutMs'

/** Whether nobody knows if a COMMIT took effect: it was sent and its answer is not to be had. */
function isUnknown({ kind, lease }: Scope): boolean {
  return kind === 'transaction' && (lease.session.broken || lease.lost)
}

function commitUnknown(cause: unknown): DatabaseError {
  return new DatabaseError(
    {
      kind: 'commit_unknown',
      message:
        'the answer to COMMIT was lost, so the transaction may or may not have been written; look before doing it again',
      fate: 'discard',
    },
    { cause },
  )
}

/** The function resolved although a statement had failed and its error was swallowed. */
function failedBehind(failure: unknown): unknown {
  if (failure instanceof RollbackError) return failure
  return transactionFailed(
    'a statement failed (see the cause), its error was caught, and the function went on to the end: the transaction was rolled back, not committed',
    failure,
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
