import { type Channel, checkin, type SessionLease } from '../query/index.ts'

/**
 * The channel of statements outside any scope: one, or several that share a connection whose driver
 * sends without waiting. The last one to end gives the connection back.
 */
export class SingleCalls implements Channel {
  readonly lease: SessionLease
  readonly expected = 'idle'
  readonly failed = false
  readonly failure = undefined
  readonly #ended: (calls: SingleCalls) => void
  #inFlight = 0
  #holds = 0
  #first = true

  /** `ended` is told of each call that ends. */
  constructor(lease: SessionLease, ended: (calls: SingleCalls) => void) {
    this.lease = lease
    this.#ended = ended
  }

  get inFlight(): number {
    return this.#inFlight
  }

  get first(): boolean {
    const first = this.#first
    this.#first = false
    return first
  }

  /** Whether a call that was given up has not ended yet, so that its cancel may still be under way. */
  get held(): boolean {
    return this.#holds > 0
  }

  /** One call more; the function ends it. */
  hold(): () => void {
    this.#holds++
    this.begin()
    return () => {
      this.#holds--
      this.done()
    }
  }

  begin(): void {
    this.#inFlight++
  }

  done(): void {
    this.#inFlight--
    this.#ended(this)
    if (this.#inFlight === 0) checkin(this.lease)
  }

  statementFailed(): void {
    const { connection, session } = this.lease
    const status = connection.transactionStatus
    if (status !== undefined && status !== 'idle') session.broken = true
  }
}
