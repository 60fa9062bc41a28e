import type {
  ConnectContext,
  Connection,
  LogicalType,
  Request,
  Result,
  Statement,
  TransactionCommand,
  TransactionStatus,
} from '@mortise/core/adapter'
import { InFlight } from './in-flight.ts'
import { Prepared } from './prepared.ts'
import type { Message, Wire } from './wire.ts'

/** PostgreSQL's call options. */
export interface PostgresCallOptions {
  readonly statement?: 'named' | 'unnamed' | 'simple'
  readonly plan?: 'auto' | 'custom' | 'generic'
}

declare function oidsOf(types: readonly (LogicalType | undefined)[] | undefined): readonly number[]
declare function textOf(command: TransactionCommand): string
/** A request of the driver's own, without parameters and without the cache. */
declare function ownRequest(sql: string): Request

interface PendingClose {
  readonly name: string
  readonly closed: () => void
}

const statuses = { I: 'idle', T: 'active', E: 'failed' } as const

/** One PostgreSQL session. Calls are written as they come and answered in order. */
export class PostgresConnection implements Connection {
  readonly #wire: Wire
  readonly #context: ConnectContext
  /** Written and not answered, first to be answered first. */
  readonly #inFlight: InFlight[] = []
  /** Not written, because `#holds` is above 0. Bounded by what core sends at a time. */
  readonly #held: (() => void)[] = []
  #holds = 0
  #cancels = 0
  /** Close messages to write, and those written. */
  #toClose: PendingClose[] = []
  readonly #closing: PendingClose[] = []
  #beginWaiting: TransactionCommand | undefined
  #status: TransactionStatus = 'unknown'
  /** Counts the times that the server forgot all statements. */
  #epoch = 0

  constructor(wire: Wire, context: ConnectContext) {
    this.#wire = wire
    this.#context = context
  }

  get transactionStatus(): TransactionStatus {
    return this.#beginWaiting === undefined ? this.#status : 'active'
  }

  execute(request: Request): Promise<Result> {
    if (this.#holds === 0) return this.#send(request)
    return new Promise((resolve, reject) => {
      this.#held.push(() => this.#send(request).then(resolve, reject))
    })
  }

  async #send(request: Request): Promise<Result> {
    const { plan = 'auto', statement = 'named' } = (request.options ?? {}) as PostgresCallOptions
    if (statement === 'simple') return this.#write(new InFlight(request, undefined, false))
    if (plan !== 'generic') {
      return this.#write(this.#withStatement(request, statement === 'named' && plan === 'auto'))
    }
    // Three neighbours in the order of writing, each with a Sync of its own: no other call comes
    // between, and the setting goes back also where the call fails or cannot be written.
    const set = this.#write(own('set plan_cache_mode = force_generic_plan'))
    const answer = attempt(() => this.#write(this.#withStatement(request, true)))
    const reset = this.#write(own('reset plan_cache_mode'))
    await Promise.all([settled(set), settled(answer), settled(reset)])
    return answer
  }

  /** Finds the statement's handle, or hangs one on it whose Parse goes out with this very call. */
  #withStatement(request: Request, named: boolean): InFlight {
    const { statement } = request
    if (statement === undefined || !named) return new InFlight(request, undefined, true)
    const known = statement.handle as Prepared | undefined
    if (known?.epoch === this.#epoch) return new InFlight(request, known, false)
    const prepared = new Prepared(`m${statement.id}`, this.#epoch)
    statement.handle = prepared
    return new InFlight(request, prepared, true)
  }

  /** Every message of a call and one Sync, at which an error of this call ends. */
  #write(call: InFlight): Promise<Result> {
    const { request, prepared, prepares } = call
    const mark = this.#wire.mark()
    try {
      this.#writeHead()
      if (prepared === undefined && !prepares) this.#wire.query(request.sql)
      else {
        const name = prepared?.name ?? ''
        if (prepares) this.#wire.parse(name, request.sql, oidsOf(request.types))
        this.#wire.bind(name, request.parameters)
        // Only a named statement's description may be trusted: the server refuses it when stale.
        if (prepared?.fields === undefined) this.#wire.describePortal()
        this.#wire.execute(0)
        this.#wire.sync()
      }
    } catch (error) {
      // A parameter that cannot be written leaves no byte behind for the next call.
      this.#wire.backTo(mark)
      if (prepares && request.statement !== undefined) request.statement.handle = undefined
      throw error
    }
    call.parses = (prepares ? 1 : 0) + (this.#beginWaiting === undefined ? 0 : 1)
    this.#inFlight.push(call)
    this.#headWritten(call)
    return call.answer
  }

  /** What rides at the head of the next write: evicted statements, then a BEGIN that waits. */
  #writeHead(): void {
    for (const { name } of this.#toClose) this.#wire.closeStatement(name)
    if (this.#beginWaiting === undefined) return
    // In one Sync group with the call: where BEGIN fails, the server skips the call.
    this.#wire.parse('', textOf(this.#beginWaiting), [])
    this.#wire.bind('', [])
    this.#wire.execute(0)
  }

  #headWritten(call: InFlight): void {
    this.#closing.push(...this.#toClose)
    this.#toClose = []
    if (this.#beginWaiting === undefined) return
    this.#beginWaiting = undefined
    // A call behind has its own Sync: where BEGIN failed, it would run without a transaction.
    void this.#holdUntil(call.answer)
  }

  async #holdUntil(answered: Promise<unknown>): Promise<void> {
    this.#holds++
    await answered.catch(() => undefined)
    this.#holds--
    while (this.#holds === 0 && this.#held.length > 0) this.#held.shift()?.()
  }

  /** Called by the frame reader for each message, in order. */
  receive(message: Message): void {
    const call = this.#inFlight[0]
    if (message.type === 'closeComplete') this.#closing.shift()?.closed()
    else if (call === undefined) this.#receiveBetweenCalls(message)
    else if (message.type === 'readyForQuery') {
      this.#status = statuses[message.status]
      this.#inFlight.shift()
      call.settle()
    } else {
      if (message.type === 'commandComplete' && message.tag === 'DISCARD ALL') this.#epoch++
      call.take(message, this.#cancels > 0)
    }
  }

  #receiveBetweenCalls(message: Message): void {
    if (message.type === 'notice') this.#context.onNotice(message.notice)
    else if (message.type === 'error') this.#context.onClosed(message.fields)
  }

  /** The Close rides on the next write; the statement counts until the server has confirmed it. */
  deallocate(statement: Statement): Promise<void> | undefined {
    const prepared = statement.handle as Prepared | undefined
    if (prepared?.epoch !== this.#epoch) return undefined
    return new Promise((closed) => this.#toClose.push({ name: prepared.name, closed }))
  }

  /** Nothing more is written until the target is answered and the cancel request spent. */
  async cancel(request: Request): Promise<void> {
    const target = this.#inFlight.find((call) => call.request === request)
    if (target === undefined) return
    target.cancelling = true
    this.#cancels++
    const spent = Promise.all([this.#wire.requestCancel(), ...this.#inFlight.map(settled)])
      // A signal that was still on its way hits this empty statement or nothing.
      .then(() => settled(attempt(() => this.#write(own('')))))
      .finally(() => this.#cancels--)
    await this.#holdUntil(spent)
  }

  /** BEGIN waits for the first statement; a transaction without one sends nothing at all. */
  control(command: TransactionCommand): Result | Promise<Result> {
    const { kind } = command
    if (kind === 'begin') {
      this.#beginWaiting = command
      return { columns: [], rows: [], affected: null, command: 'BEGIN' }
    }
    if (this.#beginWaiting !== undefined && (kind === 'commit' || kind === 'rollback')) {
      this.#beginWaiting = undefined
      return { columns: [], rows: [], affected: null, command: kind.toUpperCase() }
    }
    return this.execute(ownRequest(textOf(command)))
  }

  /** Settings go, statements stay: core's cache keeps its handles. */
  async reset(): Promise<void> {
    const statements = ['reset all', 'unlisten *', 'select pg_catalog.pg_advisory_unlock_all()']
    await Promise.all(statements.map((sql) => this.execute(ownRequest(sql))))
  }

  async close(): Promise<void> {
    for (const { closed } of [...this.#closing.splice(0), ...this.#toClose.splice(0)]) closed()
    await this.#wire.terminate()
  }

  /** The socket is gone: every call in flight ends with it. */
  lost(error: unknown): void {
    for (const call of this.#inFlight.splice(0)) call.lose(error)
    this.#context.onClosed(error)
  }
}

/** A call of the driver's own, by the simple protocol. */
function own(sql: string): InFlight {
  return new InFlight(ownRequest(sql), undefined, false)
}

/** Calls at once; a throw becomes a rejection. */
async function attempt<T>(call: () => Promise<T>): Promise<T> {
  return call()
}

function settled(work: Promise<unknown> | InFlight): Promise<unknown> {
  const answer = work instanceof InFlight ? work.answer : work
  return answer.catch(() => undefined)
}
