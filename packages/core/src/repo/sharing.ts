import type { Pool } from '../pool/index.ts'
import type { Session, SessionLease } from '../query/index.ts'
import { SingleCalls } from './single-calls.ts'

/** Most calls on one shared connection: beyond it a slow one holds up too many. */
const mostCalls = 16

/**
 * The connections of a pool that single statements use together, where the driver sends without
 * waiting. A connection that a scope holds is never among them.
 */
export class Sharing {
  readonly #pool: Pool<Session>
  readonly #limit: number
  readonly #byLease = new Map<SessionLease, SingleCalls>()

  /** `pipelining`: most calls in flight that the manifest allows. 1 shares nothing. */
  constructor(pool: Pool<Session>, pipelining: number) {
    this.#pool = pool
    this.#limit = Math.min(pipelining, mostCalls)
  }

  /** A connection for a call that shares, with the call counted; undefined where it must wait. */
  join(): SingleCalls | undefined {
    if (this.#limit === 1 || this.#pool.waiting > 0) return undefined
    let least: SingleCalls | undefined
    for (const calls of this.#byLease.values()) {
      if (calls.inFlight < (least?.inFlight ?? this.#limit) && isFit(calls)) least = calls
    }
    least?.begin()
    return least
  }

  /** Waits for a connection, whole or shared, within a deadline; the call is counted. */
  async wait(deadline: number | undefined): Promise<SingleCalls> {
    const lease = await this.#pool.checkout({ deadline, shared: this.#limit > 1 })
    // Who let us in has counted us.
    return this.#byLease.get(lease) ?? this.lent(lease)
  }

  /** The calls of a connection that was just lent, with one counted; others may join. */
  lent(lease: SessionLease): SingleCalls {
    if (this.#limit === 1) return alone(lease)
    const calls: SingleCalls = new SingleCalls(lease, this.#ended)
    calls.begin()
    this.#byLease.set(lease, calls)
    this.#letIn(calls)
    return calls
  }

  readonly #ended = (calls: SingleCalls): void => {
    if (calls.inFlight === 0) this.#byLease.delete(calls.lease)
    else this.#letIn(calls)
  }

  /** Lets in who waits, in order, as far as there is room. */
  #letIn(calls: SingleCalls): void {
    if (this.#pool.waiting === 0 || !isFit(calls)) return
    const served = this.#pool.share(calls.lease, this.#limit - calls.inFlight)
    for (let i = 0; i < served; i++) calls.begin()
  }
}

/** The calls of a connection that nobody joins, with one counted. */
export function alone(lease: SessionLease): SingleCalls {
  const calls = new SingleCalls(lease, () => {})
  calls.begin()
  return calls
}

function isFit({ lease, held }: SingleCalls): boolean {
  const { broken, changed, worn } = lease.session
  return !held && !broken && !changed && !worn && !lease.lost
}
