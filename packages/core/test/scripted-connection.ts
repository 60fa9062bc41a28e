import { AssertionError } from 'node:assert'
import { onTestFinished } from 'vitest'
import type {
  Adapter,
  Capabilities,
  Column,
  ConnectContext,
  Connection,
  Dialect,
  MaybePromise,
  Request,
  Result,
  RowBatches,
  Statement,
  Topology,
  TransactionCommand,
  TransactionStatus,
} from '../src/contract/index.ts'
import type { ErrorDescription } from '../src/errors/index.ts'
import { Deferred } from './deferred.ts'
import { scriptedDialect } from './scripted-dialect.ts'
import { scriptedCapabilities, scriptedTypes } from './scripted-manifest.ts'

export { Deferred } from './deferred.ts'
export { scriptedDialect } from './scripted-dialect.ts'
export { scriptedCapabilities, scriptedTypes } from './scripted-manifest.ts'

/** What the script sees of core: everything that it can call. */
export type CallKind =
  | 'connect'
  | 'execute'
  | 'batch'
  | 'script'
  | 'stream'
  | 'stream_return'
  | 'control'
  | 'cancel'
  | 'reset'
  | 'ping'
  | 'deallocate'
  | 'ref'
  | 'unref'
  | 'close'

/** One call as it arrived. */
export interface ScriptedCall {
  readonly kind: CallKind
  /** Counts connects from 1, failed ones too. */
  readonly connection: number
  readonly sql: string | undefined
  readonly request?: Request | undefined
  readonly requests?: readonly Request[] | undefined
  readonly command?: TransactionCommand | undefined
  readonly statement?: Statement | undefined
  readonly context?: ConnectContext | undefined
}

/** A result in shorthand: columns by name, everything else as good as empty. */
export type ScriptedResult = Partial<Omit<Result, 'columns'>> & {
  readonly columns?: readonly (string | Column)[]
}

/** What a call answers: a value, an error to throw, a promise of the test's, or a function of the call. */
export type Answer<T> =
  | T
  | Error
  | Promise<T>
  | { readonly promise: Promise<T> }
  | ((call: ScriptedCall) => Answer<T>)
  | undefined

/** How an expected statement is recognised. */
export type SqlMatcher = string | RegExp | ((request: Request) => boolean)

/** The optional methods of the connections. */
export type ScriptedFeature =
  | 'batch'
  | 'script'
  | 'stream'
  | 'control'
  | 'cancel'
  | 'reset'
  | 'ping'
  | 'deallocate'
  | 'ref'
  | 'transactionStatus'

export interface ScriptedOptions {
  /** Whether answers come at once instead of in promises. Default false. */
  readonly sync?: boolean
  /** Default: cancel, reset, ping, deallocate. */
  readonly features?: readonly ScriptedFeature[]
  readonly capabilities?: Partial<Capabilities>
  readonly dialect?: Partial<Dialect>
  /** Default `pool`. */
  readonly topology?: Topology
  /** Further members of the adapter. */
  readonly adapter?: Partial<Adapter>
}

/** A native error that the scripted adapter classifies as it was told. */
export class ScriptedError extends Error {
  readonly description: ErrorDescription

  constructor(description: ErrorDescription) {
    super(`scripted ${description.kind}`)
    this.description = description
  }
}

interface Expectation {
  readonly matcher: SqlMatcher
  readonly answer: Answer<ScriptedResult>
  readonly on: number | undefined
}

/**
 * A database that is a script: it answers what the test tells it to, in the order the test tells
 * it, records every call, and refuses what it does not expect. Made by {@link scripted}.
 */
export class ScriptedDatabase {
  readonly adapter: Adapter
  readonly calls: ScriptedCall[] = []
  /** Every connection that was opened, in order, closed ones included. */
  readonly connections: ScriptedConnection[] = []
  readonly sync: boolean
  readonly features: ReadonlySet<ScriptedFeature>
  readonly #expected: Expectation[] = []
  readonly #allowed: Expectation[] = []
  readonly #next = new Map<CallKind, Answer<unknown>[]>()
  readonly #failures: string[] = []
  #connects = 0

  constructor(options: ScriptedOptions = {}) {
    this.sync = options.sync ?? false
    this.features = new Set(options.features ?? ['cancel', 'reset', 'ping', 'deallocate'])
    this.adapter = {
      name: 'scripted',
      capabilities: { ...scriptedCapabilities, ...options.capabilities },
      dialect: { ...scriptedDialect, ...options.dialect },
      types: scriptedTypes,
      topology: options.topology ?? 'pool',
      connect: (context) => this.#connect(context),
      classifyError: (error) => (error instanceof ScriptedError ? error.description : undefined),
      ...options.adapter,
    }
  }

  /** The next statement, on connection `on` if given, must match and answers this. Default: an empty result. */
  expect(matcher: SqlMatcher, answer?: Answer<ScriptedResult>, on?: number): this {
    this.#expected.push({ matcher, answer, on })
    return this
  }

  /** Statements like this may come any number of times, whenever no expectation is next in line. */
  allow(matcher: SqlMatcher, answer?: Answer<ScriptedResult>): this {
    this.#allowed.push({ matcher, answer, on: undefined })
    return this
  }

  /**
   * What the next call of this kind answers; without it, it succeeds with nothing. For `stream` a
   * list of results, one a batch; for `batch` a list of results, one a request.
   */
  next(kind: Exclude<CallKind, 'execute'>, answer: Answer<unknown>): this {
    const answers = this.#next.get(kind)
    if (answers === undefined) this.#next.set(kind, [answer])
    else answers.push(answer)
    return this
  }

  /** The calls as lines to compare: `#1 execute select 1`. `kinds` picks some. */
  log(...kinds: readonly CallKind[]): string[] {
    return this.calls
      .filter((call) => kinds.length === 0 || kinds.includes(call.kind))
      .map(
        (call) => `#${call.connection} ${call.kind}${call.sql === undefined ? '' : ` ${call.sql}`}`,
      )
  }

  /** The connections that are open now. */
  get open(): ScriptedConnection[] {
    return this.connections.filter((connection) => !connection.closed)
  }

  /** Throws if a call came that nobody expected, or an expected one did not come. */
  verify(): void {
    const missing = this.#expected.map((each) => `did not come: ${describe(each.matcher)}`)
    const problems = [...this.#failures, ...missing]
    if (problems.length > 0) throw new AssertionError({ message: problems.join('\n') })
  }

  /** Records a breach; the test fails even where the code under test swallows the throw. */
  fail(message: string): never {
    this.#failures.push(message)
    throw new AssertionError({ message })
  }

  record(call: ScriptedCall): void {
    this.calls.push(call)
  }

  answerStatement(call: ScriptedCall): MaybePromise<Result> {
    const index = this.#expected.findIndex(
      (each) => each.on === undefined || each.on === call.connection,
    )
    const first = this.#expected[index]
    if (first !== undefined && matches(first.matcher, call)) {
      this.#expected.splice(index, 1)
      return this.#settle(first.answer, call, result)
    }
    const allowed = this.#allowed.find((each) => matches(each.matcher, call))
    if (allowed !== undefined) return this.#settle(allowed.answer, call, result)
    const due = first === undefined ? 'nothing' : describe(first.matcher)
    return this.fail(`unexpected on #${call.connection}: ${call.sql} (expected ${due})`)
  }

  answer(call: ScriptedCall): MaybePromise<unknown> {
    return this.#settle(this.#next.get(call.kind)?.shift(), call, (value) => value)
  }

  #connect(context: ConnectContext): MaybePromise<Connection> {
    const id = ++this.#connects
    const call: ScriptedCall = { kind: 'connect', connection: id, sql: undefined, context }
    this.record(call)
    return this.#settle(this.#next.get('connect')?.shift(), call, () => {
      const connection = new ScriptedConnection(this, id, context)
      this.connections.push(connection)
      return connection
    })
  }

  #settle<T, R>(answer: Answer<T>, call: ScriptedCall, map: (value: T) => R): MaybePromise<R> {
    let value: unknown = answer
    while (typeof value === 'function') value = (value as (call: ScriptedCall) => unknown)(call)
    if (value instanceof Deferred) return value.promise.then(map as (value: unknown) => R)
    if (value instanceof Promise) return value.then(map)
    if (value instanceof Error) {
      if (this.sync) throw value
      return Promise.reject(value)
    }
    return this.sync ? map(value as T) : Promise.resolve(value as T).then(map)
  }
}

/** One scripted session. */
export class ScriptedConnection implements Connection {
  readonly id: number
  closed = false
  /** Whether `ref` was called last, or `unref`. Connections begin referenced, as sockets do. */
  referenced = true
  /** Followed from `begin`, `commit`, `rollback` and failures; a test may set it. */
  transactionStatus?: TransactionStatus
  executeBatch?: NonNullable<Connection['executeBatch']>
  executeScript?: NonNullable<Connection['executeScript']>
  stream?: NonNullable<Connection['stream']>
  control?: NonNullable<Connection['control']>
  cancel?: NonNullable<Connection['cancel']>
  reset?: NonNullable<Connection['reset']>
  ping?: NonNullable<Connection['ping']>
  deallocate?: NonNullable<Connection['deallocate']>
  ref?: NonNullable<Connection['ref']>
  unref?: NonNullable<Connection['unref']>
  readonly #database: ScriptedDatabase
  readonly #context: ConnectContext
  #running = 0

  constructor(database: ScriptedDatabase, id: number, context: ConnectContext) {
    this.#database = database
    this.id = id
    this.#context = context
    const { features } = database
    if (features.has('transactionStatus')) this.transactionStatus = 'idle'
    if (features.has('batch')) {
      this.executeBatch = (requests) =>
        this.#run({ ...this.#call('batch'), requests }) as MaybePromise<readonly Result[]>
    }
    if (features.has('script')) {
      this.executeScript = (request) =>
        this.#run({ ...this.#call('script', request.sql), request }, (answer) =>
          result(answer as ScriptedResult),
        )
    }
    if (features.has('stream')) this.stream = (request) => this.#stream(request)
    if (features.has('control')) {
      this.control = (command) =>
        this.#run({ ...this.#call('control', controlText(command)), command }, (answer) =>
          result(answer as ScriptedResult),
        )
    }
    if (features.has('cancel')) {
      this.cancel = (request) =>
        this.#beside({ ...this.#call('cancel', request.sql), request }) as MaybePromise<void>
    }
    if (features.has('reset')) {
      this.reset = () => this.#run(this.#call('reset'), () => {})
    }
    if (features.has('ping')) {
      this.ping = () => this.#run(this.#call('ping')) as MaybePromise<void>
    }
    if (features.has('deallocate')) {
      this.deallocate = (statement) =>
        this.#beside({
          ...this.#call('deallocate', statement.sql),
          statement,
        }) as MaybePromise<void>
    }
    if (features.has('ref')) {
      this.ref = () => {
        this.referenced = true
        database.record(this.#call('ref'))
      }
      this.unref = () => {
        this.referenced = false
        database.record(this.#call('unref'))
      }
    }
  }

  execute(request: Request): MaybePromise<Result> {
    const call = { ...this.#call('execute', request.sql), request }
    return this.#run(call, undefined, () =>
      this.#database.answerStatement(call),
    ) as MaybePromise<Result>
  }

  close(): MaybePromise<void> {
    const call = this.#call('close')
    this.#database.record(call)
    if (this.closed) this.#database.fail(`#${this.id} was closed twice`)
    this.closed = true
    return this.#database.answer(call) as MaybePromise<void>
  }

  /** Ends the session as a server would: unasked. */
  lose(error: unknown = new ScriptedError({ kind: 'connection_lost' })): void {
    this.#context.onClosed(error)
  }

  #call(kind: CallKind, sql?: string): ScriptedCall {
    return { kind, connection: this.id, sql }
  }

  #beside(call: ScriptedCall): MaybePromise<unknown> {
    this.#database.record(call)
    if (this.closed) this.#database.fail(`#${this.id} ${call.kind} after close`)
    return this.#database.answer(call)
  }

  #run<R = unknown>(
    call: ScriptedCall,
    map: (answer: unknown) => R = (answer) => answer as R,
    answer: () => MaybePromise<unknown> = () => this.#database.answer(call),
  ): MaybePromise<R> {
    const database = this.#database
    database.record(call)
    if (this.closed) database.fail(`#${this.id} ${call.kind} ${call.sql ?? ''} after close`)
    const most = Math.max(1, database.adapter.capabilities.pipelining)
    if (this.#running >= most) {
      database.fail(`#${this.id} ${call.kind} ${call.sql ?? ''} while ${this.#running} still run`)
    }
    this.#running++
    let value: unknown
    try {
      value = answer()
    } catch (error) {
      this.#ended(call, false)
      throw error
    }
    if (value instanceof Promise) {
      return value.then(
        (settled) => {
          this.#ended(call, true)
          return map(settled)
        },
        (error) => {
          this.#ended(call, false)
          throw error
        },
      )
    }
    this.#ended(call, true)
    return map(value)
  }

  #ended(call: ScriptedCall, worked: boolean): void {
    this.#running--
    if (!this.#database.features.has('transactionStatus')) return
    if (call.kind === 'reset' && worked) this.transactionStatus = 'idle'
    const word = call.sql ?? ''
    if (!worked) {
      const aborts = this.#database.adapter.capabilities.errorInTransaction === 'aborts'
      if (this.transactionStatus === 'active' && aborts) this.transactionStatus = 'failed'
    } else if (/^begin\b/.test(word)) this.transactionStatus = 'active'
    else if (/^(commit|rollback)$/.test(word)) this.transactionStatus = 'idle'
    else if (/^rollback to /.test(word)) this.transactionStatus = 'active'
  }

  async *#stream(request: Request): RowBatches {
    const call = { ...this.#call('stream', request.sql), request }
    const batches = (await this.#run(call)) as readonly Answer<ScriptedResult>[] | undefined
    try {
      for (const batch of batches ?? []) {
        if (batch instanceof Error) throw batch
        yield result(await (batch instanceof Deferred ? batch.promise : (batch as ScriptedResult)))
      }
    } finally {
      this.#database.record(this.#call('stream_return', request.sql))
    }
  }
}

/**
 * A scripted database for one test. Inside a test it verifies itself when the test is over: an
 * unexpected call fails the test even where the code under test caught the throw.
 */
export function scripted(options?: ScriptedOptions): ScriptedDatabase {
  const database = new ScriptedDatabase(options)
  try {
    onTestFinished(() => database.verify())
  } catch {
    // Outside a test, in a benchmark say, there is nobody to tell.
  }
  return database
}

/** A whole result from the shorthand. */
export function result(shorthand: ScriptedResult | undefined): Result {
  return {
    rows: [],
    affected: null,
    ...shorthand,
    columns: (shorthand?.columns ?? []).map((column) =>
      typeof column === 'string' ? { name: column } : column,
    ),
  }
}

/** A request in shorthand. */
export function request(sql: string, rest: Partial<Request> = {}): Request {
  return {
    sql,
    parameters: [],
    types: undefined,
    access: 'unknown',
    shape: undefined,
    statement: undefined,
    signal: undefined,
    deadline: undefined,
    options: undefined,
    ...rest,
  }
}

function matches(matcher: SqlMatcher, call: ScriptedCall): boolean {
  if (typeof matcher === 'string') return call.sql === matcher
  if (matcher instanceof RegExp) return matcher.test(call.sql ?? '')
  return call.request !== undefined && matcher(call.request)
}

function describe(matcher: SqlMatcher): string {
  return typeof matcher === 'function' ? matcher.name || 'a matcher' : String(matcher)
}

function controlText(command: TransactionCommand): string {
  return scriptedDialect.transaction(command)[0] as string
}
