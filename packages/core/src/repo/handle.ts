import { type Adapter, isPromise } from '../contract/index.ts'
import { MisuseError } from '../errors/index.ts'
import {
  type AnyTable,
  checkParameterCount,
  isSql,
  rawQuery,
  refuseTransactionControl,
  type Sql,
} from '../query/index.ts'
import type { Scope } from '../transaction/index.ts'
import { batch } from './batch.ts'
import { deleteAll, updateAll } from './bulk-write.ts'
import { insert } from './insert.ts'
import { insertAll } from './insert-all.ts'
import { insertOrGet } from './insert-or-get.ts'
import type { Repo, RepoStats, TransactionOptions } from './repo.ts'
import type { Runtime } from './runtime.ts'
import { script } from './script.ts'
import { all, type Caller, count, exists, get, one } from './select.ts'
import { parseStream, streamRows } from './stream.ts'
import {
  checkout,
  parseTransaction,
  registerAfterCommit,
  rollback,
  transaction,
} from './transaction-call.ts'
import { deleteOne, update } from './update.ts'

// biome-ignore lint/suspicious/noExplicitAny: the interface has the types, this class the behaviour
type Any = any

/**
 * A repo's handle: which scope and which schema a call is for. Every method is an async function,
 * so that a mistake rejects instead of throwing, and the caller's frames stay in the stack.
 */
export class RepoHandle implements Caller {
  readonly #runtime: Runtime
  readonly scope: Scope | undefined
  readonly prefix: string | undefined

  constructor(runtime: Runtime, scope: Scope | undefined, prefix: string | undefined) {
    this.#runtime = runtime
    this.scope = scope
    this.prefix = prefix
  }

  get adapter(): Adapter {
    return this.#runtime.adapter
  }

  async query(first: unknown, second?: unknown, third?: object): Promise<Any> {
    const runtime = this.#runtime
    if (isSql(first)) {
      const call = runtime.calls.parse(second as object | undefined, [], 'query')
      const compiled = runtime.compiler(this.prefix).compile(first as Sql)
      checkParameterCount(compiled.parameters.length, runtime.adapter.capabilities)
      const query =
        compiled.types === undefined
          ? runtime.raw(compiled.sql)
          : rawQuery(compiled.sql, compiled.types)
      if (compiled.types !== undefined) refuseTransactionControl(compiled.sql)
      const answer = runtime.run(this.scope, query, compiled.parameters, call)
      return isPromise(answer) ? await answer : answer
    }
    if (typeof first !== 'string') {
      throw new MisuseError(
        'TEXT_EXPECTED',
        'query takes an sql`…` fragment, or a text and a list of parameters',
      )
    }
    if (second !== undefined && !Array.isArray(second)) {
      throw new MisuseError(
        'PARAMETERS_EXPECTED',
        "query's parameters are a list; options come third",
      )
    }
    const call = runtime.calls.parse(third, [], 'query')
    const query = runtime.raw(first)
    const given = (second as readonly unknown[] | undefined) ?? []
    checkParameterCount(given.length, runtime.adapter.capabilities)
    const answer = runtime.run(this.scope, query, runtime.encoder.untypedAll(given), call)
    return isPromise(answer) ? await answer : answer
  }

  stream(fragment: unknown, options?: { batchSize?: number }): Any {
    const stream = parseStream(this.#runtime, this, fragment, options)
    return streamRows(this.#runtime, this, stream)
  }

  async all(table: AnyTable, options?: Any): Promise<Any> {
    const rows = all(this.#runtime, this, table, options)
    return isPromise(rows) ? await rows : rows
  }

  async one(table: AnyTable, options?: Any): Promise<Any> {
    const row = one(this.#runtime, this, table, options)
    return isPromise(row) ? await row : row
  }

  async get(table: AnyTable, id: unknown, options?: Any): Promise<Any> {
    const row = get(this.#runtime, this, table, id, options)
    return isPromise(row) ? await row : row
  }

  async exists(table: AnyTable, options?: Any): Promise<boolean> {
    return await exists(this.#runtime, this, table, options)
  }

  async count(table: AnyTable, options?: Any): Promise<number> {
    return await count(this.#runtime, this, table, options)
  }

  async insert(table: AnyTable, values: unknown, options?: Any): Promise<Any> {
    const row = insert(this.#runtime, this, table, values, options)
    return isPromise(row) ? await row : row
  }

  async insertOrGet(table: AnyTable, values: unknown, options: Any): Promise<Any> {
    return await insertOrGet(this.#runtime, this, table, values, options)
  }

  async insertAll(table: AnyTable, rows: readonly unknown[], options?: Any): Promise<Any> {
    return await insertAll(this.#runtime, this, table, rows, options)
  }

  async update(table: AnyTable, id: unknown, changes: unknown, options?: Any): Promise<Any> {
    const row = update(this.#runtime, this, table, id, changes, options)
    return isPromise(row) ? await row : row
  }

  async updateAll(table: AnyTable, options: Any): Promise<Any> {
    return await updateAll(this.#runtime, this, table, options)
  }

  async delete(table: AnyTable, id: unknown, options?: Any): Promise<Any> {
    const row = deleteOne(this.#runtime, this, table, id, options)
    return isPromise(row) ? await row : row
  }

  async deleteAll(table: AnyTable, options: Any): Promise<Any> {
    return await deleteAll(this.#runtime, this, table, options)
  }

  async transaction(fn: (tx: Any) => unknown, options?: TransactionOptions): Promise<Any> {
    requireFunction('transaction', fn)
    const call = parseTransaction(this.#runtime, options)
    return await transaction(this.#runtime, this, call, (scope) => fn(this.#boundTo(scope)))
  }

  rollback(value?: unknown): never {
    return rollback(this.#runtime, this, value)
  }

  afterCommit(fn: () => unknown): void {
    requireFunction('afterCommit', fn)
    registerAfterCommit(this.#runtime, this, fn)
  }

  inTransaction(): boolean {
    return this.#runtime.context.resolve(this.scope)?.inTransaction ?? false
  }

  async checkout(fn: (repo: Any) => unknown, options?: object): Promise<Any> {
    requireFunction('checkout', fn)
    const call = this.#runtime.calls.parse(options, [], 'checkout')
    return await checkout(this.#runtime, this, call, (scope) => fn(this.#boundTo(scope)))
  }

  outside<V>(fn: (repo: Any) => V): V {
    requireFunction('outside', fn)
    const root = new RepoHandle(this.#runtime, undefined, this.prefix)
    return this.#runtime.context.run(undefined, () => fn(root))
  }

  async batch(queries: readonly unknown[], options?: Any): Promise<Any> {
    return await batch(this.#runtime, this, queries, options)
  }

  async script(text: unknown, options?: object): Promise<Any> {
    return await script(this.#runtime, this, text, options)
  }

  withPrefix(prefix: string): RepoHandle {
    if (typeof prefix !== 'string' || prefix === '') {
      throw new MisuseError('OPTION_INVALID', 'withPrefix takes the name of a schema')
    }
    this.#runtime.need('prefix')
    return new RepoHandle(this.#runtime, this.scope, prefix)
  }

  stats(): RepoStats {
    const { hits, misses, evictions, heals } = this.#runtime.counters
    return {
      pool: this.#runtime.connections.stats(),
      statements: { hits, misses, evictions, heals },
    }
  }

  async close(): Promise<void> {
    await this.#runtime.connections.close()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  #boundTo(scope: Scope): RepoHandle {
    return new RepoHandle(this.#runtime, scope, this.prefix)
  }
}

function requireFunction(call: string, fn: unknown): void {
  if (typeof fn === 'function') return
  throw new MisuseError(
    'FUNCTION_EXPECTED',
    `${call} takes a function as its first argument${call === 'transaction' || call === 'checkout' ? '; options come second' : ''}`,
  )
}

/** The handle as applications see it. */
export function asRepo<A extends Adapter>(handle: RepoHandle): Repo<A> {
  return handle as unknown as Repo<A>
}
