import type { Clock } from '../src/pool/clock.ts'

interface FakeTimer {
  readonly dueAt: number
  readonly sequence: number
  readonly callback: () => void
  readonly keepAlive: boolean
  live: boolean
}

/**
 * Time that moves only when the test says so.
 *
 * `advance` fires the due timers in order and lets everything that follows from each of them (every
 * microtask) happen before the next; `advanceSync` fires them without a pause.
 */
export class FakeClock implements Clock {
  #now: number
  #sequence = 0
  #live = 0
  readonly #heap: FakeTimer[] = []

  constructor(startMs = 1_000) {
    this.#now = startMs
  }

  now(): number {
    return this.#now
  }

  setTimeout(callback: () => void, delayMs: number, keepAlive = false): unknown {
    const dueAt = this.#now + Math.max(0, delayMs)
    const timer = { dueAt, sequence: this.#sequence++, callback, keepAlive, live: true }
    push(this.#heap, timer)
    this.#live++
    return timer
  }

  clearTimeout(handle: unknown): void {
    const timer = handle as FakeTimer | undefined
    if (timer?.live !== true) return
    timer.live = false
    this.#live--
  }

  /** How many timers are set. A test of clean-up expects 0. */
  get pending(): number {
    return this.#live
  }

  /** How many of them would keep a process alive. */
  get pendingKeepAlive(): number {
    return this.#heap.filter((timer) => timer.live && timer.keepAlive).length
  }

  /** Moves time, firing what falls due in order, with all its consequences. */
  async advance(byMs: number): Promise<void> {
    const end = this.#now + byMs
    await flush()
    while (this.#fireNext(end)) await flush()
    this.#now = end
  }

  /** Moves time and fires what falls due, but lets no promise continue in between. */
  advanceSync(byMs: number): void {
    const end = this.#now + byMs
    while (this.#fireNext(end)) {
      // Each call fires one timer, which may set another.
    }
    this.#now = end
  }

  /** Moves time and fires nothing: the event loop was blocked. What fell due fires next. */
  block(forMs: number): void {
    this.#now += forMs
  }

  #fireNext(end: number): boolean {
    const timer = this.#next()
    if (timer === undefined || timer.dueAt > end) return false
    pop(this.#heap)
    timer.live = false
    this.#live--
    this.#now = Math.max(this.#now, timer.dueAt)
    timer.callback()
    return true
  }

  #next(): FakeTimer | undefined {
    while (this.#heap.length > 0 && this.#heap[0]?.live === false) pop(this.#heap)
    return this.#heap[0]
  }
}

/** Lets every promise that can continue do so, however long the chain. */
export function flush(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

function before(a: FakeTimer, b: FakeTimer): boolean {
  return a.dueAt < b.dueAt || (a.dueAt === b.dueAt && a.sequence < b.sequence)
}

function push(heap: FakeTimer[], timer: FakeTimer): void {
  let index = heap.length
  heap.push(timer)
  while (index > 0) {
    const parent = (index - 1) >> 1
    const above = heap[parent] as FakeTimer
    if (!before(timer, above)) break
    heap[index] = above
    index = parent
  }
  heap[index] = timer
}

function pop(heap: FakeTimer[]): void {
  const last = heap.pop()
  if (last === undefined || heap.length === 0) return
  let index = 0
  for (;;) {
    let child = 2 * index + 1
    if (child >= heap.length) break
    if (child + 1 < heap.length && before(heap[child + 1] as FakeTimer, heap[child] as FakeTimer)) {
      child++
    }
    const below = heap[child] as FakeTimer
    if (!before(below, last)) break
    heap[index] = below
    index = child
  }
  heap[index] = last
}
