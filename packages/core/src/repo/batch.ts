import type { MaybePromise, Request, Result } from '../contract/index.ts'
import { AdapterError, MisuseError, UnsupportedError } from '../errors/index.ts'
import { plainRequest } from '../pool/index.ts'
import {
  type Answer,
  type Call,
  checkParameterCount,
  isSql,
  type Query,
  rawQuery,
  refuseTransactionControl,
  type Sql,
} from '../query/index.ts'
import type { Scope } from '../transaction/index.ts'
import type { Runtime } from './runtime.ts'
import type { Caller } from './select.ts'
import { atomically } from './transaction-call.ts'
import { watched } from './watched.ts'

/** A statement with its parameters. */
interface Item {
  readonly query: Query
  readonly parameters: readonly unknown[]
}

/** `batch`: fragments in order, all or nothing unless `atomic` is false. */
export async function batch(
  runtime: Runtime,
  caller: Caller,
  queries: readonly unknown[],
  options: { readonly atomic?: boolean } | undefined,
): Promise<Answer[]> {
  const call = runtime.calls.parse(options, ['atomic'], 'batch')
  const atomic = options?.atomic ?? true
  if (!Array.isArray(queries))
    throw new MisuseError('TEXT_EXPECTED', 'batch takes a list of fragments')
  const items = queries.map((fragment): Item => {
    if (!isSql(fragment)) {
      throw new MisuseError('TEXT_EXPECTED', 'batch takes a list of sql`…` fragments')
    }
    const compiled = runtime.compiler(caller.prefix).compile(fragment as Sql)
    checkParameterCount(compiled.parameters.length, runtime.adapter.capabilities)
    refuseTransactionControl(compiled.sql)
    return { query: rawQuery(compiled.sql, compiled.types), parameters: compiled.parameters }
  })
  if (items.length === 0) return []
  const scope = runtime.context.resolve(caller.scope)
  if (!scope?.inTransaction) {
    const together = await inOneCall(runtime, scope, items, atomic, call)
    if (together !== undefined) return together
  }
  const { transactions, name } = { ...runtime.adapter.capabilities, name: runtime.adapter.name }
  if (atomic && transactions === 'none') {
    throw new UnsupportedError(
      'transactions',
      `${name} has no transactions, so a batch cannot be atomic; pass atomic: false`,
    )
  }
  if (atomic)
    return await atomically(runtime, caller, call, (tx) => inTurn(runtime, tx, items, call))
  const answers: Answer[] = []
  for (const { query, parameters } of items) {
    answers.push(await runtime.run(caller.scope, query, parameters, call))
  }
  return answers
}

/**
 * Sends statements all or nothing through the driver's own batch, on a database that has no other
 * transactions; undefined where there is no such batch.
 */
export async function sendTogether(
  runtime: Runtime,
  caller: Caller,
  items: readonly Item[],
  call: Call,
): Promise<Answer[] | undefined> {
  if (runtime.adapter.capabilities.transactions !== 'batch') return undefined
  return inOneCall(runtime, runtime.context.resolve(caller.scope), items, true, call)
}

/** Sent one behind the other: a pipelining driver needs one round trip for all of them. */
function inTurn(
  runtime: Runtime,
  scope: Scope,
  items: readonly Item[],
  call: Call,
): Promise<Answer[]> {
  return Promise.all(
    items.map(async ({ query, parameters }) => runtime.runIn(scope, query, parameters, call)),
  )
}

/** Through the driver's own batch; undefined where it has none. */
function inOneCall(
  runtime: Runtime,
  scope: Scope | undefined,
  items: readonly Item[],
  atomic: boolean,
  call: Call,
): Promise<Answer[] | undefined> {
  return runtime.attempt(scope, 'write', call, async (channel, limited) => {
    const { signal, deadline, options } = limited
    const { connection, session } = channel.lease
    if (connection.executeBatch === undefined) return undefined
    const requests = items.map(
      ({ query, parameters }): Request => ({
        ...plainRequest(query.sql),
        parameters,
        types: query.types,
        signal,
        deadline,
        options,
      }),
    )
    const statement = {
      sql: items.map(({ query }) => query.sql).join(';\n'),
      parameterCount: items.reduce((sum, { parameters }) => sum + parameters.length, 0),
    }
    return await watched(runtime, channel, statement, async () => {
      const results = await runtime.executor.attempts.run(
        channel,
        requests[0] as Request,
        limited,
        () => connection.executeBatch?.(requests, { atomic }) as MaybePromise<readonly Result[]>,
      )
      if (results.length !== items.length) {
        session.broken = true
        throw new AdapterError(
          `executeBatch gave ${results.length} results for ${items.length} requests`,
        )
      }
      if (results.some(({ sessionChanged }) => sessionChanged)) session.changed = true
      return results.map((result, i) => runtime.executor.answer(result, (items[i] as Item).query))
    })
  })
}
