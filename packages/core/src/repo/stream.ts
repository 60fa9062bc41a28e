import type { CursorSql } from '../contract/index.ts'
import { AbortError, MisuseError, TimeoutError, UnsupportedError } from '../errors/index.ts'
import {
  type Call,
  checkin,
  checkParameterCount,
  isSql,
  msLeft,
  raised,
  rawQuery,
  refuseTransactionControl,
  type Sql,
  withinLimits,
} from '../query/index.ts'
import type { Scope } from '../transaction/index.ts'
import { CursorRows } from './cursor-rows.ts'
import { DriverRows } from './driver-rows.ts'
import { closing, later, type RowSource, type StreamCall } from './row-source.ts'
import { limitedBy, type Runtime } from './runtime.ts'
import type { Caller } from './select.ts'
import { StreamEvent } from './stream-event.ts'
import { parseTransaction, transaction } from './transaction-call.ts'

const defaultBatchSize = 500

/** How long a stream keeps the event loop before signals and other work get their turn. */
const turnMs = 10

/** Parses a stream's query and options; nothing is sent before the first row is asked for. */
export function parseStream(
  runtime: Runtime,
  caller: Caller,
  fragment: unknown,
  options: { readonly batchSize?: number | undefined } | undefined,
): StreamCall {
  const call = runtime.calls.parse(options, ['batchSize'], 'stream')
  if (!isSql(fragment)) {
    throw new MisuseError('TEXT_EXPECTED', 'stream takes an sql`…` fragment')
  }
  const batchSize = options?.batchSize ?? defaultBatchSize
  if (!Number.isSafeInteger(batchSize) || batchSize < 1) {
    throw new MisuseError('OPTION_INVALID', 'batchSize takes a whole number from 1')
  }
  if (runtime.adapter.capabilities.streaming === 'absent') runtime.need('streaming')
  const compiled = runtime.compiler(caller.prefix).compile(fragment as Sql)
  checkParameterCount(compiled.parameters.length, runtime.adapter.capabilities)
  refuseTransactionControl(compiled.sql)
  return {
    // A stream reads, so a reader may serve it; its connection refuses a statement that writes.
    query: { ...rawQuery(compiled.sql, compiled.types), access: 'read' },
    parameters: compiled.parameters,
    batchSize,
    call,
  }
}

/** The rows of a stream: on the connection of the scope that it was called in, or on one of its own. */
export function streamRows(
  runtime: Runtime,
  caller: Caller,
  stream: StreamCall,
): AsyncGenerator<object, void, undefined> {
  const scope = runtime.context.resolve(caller.scope)
  const call = scope === undefined ? stream.call : limitedBy(scope, stream.call)
  return read(runtime, scope, { ...stream, call })
}

async function* read(
  runtime: Runtime,
  scope: Scope | undefined,
  stream: StreamCall,
): AsyncGenerator<object, void, undefined> {
  const told = new StreamEvent(runtime, stream)
  // Without a wait, so that the first batch has its turn before later calls.
  const source = sourceOf(runtime, scope, stream, () => told.opened())
  const limit = new StreamLimit(stream.call, () => source.close())
  let failure: unknown
  try {
    for (;;) {
      if (limit.isTurnOver()) await limit.turn()
      limit.check()
      const rows = await told.waits(source.next())
      if (rows === undefined) break
      for (const row of rows) {
        yield row
        limit.check()
      }
    }
  } catch (error) {
    failure = error
    throw error
  } finally {
    told.ended(failure)
    limit.end()
    const closing = source.close()
    const closed = failure === undefined ? closing : closing.catch(() => {})
    // Whoever gave up does not wait for the cancel, nor anybody for a scope that waits for him.
    const gaveUp = failure instanceof AbortError || failure instanceof TimeoutError
    const waits = !gaveUp && !(scope !== undefined && runtime.context.isInside(scope))
    if (waits) await closed
  }
}

/** The signal and deadline of a stream, which end it also while nobody reads on. */
class StreamLimit {
  readonly #over = Promise.withResolvers<void>()
  #turnAt = performance.now() + turnMs
  #reached: unknown

  constructor(call: Call, close: () => Promise<void>) {
    const late =
      'the stream was still open when its timeoutMs, or that of its transaction, was over'
    withinLimits(this.#over.promise, call.signal, msLeft(call), late).catch((reached) => {
      this.#reached = reached
      close().catch(() => {})
    })
  }

  /** @throws AbortError, TimeoutError where the stream must not go on. */
  check(): void {
    if (this.#reached !== undefined) throw raised(this.#reached)
  }

  /** Whether `turn` is to be awaited before the next batch. */
  isTurnOver(): boolean {
    return performance.now() >= this.#turnAt
  }

  /**
   * Lets the event loop turn. A driver that answers at once never does, and without it no signal
   * could fire and no timer end the stream.
   */
  async turn(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve))
    this.#turnAt = performance.now() + turnMs
  }

  end(): void {
    this.#over.resolve()
  }
}

function sourceOf(
  runtime: Runtime,
  scope: Scope | undefined,
  stream: StreamCall,
  opened: () => void,
): RowSource {
  const { streaming } = runtime.adapter.capabilities
  const cursor = streaming === 'emulated' ? cursorOf(runtime) : undefined
  if (cursor?.within === 'transaction' && !scope?.inTransaction) {
    const source = later(() => inOwnTransaction(runtime, scope, stream, cursor), opened)
    return scope === undefined ? source : inScope(scope, source)
  }
  if (scope === undefined) return later(() => onOwnConnection(runtime, stream, cursor), opened)
  if (streaming === 'exclusive') {
    return inScope(
      scope,
      later(() => alone(runtime, scope, stream), opened),
    )
  }
  opened()
  return inScope(scope, rowsOn(runtime, scope, stream, cursor))
}

function rowsOn(
  runtime: Runtime,
  scope: Scope,
  stream: StreamCall,
  cursor: CursorSql | undefined,
): RowSource {
  return cursor === undefined
    ? new DriverRows(runtime, scope, stream)
    : new CursorRows(runtime, scope, stream, cursor)
}

async function onOwnConnection(
  runtime: Runtime,
  stream: StreamCall,
  cursor: CursorSql | undefined,
): Promise<RowSource> {
  const lease = await runtime.acquire('read', stream.call)
  const own = runtime.scope(lease, 'checkout')
  return closing(rowsOn(runtime, own, stream, cursor), async () => {
    await own.finish()
    own.end()
    checkin(lease)
  })
}

/** On the scope's connection, which nothing else can use meanwhile. */
async function alone(runtime: Runtime, scope: Scope, stream: StreamCall): Promise<RowSource> {
  const { signal, deadline } = stream.call
  const own = runtime.scope(scope, 'stream', { signal, deadline })
  const leave = await scope.enter(own)
  return closing(new DriverRows(runtime, own, stream), leave)
}

function cursorOf({ adapter }: Runtime): CursorSql {
  const { cursor } = adapter.dialect
  if (cursor !== undefined) return cursor
  throw new UnsupportedError('streaming', 'the dialect has no cursor')
}

/** Closes the stream before the scope ends, should nobody have read it to its end. */
function inScope(scope: Scope, source: RowSource): RowSource {
  const closed = closing(source, () => forget())
  const forget = scope.closeFirst(() => closed.close())
  return closed
}

/** A transaction around a stream whose cursor lives in one: it stays open until the loop is left. */
async function inOwnTransaction(
  runtime: Runtime,
  scope: Scope | undefined,
  stream: StreamCall,
  cursor: CursorSql,
): Promise<RowSource> {
  const begun = Promise.withResolvers<Scope>()
  const left = Promise.withResolvers<void>()
  const { signal } = stream.call
  const timeoutMs = msLeft(stream.call)
  const call = { ...parseTransaction(runtime, undefined), signal, timeoutMs }
  // The caller may have read its first row in another scope than the one it called in.
  const done = runtime.context.run(scope, () =>
    transaction(runtime, { scope, prefix: undefined }, call, (own) => {
      own.streams = true
      begun.resolve(own)
      return left.promise
    }),
  )
  done.catch(begun.reject)
  const own = await begun.promise
  return closing(new CursorRows(runtime, own, stream, cursor), async () => {
    left.resolve()
    await done
  })
}
