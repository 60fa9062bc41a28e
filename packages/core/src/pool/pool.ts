import type { Adapter, Connection, MaybePromise } from '../contract/index.ts'
import { type Clock, systemClock } from './clock.ts'
import { Closing } from './closing.ts'
import type { ConnectionLink } from './connect.ts'
import type { ConnectFailure } from './connect-failure.ts'
import { type PoolEvents, tell } from './events.ts'
import { type CapturedStack, captureStack } from './held-stack.ts'
import { holdersOf, LeakWatch, longestHeldMs } from './holders.ts'
import { type Fate, Lease } from './lease.ts'
import type { Member } from './member.ts'
import { abandoned, Openings } from './openings.ts'
import { optionsFor, type PoolOptions, type PoolRole } from './options.ts'
import { aborted, closed, deadlinePassed, drainTimeout, type Situation } from './refusals.ts'
import { Roster } from './roster.ts'
import type { Wait } from './waiter.ts'
import { WaitingLine } from './waiting-line.ts'

/** How a pool is made. */
export interface PoolConfig<S> {
  readonly adapter: Adapter
  readonly role: PoolRole
  /** Made by `parsePoolOptions`; narrowed to what the adapter's topology leaves room for. */
  readonly options: PoolOptions
  /** Default: real time. */
  readonly clock?: Clock | undefined
  /** A number from 0 up to 1, for jitter and sampling. Default `Math.random`. */
  readonly random?: (() => number) | undefined
  readonly events?: PoolEvents<S> | undefined
  /** Makes what the layers above keep with a connection, once for each. A throw fails the connect. */
  readonly openSession: (connection: Connection) => S
}

/** The gauges of a pool. */
export interface PoolStats {
  /** Open connections. */
  readonly size: number
  /** Ready to be lent. */
  readonly idle: number
  /** Lent, or being reset or pinged: `size` less `idle`. */
  readonly inUse: number
  /** Callers in the queue. */
  readonly waiting: number
}

/**
 * Lends connections: never more than `size`, never one to two borrowers, to whoever came first.
 *
 * An idle connection is lent at once, the one used last first. Otherwise the caller waits, and a
 * connection that comes back goes straight to the first waiter. Every wait is bounded by the
 * caller's deadline and signal, `maxQueueLength`, `maxQueueWaitMs` and, under a standing overload,
 * by the queue's delay.
 */
export class Pool<S> {
  readonly #options: PoolOptions
  readonly #clock: Clock
  readonly #random: () => number
  readonly #events: PoolEvents<S> | undefined
  readonly #roster: Roster<S>
  readonly #line: WaitingLine<Lease<S>>
  readonly #openings: Openings<S>
  readonly #leaks: LeakWatch
  #closing: Closing | undefined

  constructor(config: PoolConfig<S>) {
    const { adapter, role, openSession } = config
    const options = optionsFor(config.options, adapter.topology, role)
    const clock = config.clock ?? systemClock
    const random = config.random ?? Math.random
    const events = config.events
    const plan = {
      adapter,
      role,
      options,
      clock,
      openSession,
      onNotice: (notice: Parameters<NonNullable<PoolEvents['notice']>>[0]) =>
        tell(events, (listener) => listener.notice?.(notice)),
    }
    this.#options = options
    this.#clock = clock
    this.#random = random
    this.#events = events
    this.#roster = new Roster(plan, options, random, {
      ready: (member, now) => this.#offer(member, now),
      left: ({ connection, session, openedAt }, reason, error) => {
        const openMs = clock.now() - openedAt
        tell(events, (listener) =>
          listener.closed?.({ connection, session, reason, error, openMs }),
        )
      },
      freed: () => this.#advance(),
    })
    this.#line = new WaitingLine(clock, options, {
      situation: (now) => this.#situation(now),
      shed: (waitedMs) =>
        tell(events, (listener) => listener.shed?.({ waitedMs, waiting: this.#line.length })),
      starved: (stalledMs) => this.#starved(stalledMs),
    })
    this.#openings = new Openings(plan, options, random, {
      wanted: () => this.#wanted(),
      opened: (connection, link, session, ms) => this.#opened(connection, link, session, ms),
      failed: (failure, failures, retryInMs) => this.#failed(failure, failures, retryInMs),
      ending: (work) => this.#roster.end(work),
      retry: () => this.#advance(),
    })
    this.#leaks = new LeakWatch(clock, options.leakThresholdMs, this.#roster.members, (report) =>
      tell(events, (listener) => listener.leak?.(report)),
    )
    if (options.minIdle > 0) this.#advance()
  }

  /** The options in force. */
  get options(): PoolOptions {
    return this.#options
  }

  /**
   * A lease, if a connection is ready and nobody waits; else undefined, and `checkout` knows why.
   * Never waits, never calls the driver but for `ref`.
   */
  tryCheckout(): Lease<S> | undefined {
    if (this.#line.length > 0) return undefined
    const now = this.#clock.now()
    const member = this.#roster.take(now)
    if (member === undefined) return undefined
    return this.#lend(member, now, 0, this.#sampled() ? captureStack(this.tryCheckout) : undefined)
  }

  /**
   * A lease: at once if a connection is ready or a synchronous adapter opens one, else when the
   * caller's turn comes.
   *
   * @throws PoolError, TimeoutError with phase `queue`, AbortError; the error of the connect when
   * there is no connection and none can be opened. The deadline goes before everything else.
   */
  checkout(wait: Wait = {}): MaybePromise<Lease<S>> {
    const now = this.#clock.now()
    if (wait.deadline !== undefined && wait.deadline <= now) {
      throw deadlinePassed(this.#options, this.#situation(now), 0)
    }
    if (wait.signal?.aborted === true) throw aborted(wait.signal)
    if (this.#closing !== undefined) throw closed()
    const stack = this.#sampled() ? captureStack(this.checkout) : undefined
    const member = this.#line.length === 0 ? this.#roster.take(now) : undefined
    if (member !== undefined) return this.#lend(member, now, 0, stack)
    const waiter = this.#line.join(now, wait, stack)
    this.#advance()
    return this.#line.answer(waiter)
  }

  /**
   * Serves the callers at the head of the line who asked for `shared`, `room` of them at most, with
   * a lease that is held already: each gets this same lease, and the last of its users gives it
   * back. Stops at the first who wants a connection whole, so that nobody is overtaken.
   *
   * @returns how many were served
   */
  share(lease: Lease<S>, room: number): number {
    if (this.#line.length === 0 || lease.ended || lease.lost) return 0
    const now = this.#clock.now()
    let served = 0
    while (served < room) {
      const waiter = this.#line.next(now, true)
      if (waiter === undefined) break
      waiter.resolve(lease)
      served++
    }
    return served
  }

  /** Callers in the queue. */
  get waiting(): number {
    return this.#line.length
  }

  /** The gauges now. */
  stats(): PoolStats {
    const { members, idle } = this.#roster
    return { size: members.size, idle, inUse: members.size - idle, waiting: this.#line.length }
  }

  /**
   * Lends nothing any more, refuses who waits, closes what is idle, and waits until every lease has
   * ended and every connection is closed. May be called again, also meanwhile: all calls get the
   * same answer, the shortest limit counts.
   *
   * @param options `deadlineMs`: how long to wait for leases, instead of `drainTimeoutMs`
   * @throws PoolError `POOL_DRAIN_TIMEOUT`, as a rejection, when leases were still held then: their
   * connections were closed under their holders, whom the error names
   */
  close(options: { readonly deadlineMs?: number | undefined } = {}): Promise<void> {
    const begun = this.#closing
    const closing = begun ?? new Closing(this.#clock, (limitMs) => this.#cut(limitMs))
    this.#closing = closing
    if (begun === undefined) {
      this.#leaks.stop()
      this.#line.stop()
      this.#line.refuseAll(closed)
      this.#roster.close()
      this.#openings.stop({ lasting: true, error: closed })
      this.#advance()
    }
    closing.within(options.deadlineMs ?? this.#options.drainTimeoutMs)
    return closing.promise
  }

  #sampled(): boolean {
    const rate = this.#options.leakSampleRate
    return rate > 0 && this.#random() < rate
  }

  #situation(now: number): Situation {
    const { members, idle } = this.#roster
    return {
      inUse: members.size - idle,
      connecting: this.#openings.count,
      waiting: this.#line.length,
      longestHeldMs: longestHeldMs(members, now),
    }
  }

  #lend(
    member: Member<S>,
    now: number,
    queueMs: number,
    stack: CapturedStack | undefined,
  ): Lease<S> {
    member.state = 'leased'
    member.heldSince = now
    member.heldStack = stack
    if (!member.referenced) {
      member.referenced = true
      member.connection.ref?.()
    }
    this.#leaks.lent()
    return new Lease(member, this.#giveBack, queueMs)
  }

  readonly #giveBack = (member: Member<S>, fate: Fate): void => {
    member.heldStack = undefined
    member.leakReported = false
    // The pool's patience ended before the lease did.
    if (member.state === 'gone') return
    const now = this.#clock.now()
    this.#line.leaseEnded(now - member.heldSince, now)
    member.idleSince = now
    member.aliveAt = now
    const roster = this.#roster
    if (member.lost) roster.remove(member, 'lost')
    else if (fate === 'discard') roster.remove(member, 'discarded')
    else if (this.#closing !== undefined) roster.remove(member, 'pool_closed')
    else if (now >= member.expiresAt) roster.remove(member, 'expired')
    else if (fate === 'reset' || !this.#isClean(member.connection)) roster.reset(member)
    else this.#offer(member, now)
  }

  #isClean(connection: Connection): boolean {
    if (this.#options.resetOnCheckin === 'always') return false
    const status = connection.transactionStatus
    return status === undefined || status === 'idle'
  }

  /** Gives a connection that is in order to the first waiter, or keeps it ready. */
  #offer(member: Member<S>, now: number): void {
    const waiter = this.#line.next(now)
    if (waiter === undefined) this.#roster.park(member)
    else waiter.resolve(this.#lend(member, now, now - waiter.since, waiter.stack))
  }

  /** How many more connections are wanted than there are, attempts not counted. */
  #wanted(): number {
    if (this.#closing !== undefined) return 0
    const { busy, members } = this.#roster
    return Math.max(this.#line.length - busy, this.#options.minIdle - members.size)
  }

  /** Does whatever can be done now for those who wait. Called whenever something changed. */
  #advance(): void {
    const roster = this.#roster
    if (this.#closing !== undefined) {
      if (roster.empty && this.#openings.count === 0) this.#closing.finish()
      return
    }
    while (this.#line.length > roster.busy && roster.rouse()) {
      // Each turn takes one idle connection to a waiter, to a ping, or out of the pool.
    }
    const taken = roster.members.size + roster.ending + this.#openings.count
    this.#openings.start(this.#options.size - taken)
    const failure = this.#openings.standingFailure
    if (failure !== undefined) this.#refuseIfHopeless(failure)
    this.#line.watch()
  }

  #opened(connection: Connection, link: ConnectionLink, session: S, connectMs: number): void {
    const member = this.#roster.add(connection, link, session)
    tell(this.#events, (listener) => listener.opened?.({ connection, session, connectMs }))
    this.#offer(member, this.#clock.now())
    this.#advance()
  }

  #failed(failure: ConnectFailure, failures: number, retryInMs: number): void {
    if (failure !== abandoned && this.#closing === undefined) {
      tell(this.#events, (listener) =>
        listener.connectFailed?.({ error: failure.error(), failures, retryInMs }),
      )
    }
    this.#refuseIfHopeless(failure)
    this.#advance()
  }

  /** With no connection and no attempt left, nobody will be served: tells the waiters why. */
  #refuseIfHopeless(failure: ConnectFailure): void {
    if (this.#roster.members.size > 0 || this.#openings.count > 0) return
    this.#line.refuseAll(() => failure.error())
  }

  #starved(stalledMs: number): void {
    const holders = holdersOf(this.#roster.members, this.#clock.now())
    const waiting = this.#line.length
    tell(this.#events, (listener) => listener.starved?.({ waiting, stalledMs, holders }))
  }

  #cut(limitMs: number): void {
    const holders = holdersOf(this.#roster.members, this.#clock.now())
    if (holders.length > 0) this.#closing?.failWith(drainTimeout(limitMs, holders))
    this.#roster.cut()
    this.#advance()
  }
}
