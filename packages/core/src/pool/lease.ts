import type { Connection } from '../contract/index.ts'
import { MisuseError } from '../errors/index.ts'
import type { Member } from './member.ts'

/**
 * What the borrower knows about the session it gives back.
 *
 * - `clean`: as it was lent.
 * - `reset`: changed, or perhaps changed: reset before it is lent again, closed where the driver
 *   cannot.
 * - `discard`: closed.
 */
export type Fate = 'clean' | 'reset' | 'discard'

/**
 * The right to use one connection, until `checkin`. After that every use throws: two borrowers
 * never share a connection because one of them forgot that it had given it back.
 */
export class Lease<S> {
  #member: Member<S> | undefined
  readonly #giveBack: (member: Member<S>, fate: Fate) => void
  /** How long the borrower waited, in milliseconds. */
  readonly queueMs: number
  /** How long the connection was unused before, in milliseconds. */
  readonly idleMs: number

  /** Made by the pool alone. */
  constructor(
    member: Member<S>,
    giveBack: (member: Member<S>, fate: Fate) => void,
    queueMs: number,
  ) {
    this.#member = member
    this.#giveBack = giveBack
    this.queueMs = queueMs
    this.idleMs = member.heldSince - member.idleSince
  }

  /** The lent connection. Throws a `MisuseError` `LEASE_ENDED` after `checkin`. */
  get connection(): Connection {
    const member = this.#member
    if (member === undefined) throw ended('use its connection')
    return member.connection
  }

  /** What the layers above keep with the connection. Throws like `connection`. */
  get session(): S {
    const member = this.#member
    if (member === undefined) throw ended('use its session')
    return member.session
  }

  /** Whether it was given back. */
  get ended(): boolean {
    return this.#member === undefined
  }

  /**
   * Whether the connection was closed under the lease: the session ended unasked, or the pool was
   * closed and its patience with it. It must still be given back.
   */
  get lost(): boolean {
    const member = this.#member
    return member !== undefined && (member.lost || member.state === 'gone')
  }

  /**
   * Gives the connection back. Once only.
   *
   * @throws MisuseError `LEASE_ENDED` the second time; the connection is not touched.
   */
  checkin(fate: Fate): void {
    const member = this.#member
    if (member === undefined) throw ended('give it back again')
    this.#member = undefined
    this.#giveBack(member, fate)
  }
}

function ended(use: string): MisuseError {
  return new MisuseError(
    'LEASE_ENDED',
    `the lease has ended, so nobody can ${use}: the connection may be somebody else's by now. Check out a connection of your own.`,
  )
}
