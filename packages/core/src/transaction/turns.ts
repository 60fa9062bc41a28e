import { AsyncLocalStorage } from 'node:async_hooks'
import { isPromise, type MaybePromise } from '../contract/index.ts'
import { TimeoutError } from '../errors/index.ts'
import { type Queued, systemClock, WaiterQueue } from '../pool/index.ts'
import { aborted, type Limits, msLeft, throwIfAborted } from '../query/index.ts'

/**
 * What a turn is for: a call, the connection to itself, or a call that cleans up and is never
 * refused.
 */
type Turn = 'call' | 'alone' | 'clean-up'

/** One call that waits for its turn. */
class Waiting implements Queued<Waiting> {
  queuedIn: object | undefined = undefined
  previous: Waiting | undefined = undefined
  next: Waiting | undefined = undefined
  readonly turn: Turn
  /** Whether it has a deadline of its own. */
  readonly limited: boolean
  readonly start: () => void
  /** Ends the wait. The error is made where the caller waits, so that its stack is the caller's. */
  readonly refuse: (error: () => unknown) => void

  constructor(turn: Turn, limited: boolean, start: () => void, refuse: Waiting['refuse']) {
    this.turn = turn
    this.limited = limited
    this.start = start
    this.refuse = refuse
  }
}

/** Why a wait ended without its turn. */
class Refused {
  readonly error: () => unknown

  constructor(error: () => unknown) {
    this.error = error
  }
}

/**
 * Who may use one connection, and when: calls start in the order they were made, as many at a time
 * as the driver pipelines; now and then somebody has it alone.
 */
export class Turns {
  readonly #limit: number
  readonly #timeoutMs: number
  readonly #around: Turns | undefined
  readonly #waiting = new WaiterQueue<Waiting>()
  #inFlight = 0
  #holds = 0
  #taken = false
  #starting = false
  #refusing = false
  /** Rises with every answer here and within. */
  #answers = 0
  #watch: unknown
  #whenStill: (() => void)[] = []
  #whenQuiet: (() => void)[] = []

  /**
   * @param limit most calls in flight
   * @param timeoutMs how long calls without a deadline wait while nothing is answered
   * @param around the turns whose connection these are taken from
   */
  constructor(limit: number, timeoutMs: number, around: Turns | undefined) {
    this.#limit = limit
    this.#timeoutMs = timeoutMs
    this.#around = around
  }

  get inFlight(): number {
    return this.#inFlight
  }

  /** Runs `work` in its turn: at once, and synchronously, where nothing is before it. */
  run<T>(work: () => MaybePromise<T>, limits: Limits): MaybePromise<T> {
    return this.#run('call', work, limits)
  }

  /** As `run`, for what cleans up: whatever is refused, this is not, and it waits for ever. */
  runLast<T>(work: () => MaybePromise<T>): MaybePromise<T> {
    return this.#run('clean-up', work, unlimited)
  }

  /**
   * Takes the connection when nothing is in flight any more. Nobody else has a turn until the
   * function is called that it gives.
   */
  take(limits: Limits): MaybePromise<() => void> {
    if (this.#waiting.length === 0 && this.#isFree('alone')) return this.#take()
    return this.#inTurn('alone', () => this.#take(), limits)
  }

  /** Takes the connection back from whoever took it, and will not be back himself. */
  takeBack(): void {
    this.#taken = false
    this.#next()
  }

  /** Counts as a call in flight beside which nothing is sent; the function ends it. */
  hold(): () => void {
    this.#inFlight++
    this.#holds++
    let held = true
    return () => {
      if (!held) return
      held = false
      this.#holds--
      this.#ended()
    }
  }

  /** Ends every wait, once the caller of what failed knows of it: he is the first to. */
  refuseBehind(error: () => unknown): void {
    this.#refusing = true
    // When every promise that can continue has done so.
    process.nextTick(() => {
      this.refuse(error)
      this.#refusing = false
      this.#next()
    })
  }

  /** Ends every wait. */
  refuse(error: () => unknown): void {
    this.#refuseWhere((waiting) => waiting.turn !== 'clean-up', error)
  }

  /** Resolves when nothing is in flight. */
  async still(): Promise<void> {
    if (this.#inFlight > 0) await new Promise<void>((resolve) => this.#whenStill.push(resolve))
  }

  /** Resolves when nothing is in flight, nobody waits and nobody has taken the connection. */
  async quiet(): Promise<void> {
    if (!this.#isQuiet()) await new Promise<void>((resolve) => this.#whenQuiet.push(resolve))
  }

  /** Leaves no timer behind. */
  end(): void {
    systemClock.clearTimeout(this.#watch)
    this.#watch = undefined
  }

  #isFree(turn: Turn): boolean {
    if (this.#taken || this.#holds > 0) return false
    return turn === 'alone' ? this.#inFlight === 0 : this.#inFlight < this.#limit
  }

  #isQuiet(): boolean {
    return this.#inFlight === 0 && this.#waiting.length === 0 && !this.#taken
  }

  #take(): () => void {
    this.#taken = true
    return () => {
      this.#taken = false
      this.#next()
    }
  }

  #run<T>(turn: Turn, work: () => MaybePromise<T>, limits: Limits): MaybePromise<T> {
    if (this.#waiting.length === 0 && this.#isFree(turn)) return this.#start(work)
    return this.#inTurn(turn, () => this.#start(work), limits)
  }

  #start<T>(work: () => MaybePromise<T>): MaybePromise<T> {
    this.#inFlight++
    let result: MaybePromise<T>
    try {
      result = work()
    } catch (error) {
      this.#ended()
      throw error
    }
    if (isPromise(result)) return this.#settle(result)
    this.#ended()
    return result
  }

  async #settle<T>(pending: Promise<T>): Promise<T> {
    try {
      return await pending
    } finally {
      this.#ended()
    }
  }

  #ended(): void {
    this.#inFlight--
    this.#progressed()
    this.#next()
  }

  #refuseWhere(which: (waiting: Waiting) => boolean, error: () => unknown): void {
    for (let each = this.#waiting.first; each !== undefined; ) {
      const { next } = each
      if (which(each) && this.#waiting.remove(each)) each.refuse(error)
      each = next
    }
  }

  #progressed(): void {
    this.#answers++
    if (this.#around !== undefined) this.#around.#progressed()
  }

  /** Starts what can start now, in order, and wakes who waits for nothing to be left. */
  #next(): void {
    // A call that is answered at once comes back here; the loop around it goes on.
    if (this.#starting || this.#refusing) return
    this.#starting = true
    for (let head = this.#waiting.first; head !== undefined; head = this.#waiting.first) {
      if (!this.#isFree(head.turn)) break
      this.#waiting.remove(head)
      head.start()
    }
    this.#starting = false
    if (this.#whenStill.length > 0 && this.#inFlight === 0) wake(this.#whenStill)
    if (this.#whenQuiet.length > 0 && this.#isQuiet()) wake(this.#whenQuiet)
  }

  async #inTurn<T>(turn: Turn, start: () => MaybePromise<T>, limits: Limits): Promise<T> {
    const { signal } = limits
    throwIfAborted(signal)
    // Whoever frees the connection starts this call, but it belongs to its own caller's context.
    const inContext = AsyncLocalStorage.bind(start)
    const leftMs = msLeft(limits)
    try {
      return await new Promise<T>((resolve, reject) => {
        const end = (): void => {
          systemClock.clearTimeout(timer)
          signal?.removeEventListener('abort', onAbort)
        }
        const leave = (error: () => unknown): void => {
          this.#waiting.remove(waiting)
          waiting.refuse(error)
          this.#next()
        }
        const waiting = new Waiting(
          turn,
          limits.deadline !== undefined,
          () => {
            end()
            try {
              resolve(inContext())
            } catch (error) {
              reject(error)
            }
          },
          (error) => {
            end()
            reject(new Refused(error))
          },
        )
        const onAbort = (): void => leave(() => aborted(signal as AbortSignal))
        signal?.addEventListener('abort', onAbort, { once: true })
        const timer =
          leftMs === Number.POSITIVE_INFINITY
            ? undefined
            : systemClock.setTimeout(() => leave(() => late('its timeoutMs')), leftMs, true)
        this.#waiting.push(waiting)
        this.#watchProgress()
      })
    } catch (error) {
      throw error instanceof Refused ? error.error() : error
    }
  }

  /** Ends the waits of calls without a deadline when nothing was answered for so long. */
  #watchProgress(): void {
    if (this.#watch !== undefined || this.#timeoutMs === Number.POSITIVE_INFINITY) return
    const answers = this.#answers
    this.#watch = systemClock.setTimeout(
      () => {
        this.#watch = undefined
        const limit = `timeoutMs (${this.#timeoutMs})`
        if (this.#answers === answers) {
          this.#refuseWhere(
            ({ limited }) => !limited,
            () => late(limit),
          )
        }
        this.#next()
        if (this.#waiting.length > 0) this.#watchProgress()
      },
      this.#timeoutMs,
      true,
    )
  }
}

const unlimited: Limits = Object.freeze({
  signal: undefined,
  deadline: Number.POSITIVE_INFINITY,
})

function late(limit: string): TimeoutError {
  return new TimeoutError(
    'queue',
    `the call was not sent: ${limit} was over while it waited for its turn on the connection that its scope holds, behind a nested transaction, a stream or other calls`,
  )
}

function wake(waiters: (() => void)[]): void {
  for (const resolve of waiters.splice(0)) resolve()
}
