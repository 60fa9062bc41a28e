import type { Column, Request, RowBatches } from '../contract/index.ts'
import { MisuseError, TransactionError } from '../errors/index.ts'
import { plainRequest } from '../pool/index.ts'
import {
  type Call,
  type Channel,
  checkin,
  checkParameterCount,
  classify,
  isSql,
  type Query,
  rawQuery,
  refuseTransactionControl,
  type Sql,
  throwIfAborted,
} from '../query/index.ts'
import { Scope } from '../transaction/index.ts'
import { limitedBy, type Runtime } from './runtime.ts'
import type { Caller } from './select.ts'
import { StreamLimits } from './stream-limits.ts'
import { parseTransaction, transaction } from './transaction-call.ts'

/** One stream, parsed. */
interface StreamCall {
  readonly query: Query
  readonly parameters: readonly unknown[]
  readonly batchSize: number
  readonly call: Call
}

const defaultBatchSize = 500

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

/** The rows of a stream, on the scope's connection or on one of its own. */
export async function* streamRows(
  runtime: Runtime,
  caller: Caller,
  stream: StreamCall,
): AsyncGenerator<object, void, undefined> {
  const scope = runtime.context.resolve(caller.scope)
  const { streaming } = runtime.adapter.capabilities
  if (scope !== undefined) {
    const call = limitedBy(scope, stream.call)
    const limited = { ...stream, call }
    if (streaming === 'emulated') yield* emulated(runtime, scope, limited)
    else yield* inScope(runtime, scope, limited, streaming === 'exclusive')
    return
  }
  if (streaming === 'emulated' && runtime.adapter.dialect.cursor?.within === 'transaction') {
    yield* inOwnTransaction(runtime, caller, stream)
    return
  }
  const lease = await runtime.acquire('read', stream.call)
  const own = new Scope({ lease, kind: 'checkout', limit: 1 })
  try {
    if (streaming === 'emulated') yield* emulated(runtime, own, stream)
    else yield* native(runtime, own, stream)
  } finally {
    own.end()
    checkin(lease)
  }
}

/** On a scope's connection: beside other calls, or with the connection to itself. */
async function* inScope(
  runtime: Runtime,
  scope: Scope,
  stream: StreamCall,
  exclusive: boolean,
): AsyncGenerator<object, void, undefined> {
  scope.check()
  // In its turn: what was called before it is answered first.
  await scope.run(() => Promise.resolve(), stream.call.signal)
  const release = exclusive ? scope.exclusive('stream') : scope.hold()
  try {
    yield* native(runtime, scope, stream)
  } finally {
    release()
  }
}

/** Through the driver's own stream. */
async function* native(
  runtime: Runtime,
  channel: Channel,
  stream: StreamCall,
): AsyncGenerator<object, void, undefined> {
  const { connection, session } = channel.lease
  if (connection.stream === undefined) {
    throw new TransactionError('STREAM_MISSING', 'the connection has no stream()')
  }
  const { query, call, parameters } = stream
  throwIfAborted(call.signal)
  const request: Request = {
    ...plainRequest(query.sql),
    parameters,
    types: query.types,
    access: 'read',
    signal: call.signal,
    deadline: call.deadline,
    options: call.options,
  }
  const batches: RowBatches = connection.stream(request, { batchSize: stream.batchSize })
  const iterator = batches[Symbol.asyncIterator]()
  const limits = new StreamLimits(call)
  let finished = false
  try {
    for (;;) {
      const next = await limits.within(iterator.next())
      if (next.done) {
        finished = true
        break
      }
      for (const row of runtime.executor.rows(next.value, query)) yield row
      await limits.check()
    }
  } catch (error) {
    const failure = classify(runtime.adapter, error)
    if (failure.fate === 'discard') session.broken = true
    if (failure.reachedDatabase) channel.statementFailed(failure.error)
    throw failure.error
  } finally {
    if (!finished) {
      try {
        await iterator.return?.()
      } catch {
        session.broken = true
      }
    }
  }
}

/** Through the dialect's cursor: any driver, bounded memory, more round trips. */
async function* emulated(
  runtime: Runtime,
  scope: Scope,
  stream: StreamCall,
): AsyncGenerator<object, void, undefined> {
  const { cursor } = runtime.adapter.dialect
  if (cursor === undefined) {
    throw new TransactionError('STREAM_MISSING', 'the dialect has no cursor')
  }
  if (cursor.within === 'transaction' && !scope.inTransaction) {
    yield* inOwnTransaction(runtime, { scope, prefix: undefined }, stream)
    return
  }
  const { query, call, batchSize } = stream
  const name = `mortise_stream_${scope.nextCursor()}`
  const send = (sql: string, parameters: readonly unknown[], limits = call) =>
    scope.run(
      () =>
        runtime.executor.execute(
          scope,
          { ...rawQuery(sql, parameters.length === 0 ? undefined : query.types), raw: false },
          parameters,
          { ...limits, cache: false },
        ),
      limits.signal,
    )
  await send(cursor.open(name, query.sql), stream.parameters)
  const limits = new StreamLimits(call)
  let columns: readonly Column[] | undefined
  try {
    for (let done = 0; ; ) {
      await limits.check()
      const result = await send(cursor.fetch(name, batchSize, done), [])
      columns ??= result.columns.slice(cursor.hidden)
      const rows = (result.rows as readonly (readonly unknown[])[]).map((row) =>
        row.slice(cursor.hidden),
      )
      for (const row of runtime.executor.rows({ columns, rows }, query)) yield row
      done += rows.length
      if (rows.length < batchSize) break
    }
  } finally {
    // In a failed transaction the cursor goes with the rollback; elsewhere it must be closed, also
    // where the caller has given up.
    if (!scope.failed && !scope.lease.session.broken) {
      try {
        await send(cursor.close(name), [], { ...call, signal: undefined, deadline: undefined })
      } catch {
        scope.lease.session.broken = true
      }
    }
  }
}

/** A transaction around a stream whose cursor lives in one: it stays open until the loop is left. */
async function* inOwnTransaction(
  runtime: Runtime,
  caller: Caller,
  stream: StreamCall,
): AsyncGenerator<object, void, undefined> {
  const begun = Promise.withResolvers<Scope>()
  const left = Promise.withResolvers<void>()
  const done = transaction(
    runtime,
    caller,
    { ...parseTransaction(runtime, undefined), signal: stream.call.signal },
    (scope) => {
      begun.resolve(scope)
      return left.promise
    },
  )
  done.catch(begun.reject)
  const scope = await begun.promise
  try {
    yield* emulated(runtime, scope, stream)
  } finally {
    left.resolve()
    await done
  }
}
