import {
  type Columns,
  createRepo,
  defineTable,
  type Repo,
  type RepoOptions,
  type Table,
} from '@mortise/core'
import type {
  Adapter,
  ColumnDefinition,
  CreateTableOperation,
  TableName,
} from '@mortise/core/adapter'
import { PoolError } from '@mortise/core/adapter'
import { NotApplicable, RuleFailure, show } from '../check/index.ts'
import { Caller, createTable, request, type TestTable } from '../contract/index.ts'
import type { Reference } from '../fixture/index.ts'
import { type ObservedAdapter, observeAdapter, Trace } from '../observe/index.ts'
import { ProcessWatch } from './process-state.ts'
import type { RuleContext } from './rule-context.ts'
import { definitionOf, type TableExtras } from './runtime-table.ts'
import { late, turn, until, within } from './within.ts'

/** What a run lends to each of its rules. */
export interface RunResources {
  readonly adapter: Adapter
  /** A word that makes names of this run its own. */
  readonly stamp: string
  readonly prefixes: readonly string[]
  readonly reference: Reference | undefined
  /** The promises that were rejected without anybody listening, since it was last asked. */
  readonly takeUnhandled: () => readonly unknown[]
}

const patienceMs = 2000

/**
 * One execution of one rule: its context, and the proof afterwards that nothing is left of it.
 */
export class RuleRun implements RuleContext {
  readonly trace = new Trace()
  readonly #resources: RunResources
  readonly #observed: ObservedAdapter
  readonly #abort = new AbortController()
  readonly #watch: ProcessWatch
  readonly #callers: Caller[] = []
  readonly #repos: Repo[] = []
  readonly #tables: TableName[] = []
  readonly #prefix: string
  #names = 0

  constructor(resources: RunResources, number: number) {
    this.#resources = resources
    this.#observed = observeAdapter(resources.adapter, this.trace)
    this.#prefix = `mtk_${resources.stamp}_${number}`
    this.#watch = new ProcessWatch(this.#abort.signal)
  }

  get adapter(): Adapter {
    return this.#observed.adapter
  }

  get signal(): AbortSignal {
    return this.#abort.signal
  }

  async connect(): Promise<Caller> {
    const connection = await this.adapter.connect({
      role: this.adapter.topology === 'writer-readers' ? 'writer' : 'any',
      signal: this.signal,
      onNotice: () => {},
      onClosed: () => {},
    })
    connection?.ref?.()
    const caller = new Caller(this.adapter, connection)
    this.#callers.push(caller)
    return caller
  }

  name(stem: string): string {
    return `${this.#prefix}_${++this.#names}_${stem}`
  }

  table(columns: readonly ColumnDefinition[], primaryKey: readonly string[] = []): TestTable {
    const table = {
      table: { kind: 'table' as const, name: this.name('t') },
      columns,
      primaryKey,
    }
    this.#tables.push(table.table)
    return table
  }

  async create(
    on: Caller,
    columns: readonly ColumnDefinition[],
    parts: Partial<CreateTableOperation> = {},
  ): Promise<TestTable> {
    const table = this.table(columns, parts.primaryKey)
    await on.run(createTable(table, parts))
    return table
  }

  repo(settings: Omit<RepoOptions, 'adapter'> = {}): Repo {
    const repo = createRepo({
      ...settings,
      adapter: this.adapter,
      pool: { size: this.adapter.topology === 'single' ? 1 : 3, ...settings.pool },
    })
    this.#repos.push(repo)
    return repo
  }

  define<const C extends Columns>(columns: C, options?: { readonly prefix?: string }): Table<C> {
    const name = this.name('t')
    this.#tables.push({ kind: 'table', name, prefix: options?.prefix })
    return defineTable(name, columns, options)
  }

  async build(on: Pick<Repo, 'query'>, table: object, extras: TableExtras = {}): Promise<void> {
    const operation = definitionOf(table as Parameters<typeof definitionOf>[0], extras)
    await on.query(this.adapter.dialect.compile(operation).sql)
  }

  get prefixes(): readonly string[] {
    return this.#resources.prefixes
  }

  get reference(): Reference | undefined {
    return this.#resources.reference
  }

  sent(): number {
    return this.trace.sent
  }

  notApplicable(reason: string): never {
    throw new NotApplicable(reason)
  }

  /** The deadline passed: lets everything that listens to the rule's signal give up. */
  abort(): void {
    this.#abort.abort(new Error('the deadline of the rule has passed'))
  }

  /**
   * Proves that nothing is left of the rule: connections work and are idle, every connection gets
   * closed, no rejection is unheard, no timer or listener remains.
   *
   * @throws RuleFailure naming what is left.
   */
  async proveClean(): Promise<void> {
    // Where nothing was sent, nothing can be left: the first step is judged before `execute` is written.
    const used = this.sent() > 0 ? this.#callers : []
    for (const [i, caller] of used.entries()) {
      if (!this.#isClosed(caller)) await this.#proveUsable(caller, `connection ${i + 1}`)
    }
    for (const repo of this.#repos) await this.#proveIdle(repo)
    await this.#closeAll((what, seen) => {
      throw new RuleFailure(`after the rule, ${what}`, 'an end without an error', seen)
    })
    const open = this.#observed.connections.filter(({ closed }) => !closed)
    if (open.length > 0) {
      throw new RuleFailure(
        'after the rule, the connections that were opened',
        'all closed',
        `${open.length} still open`,
      )
    }
    await turn()
    const [unhandled] = this.#resources.takeUnhandled()
    if (unhandled !== undefined) {
      throw new RuleFailure('after the rule, promises', 'none rejected unheard', show(unhandled))
    }
    const leftover = await this.#watch.leftover()
    if (leftover !== undefined) {
      throw new RuleFailure('after the rule, the process', 'as it was before', leftover)
    }
  }

  /** Closes and drops what there is, whatever state it is in. Never throws. */
  async cleanUp(): Promise<void> {
    await this.#closeAll(() => {})
    await this.#dropTables()
    await turn()
    this.#resources.takeUnhandled()
  }

  #isClosed({ connection }: Caller): boolean {
    return this.#observed.isClosed(connection)
  }

  async #proveUsable(caller: Caller, name: string): Promise<void> {
    const status = caller.connection.transactionStatus
    if (status !== undefined && status !== 'idle') {
      throw new RuleFailure(`after the rule, the transaction status of ${name}`, 'idle', status)
    }
    const ping = this.adapter.dialect?.ping ?? 'select 1'
    let answer: unknown
    try {
      answer = await within(patienceMs, () => caller.connection.execute(request(ping)))
    } catch (error) {
      throw new RuleFailure(`after the rule, ${name}`, 'still usable', show(error), {
        cause: error,
      })
    }
    if (answer === late) {
      throw new RuleFailure(`after the rule, ${name}`, 'still usable', 'no answer in 2 s')
    }
  }

  async #proveIdle(repo: Repo): Promise<void> {
    const busy = () => {
      const { inUse, waiting } = repo.stats().pool
      return { inUse, waiting }
    }
    const empty = await until(patienceMs, () => busy().inUse + busy().waiting === 0)
    if (!empty) {
      throw new RuleFailure(
        'after the rule, the pool',
        'nothing in use and nobody waiting',
        show(busy()),
      )
    }
    if (repo.inTransaction()) {
      throw new RuleFailure('after the rule, the repo', 'no open transaction', 'one is open')
    }
    if (repo.stats().pool.idle === 0) return
    try {
      await repo.query(this.adapter.dialect.ping)
    } catch (error) {
      if (error instanceof PoolError) return
      throw new RuleFailure('after the rule, the repo', 'usable', show(error), { cause: error })
    }
  }

  async #closeAll(problem: (what: string, seen: string) => void): Promise<void> {
    for (const [i, caller] of this.#callers.entries()) {
      if (this.#isClosed(caller)) continue
      try {
        const closed = await within(patienceMs, () => caller.connection.close())
        if (closed === late) problem(`closing connection ${i + 1}`, 'no answer in 2 s')
      } catch (error) {
        problem(`closing connection ${i + 1}`, show(error))
      }
    }
    for (const repo of this.#repos) {
      try {
        const closed = await within(patienceMs, () => repo.close())
        if (closed === late) problem('closing the repo', 'no answer in 2 s')
      } catch (error) {
        problem('closing the repo', show(error))
      }
    }
  }

  /** The tables of a single connection went with it. */
  async #dropTables(): Promise<void> {
    const { adapter } = this.#resources
    if (this.#tables.length === 0 || adapter.topology === 'single') return
    try {
      await within(patienceMs, async () => {
        const connection = await adapter.connect({
          role: adapter.topology === 'writer-readers' ? 'writer' : 'any',
          signal: AbortSignal.timeout(patienceMs),
          onNotice: () => {},
          onClosed: () => {},
        })
        const caller = new Caller(adapter, connection)
        for (const table of this.#tables.toReversed()) {
          await caller.run({ kind: 'drop_table', table, ifExists: true }).catch(() => {})
        }
        await connection.close()
      })
    } catch {
      // A broken adapter leaves its tables to the fixture's `destroy`.
    }
  }
}
