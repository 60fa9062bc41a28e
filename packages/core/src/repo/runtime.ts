import {
  type Access,
  type Adapter,
  isPromise,
  type MaybePromise,
  type Operation,
  type RowShape,
} from '../contract/index.ts'
import { MisuseError, UnsupportedError } from '../errors/index.ts'
import { Lease, type PoolEvents, type PoolOptions } from '../pool/index.ts'
import {
  type Answer,
  type AnyTable,
  builtQuery,
  type Call,
  CallParser,
  type Channel,
  Connections,
  checkParameterCount,
  Executor,
  isTable,
  type Limits,
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
import { Scope, ScopeContext, type ScopeKind } from '../transaction/index.ts'
import { alone, Sharing } from './sharing.ts'
import type { SingleCalls } from './single-calls.ts'
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
  readonly #sharing: Sharing
  readonly #readersSharing: Sharing
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
    const { writer, readers } = this.connections
    const { pipelining } = options.adapter.capabilities
    this.#sharing = new Sharing(writer, pipelining)
    this.#readersSharing = readers === undefined ? this.#sharing : new Sharing(readers, pipelining)
  }

  /** The compiler of fragments for a schema. */
  compiler(prefix: string | undefined): SqlCompiler {
    let compiler = this.#compilers.get(prefix)
    if (compiler === undefined) {
      compiler = new SqlCompiler(this.adapter.dialect, this.encoder, prefix, () =>
        this.need('prefix'),
      )
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

  /**
   * Runs one statement where the call belongs: in its scope, or on a connection of its own, or with
   * others on a busy one. Only statements of core's own writing share, since another's could change
   * the session; and none does while somebody waits for a whole connection.
   */
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
    if (query.raw || call.signal !== undefined || call.deadline !== undefined) {
      if (ready !== undefined) return this.#runOn(alone(ready), query, parameters, call)
      return this.#runWaiting(query, parameters, call)
    }
    const sharing = pool === this.connections.writer ? this.#sharing : this.#readersSharing
    const calls = ready === undefined ? sharing.join() : sharing.lent(ready)
    if (calls !== undefined) return this.#runOn(calls, query, parameters, call)
    return this.#runWaiting(query, parameters, call, sharing)
  }

  /** Runs one statement in a scope, within the scope's limits as well as its own. */
  runIn(
    scope: Scope,
    query: Query,
    parameters: readonly unknown[],
    call: Call,
  ): MaybePromise<Answer> {
    const limited = limitedBy(scope, call)
    return scope.run(() => this.executor.run(scope, query, parameters, limited), limited)
  }

  /** Runs `work` where the call belongs: in its turn in the scope, or on a connection of its own. */
  async attempt<T>(
    scope: Scope | undefined,
    access: Access,
    call: Call,
    work: (channel: Channel, call: Call) => Promise<T>,
  ): Promise<T> {
    if (scope !== undefined) {
      const limited = limitedBy(scope, call)
      return await scope.run(() => work(scope, limited), limited)
    }
    const calls = alone(await this.acquire(access, call))
    try {
      return await work(calls, call)
    } finally {
      calls.done()
    }
  }

  /** Takes a connection, waiting within the call's limits. */
  acquire(access: Access, call: Call): MaybePromise<SessionLease> {
    return this.connections
      .for(access)
      .checkout({ signal: call.signal, deadline: queueDeadline(call) })
  }

  /** A scope on a connection of its own, or inside another one. */
  scope(
    on: SessionLease | Scope,
    kind: ScopeKind,
    options: Partial<Limits> & { readonly continues?: boolean | undefined } = {},
  ): Scope {
    const { pipelining } = this.adapter.capabilities
    const { timeoutMs } = this.plain
    const place = on instanceof Lease ? { lease: on } : { lease: on.lease, parent: on }
    return new Scope({ ...place, ...options, kind, limit: pipelining, timeoutMs })
  }

  /** The limits of a call without its own. */
  get plain(): Call {
    return this.calls.plain
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
    query: Query,
    parameters: readonly unknown[],
    call: Call,
    sharing?: Sharing,
  ): Promise<Answer> {
    const calls =
      sharing === undefined
        ? alone(await this.acquire(query.access, call))
        : await sharing.wait(queueDeadline(call))
    return await this.#runOn(calls, query, parameters, call)
  }

  /** Runs a call that `calls` has counted. */
  #runOn(
    calls: SingleCalls,
    query: Query,
    parameters: readonly unknown[],
    call: Call,
  ): MaybePromise<Answer> {
    let answer: MaybePromise<Answer>
    try {
      answer = this.executor.run(calls, query, parameters, call)
    } catch (error) {
      calls.done()
      throw error
    }
    if (isPromise(answer)) return settle(calls, answer)
    calls.done()
    return answer
  }
}

async function settle(calls: SingleCalls, answer: Promise<Answer>): Promise<Answer> {
  try {
    return await answer
  } finally {
    calls.done()
  }
}

/** Until when a call may wait for a connection. */
function queueDeadline(call: Call): number | undefined {
  if (call.deadline !== undefined) return call.deadline
  return call.timeoutMs === Number.POSITIVE_INFINITY
    ? undefined
    : performance.now() + call.timeoutMs
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
