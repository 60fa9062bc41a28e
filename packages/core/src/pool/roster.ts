import { type Connection, isPromise, type MaybePromise } from '../contract/index.ts'
import { lifetimeMs } from './backoff.ts'
import { bounded } from './bounded.ts'
import { type ConnectionLink, type ConnectPlan, prepare } from './connect.ts'
import { connectFailure } from './connect-failure.ts'
import { IdleConnections } from './idle-connections.ts'
import { type CloseReason, type Member, type Need, needOf, readyUntil } from './member.ts'
import type { PoolOptions } from './options.ts'
import { plainRequest } from './plain-request.ts'
import { Upkeep } from './upkeep.ts'

/** What the roster tells the pool. */
export interface RosterHost<S> {
  /** A connection is in order and nobody has it. */
  ready(member: Member<S>, now: number): void
  /** A connection left; `error` ended it, if something did. */
  left(member: Member<S>, reason: CloseReason, error: unknown): void
  /** A place is free. */
  freed(): void
}

/**
 * The open connections of a pool, and the care for those that nobody holds: pings, resets,
 * replacement, closing.
 */
export class Roster<S> {
  readonly #plan: ConnectPlan<S>
  readonly #options: PoolOptions
  readonly #random: () => number
  readonly #host: RosterHost<S>
  readonly #members = new Set<Member<S>>()
  readonly #idle = new IdleConnections<S>()
  readonly #upkeep: Upkeep<S>
  #busy = 0
  #ending = 0
  #closing = false

  constructor(
    plan: ConnectPlan<S>,
    options: PoolOptions,
    random: () => number,
    host: RosterHost<S>,
  ) {
    this.#plan = plan
    this.#options = options
    this.#random = random
    this.#host = host
    this.#upkeep = new Upkeep(plan.clock, options, this.#idle, {
      spare: () => this.#members.size > options.minIdle,
      care: (member, need) => {
        this.#idle.remove(member)
        this.#care(member, need)
      },
    })
  }

  /** Every open connection. */
  get members(): Iterable<Member<S>> & { readonly size: number } {
    return this.#members
  }

  /** Those that are ready; to be taken from the top with `take`. */
  get idle(): number {
    return this.#idle.length
  }

  /** Those that are pinged or reset, and will be ready soon. */
  get busy(): number {
    return this.#busy
  }

  /** What is closing or was given up, until it has ended. */
  get ending(): number {
    return this.#ending
  }

  /** Whether nothing is open and nothing is ending. */
  get empty(): boolean {
    return this.#members.size + this.#ending === 0
  }

  /** The idle connection to lend next, if it may be lent without a look. */
  take(now: number): Member<S> | undefined {
    const top = this.#idle.top
    return top !== undefined && now < top.readyUntil ? this.#idle.pop() : undefined
  }

  /**
   * Takes an idle connection and does what it needs: one that needs nothing, or whose ping is
   * answered, is reported ready. Answers whether there was one.
   */
  rouse(): boolean {
    const member = this.#idle.pop()
    if (member === undefined) return false
    const now = this.#plan.clock.now()
    const need = needOf(member, this.#options, now, false)
    if (need === 'nothing') this.#host.ready(member, now)
    else this.#care(member, need)
    return true
  }

  /** A new connection. It belongs to nobody yet. */
  add(connection: Connection, link: ConnectionLink, session: S): Member<S> {
    const now = this.#plan.clock.now()
    const member: Member<S> = {
      connection,
      session,
      openedAt: now,
      expiresAt: now + lifetimeMs(this.#options.maxLifetimeMs, this.#random()),
      state: 'busy',
      aliveAt: now,
      idleSince: now,
      readyUntil: now,
      referenced: true,
      lost: false,
      heldSince: now,
      heldStack: undefined,
      leakReported: false,
    }
    link.onLost = (error) => this.#lost(member, error)
    this.#members.add(member)
    return member
  }

  /** Keeps a connection ready that nobody waits for. */
  park(member: Member<S>): void {
    member.state = 'idle'
    member.readyUntil = readyUntil(member, this.#options)
    if (member.referenced) {
      member.referenced = false
      member.connection.unref?.()
    }
    this.#idle.add(member)
    this.#upkeep.parked(member)
  }

  /** Resets a connection and reports it ready; closes it where that is impossible or fails. */
  reset(member: Member<S>): void {
    const { connection } = member
    if (connection.reset === undefined) {
      this.remove(member, 'discarded')
      return
    }
    this.#repair(member, 'reset_failed', () => {
      const resetting = connection.reset?.()
      if (!isPromise(resetting)) return prepare(connection, this.#plan)
      return resetting.then(() => prepare(connection, this.#plan))
    })
  }

  /** Takes a connection out for good and closes it. */
  remove(member: Member<S>, reason: CloseReason, error?: unknown): void {
    if (member.state === 'idle') this.#idle.remove(member)
    member.state = 'gone'
    this.#members.delete(member)
    const { connection } = member
    // Whoever awaits the end of the pool must not find the process ended by its own idle sockets.
    if (reason === 'pool_closed') connection.ref?.()
    const known =
      error === undefined ? undefined : connectFailure(this.#plan.adapter, error).error()
    this.#host.left(member, reason, known)
    this.end(() => connection.close())
  }

  /**
   * Something is ending that still counts as a connection: its place is free when it has ended, or
   * has been given `connectTimeoutMs` to do so.
   */
  end(work: () => MaybePromise<unknown>): void {
    this.#ending++
    const ended = (): void => {
      this.#ending--
      this.#host.freed()
    }
    bounded(this.#plan.clock, this.#options.connectTimeoutMs, work, ended, this.#closing)
  }

  /** Closes what is idle; from now on everything is closed when it comes back. */
  close(): void {
    this.#closing = true
    this.#upkeep.stop()
    for (const member of this.#idle) this.remove(member, 'pool_closed')
  }

  /** Closes everything, whoever holds it. */
  cut(): void {
    for (const member of [...this.#members]) this.remove(member, 'pool_closed')
  }

  #lost(member: Member<S>, error: unknown): void {
    if (member.state === 'gone') return
    member.lost = true
    if (member.state === 'idle') this.remove(member, 'lost', error)
  }

  #care(member: Member<S>, need: Exclude<Need, 'nothing'>): void {
    if (need === 'expire') this.remove(member, 'expired')
    else if (need === 'reap') this.remove(member, 'idle')
    else this.#ping(member)
  }

  #ping(member: Member<S>): void {
    const { connection } = member
    this.#repair(member, 'ping_failed', () =>
      connection.ping === undefined
        ? connection.execute(plainRequest(this.#plan.adapter.dialect.ping))
        : connection.ping(),
    )
  }

  /** Does something to a connection within `connectTimeoutMs`, then reports it ready, or closes it. */
  #repair(member: Member<S>, failed: CloseReason, work: () => MaybePromise<unknown>): void {
    member.state = 'busy'
    this.#busy++
    bounded(this.#plan.clock, this.#options.connectTimeoutMs, work, (outcome) => {
      this.#busy--
      if (member.state === 'gone') return
      if (this.#closing) this.remove(member, 'pool_closed')
      else if (outcome.kind === 'failed') this.remove(member, failed, outcome.error)
      else if (outcome.kind === 'late') this.remove(member, failed)
      else if (member.lost) this.remove(member, 'lost')
      else {
        const now = this.#plan.clock.now()
        member.aliveAt = now
        this.#host.ready(member, now)
      }
    })
  }
}
