import {
  type Access,
  type Adapter,
  isPromise,
  type MaybePromise,
  type Operation,
  type RowShape,
  type TransactionCommand,
} from '../contract/index.ts'
import { MisuseError, UnsupportedError } from '../errors/index.ts'
import type { PoolEvents, PoolOptions } from '../pool/index.ts'
import {
  type Answer,
  type AnyTable,
  builtQuery,
  type Call,
  CallParser,
  type Channel,
  Connections,
  checkin,
  checkParameterCount,
  Executor,
  isTable,
  ParameterEncoder,
  type Query,
  rawQuery,
  refuseTransactionControl,
  type SessionLease,
  type SlotList,
  SqlCompiler,
  type StatementCacheLimits,
  type StatementCounters,
  type TableInfo,
  Telemetry,
  tableInfo,
} from '../query/index.ts'
import { type Scope, ScopeContext } from '../transaction/index.ts'
import { type BuiltOperation, TablePlan } from './table-plan.ts'

/** What a repo was made of, parsed. */
export interface RuntimeOptions {
  readonly adapter: Adapter
  readonly pool: PoolOptions
  readonly statementCache: StatementCacheLimits
  readonly timeoutMs: number
  readonly log: ConstructorParameters<typeof Telemetry>[0]
  readonly poolEvents: (telemetry: Telemetry) => PoolEvents
}

/** Most raw texts whose query is remembered. */
const rawLimit = 1000

/** What one repo and all the handles on it share. */
export class Runtime {
  readonly adapter: Adapter
  readonly connections: Connections
  readonly executor: Executor
  readonly context = new ScopeContext()
  readonly telemetry: Telemetry
  readonly calls: CallParser
  readonly encoder: ParameterEncoder
  readonly counters: StatementCounters = { hits: 0, misses: 0, evictions: 0, heals: 0 }
  readonly #compilers = new Map<string | undefined, SqlCompiler>()
  readonly #plans = new Map<string | undefined, WeakMap<TableInfo, TablePlan>>()
  readonly #raw = new Map<string, Query>()

  constructor(options: RuntimeOptions) {
    this.adapter = options.adapter
    this.telemetry = new Telemetry(options.log)
    this.executor = new Executor(options.adapter, this.counters, this.telemetry)
    this.calls = new CallParser(
      options.adapter.callOptions as { readonly [name: string]: (value: unknown) => void },
      options.timeoutMs,
    )
    this.encoder = new ParameterEncoder(options.adapter.types)
    this.connections = new Connections({
      adapter: options.adapter,
      options: options.pool,
      limits: options.statementCache,
      counters: this.counters,
      events: options.poolEvents(this.telemetry),
    })
  }

  /** The compiler of fragments for a schema. */
  compiler(prefix: string | undefined): SqlCompiler {
    let compiler = this.#compilers.get(prefix)
    if (compiler === undefined) {
      compiler = new SqlCompiler(this.adapter.dialect, this.encoder, prefix)
      this.#compilers.set(prefix, compiler)
    }
    return compiler
  }

  /** The plan of a table in a schema. */
  plan(table: AnyTable, prefix: string | undefined): TablePlan {
    if (!isTable(table)) {
      throw new MisuseError(
        'TABLE_EXPECTED',
        'a table made by defineTable is expected as the first argument',
      )
    }
    let plans = this.#plans.get(prefix)
    if (plans === undefined) {
      plans = new WeakMap()
      this.#plans.set(prefix, plans)
    }
    const info = table[tableInfo]
    let plan = plans.get(info)
    if (plan === undefined) {
      plan = new TablePlan(table, this.encoder, prefix)
      if (plan.name.prefix !== undefined) this.need('prefix')
      plans.set(info, plan)
    }
    return plan
  }

  /** Compiles an operation tree. */
  build(
    operation: Operation,
    slots: Pick<SlotList, 'types'>,
    access: Access,
    shape: RowShape | undefined,
  ): BuiltOperation {
    const compiled = this.adapter.dialect.compile(operation)
    checkParameterCount(compiled.slots.length, this.adapter.capabilities)
    const types = compiled.slots.map((slot) => slots.types[slot])
    return {
      query: builtQuery(
        compiled.sql,
        types.some((type) => type !== undefined) ? types : undefined,
        access,
        shape,
      ),
      slots: compiled.slots,
      inOrder:
        compiled.slots.length === slots.types.length &&
        compiled.slots.every((slot, i) => slot === i),
    }
  }

  /** The query of a text of the caller's own. */
  raw(text: string): Query {
    let query = this.#raw.get(text)
    if (query === undefined) {
      refuseTransactionControl(text)
      query = rawQuery(text, undefined)
      if (this.#raw.size >= rawLimit) this.#raw.delete(this.#raw.keys().next().value as string)
      this.#raw.set(text, query)
    }
    return query
  }

  /** Runs one statement where the call belongs: in its scope, or on a connection of its own. */
  run(
    bound: Scope | undefined,
    query: Query,
    parameters: readonly unknown[],
    call: Call,
  ): MaybePromise<Answer> {
    const scope = this.context.resolve(bound)
    if (scope !== undefined) return this.runIn(scope, query, parameters, call)
    const pool = this.connections.for(query.access)
    const ready = call.signal?.aborted ? undefined : pool.tryCheckout()
    if (ready !== undefined) return this.#runAlone(ready, query, parameters, call)
    return this.#runWaiting(pool, query, parameters, call)
  }

  /** Runs one statement in a scope, within the scope's limits as well as its own. */
  runIn(
    scope: Scope,
    query: Query,
    parameters: readonly unknown[],
    call: Call,
  ): MaybePromise<Answer> {
    const limited = limitedBy(scope, call)
    return scope.run(() => this.executor.run(scope, query, parameters, limited), limited.signal)
  }

  /** Takes a connection, waiting within the call's limits. */
  acquire(access: Access, call: Call): MaybePromise<SessionLease> {
    const deadline =
      call.deadline ??
      (call.timeoutMs === Number.POSITIVE_INFINITY ? undefined : performance.now() + call.timeoutMs)
    return this.connections.for(access).checkout({ signal: call.signal, deadline })
  }

  /** Refuses what the manifest declares absent. */
  need(path: string): void {
    let value: unknown = this.adapter.capabilities
    for (const part of path.split('.')) value = (value as Record<string, unknown>)[part]
    if (value !== 'absent') return
    throw new UnsupportedError(
      path,
      `${this.adapter.name} has no ${path} (its manifest declares it absent)`,
    )
  }

  async #runWaiting(
    pool: Connections['writer'],
    query: Query,
    parameters: readonly unknown[],
    call: Call,
  ): Promise<Answer> {
    const deadline =
      call.deadline ??
      (call.timeoutMs === Number.POSITIVE_INFINITY ? undefined : performance.now() + call.timeoutMs)
    const lease = await pool.checkout({ signal: call.signal, deadline })
    return await this.#runAlone(lease, query, parameters, call)
  }

  #runAlone(
    lease: SessionLease,
    query: Query,
    parameters: readonly unknown[],
    call: Call,
  ): MaybePromise<Answer> {
    const channel = new SingleCall(lease)
    let answer: MaybePromise<Answer>
    try {
      answer = this.executor.run(channel, query, parameters, call)
    } catch (error) {
      channel.done()
      throw error
    }
    if (isPromise(answer)) return settle(channel, answer)
    channel.done()
    return answer
  }
}

async function settle(channel: SingleCall, answer: Promise<Answer>): Promise<Answer> {
  try {
    return await answer
  } finally {
    channel.done()
  }
}

/** A call within a scope's deadline and signal. */
export function limitedBy(scope: Scope, call: Call): Call {
  if (scope.deadline === undefined && scope.signal === undefined) return call
  const deadline =
    call.deadline === undefined
      ? scope.deadline
      : scope.deadline === undefined
        ? call.deadline
        : Math.min(call.deadline, scope.deadline)
  const signal =
    call.signal === undefined
      ? scope.signal
      : scope.signal === undefined
        ? call.signal
        : AbortSignal.any([call.signal, scope.signal])
  return { ...call, deadline, signal }
}

/** The channel of one statement on a connection of its own; it gives the connection back itself. */
class SingleCall implements Channel {
  readonly lease: SessionLease
  readonly expected = 'idle'
  readonly inFlight = 1
  readonly failure = undefined
  readonly first = true
  #holds = 1

  constructor(lease: SessionLease) {
    this.lease = lease
  }

  statementFailed(): void {
    const status = this.lease.connection.transactionStatus
    if (status !== undefined && status !== 'idle') this.lease.session.broken = true
  }

  hold(): () => void {
    this.#holds++
    return () => this.done()
  }

  done(): void {
    if (--this.#holds === 0) checkin(this.lease)
  }
}

/** The begin options of a transaction, checked against the manifest. */
export type Begin = Extract<TransactionCommand, { kind: 'begin' }>
