import { channel, type Channel as Diagnostics } from 'node:diagnostics_channel'

/** What `mortise:query` says of one statement, script, batch or stream. Durations are milliseconds; values never appear. */
export interface QueryEvent {
  readonly adapter: string
  readonly sql: string
  readonly parameterCount: number
  /** Waiting for a connection; undefined inside a lease. */
  readonly queueMs: number | undefined
  /** From sending to the whole answer; of a stream, the time spent waiting for its rows. */
  readonly queryMs: number
  /** Building the rows. */
  readonly decodeMs: number
  /** How long the connection was unused before; undefined inside a lease. */
  readonly idleMs: number | undefined
  readonly rowCount: number
  readonly affected: number | null
  readonly cached: boolean
  readonly error: unknown
}

type OtherEvent = Pick<QueryEvent, 'adapter' | 'sql' | 'parameterCount' | 'queryMs'> &
  Partial<QueryEvent>

/** What `mortise:transaction` says when a transaction or savepoint begins or ends. */
export interface TransactionEvent {
  readonly adapter: string
  readonly event: 'begin' | 'commit' | 'rollback'
  /** 0 for a transaction, 1 and up for savepoints. */
  readonly depth: number
  /** From begin to end. */
  readonly durationMs: number | undefined
  readonly error: unknown
}

/** What `mortise:pool` says. */
export interface PoolEvent {
  readonly adapter: string
  readonly event: string
  readonly [detail: string]: unknown
}

type Sink = (kind: 'query' | 'transaction' | 'pool', event: object) => void

/** The channels and the log of one repo. It costs a property read where nobody listens. */
export class Telemetry {
  readonly #query: Diagnostics = channel('mortise:query')
  readonly #transaction: Diagnostics = channel('mortise:transaction')
  readonly #pool: Diagnostics = channel('mortise:pool')
  readonly #log: Sink | undefined

  constructor(log: Sink | undefined) {
    this.#log = log
  }

  /** Whether statements need to be timed. */
  get watchesQueries(): boolean {
    return this.#log !== undefined || this.#query.hasSubscribers
  }

  query(event: QueryEvent): void {
    this.#log?.('query', event)
    if (this.#query.hasSubscribers) this.#query.publish(event)
  }

  /** Tells of what is no plain query: a script, a driver's batch (its texts as one), a stream. */
  other(event: OtherEvent): void {
    this.query({
      queueMs: undefined,
      decodeMs: 0,
      idleMs: undefined,
      rowCount: 0,
      affected: null,
      cached: false,
      error: undefined,
      ...event,
    })
  }

  get watchesTransactions(): boolean {
    return this.#log !== undefined || this.#transaction.hasSubscribers
  }

  transaction(event: TransactionEvent): void {
    this.#log?.('transaction', event)
    if (this.#transaction.hasSubscribers) this.#transaction.publish(event)
  }

  pool(event: PoolEvent): void {
    this.#log?.('pool', event)
    if (this.#pool.hasSubscribers) this.#pool.publish(event)
  }
}
