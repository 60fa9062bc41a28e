import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  calm,
  isShed,
  onArrival,
  onCalm,
  onDelay,
  onServed,
  onShed,
  type QueueState,
  usualLeaseMs,
} from './queue-policy.ts'

const limits = { queueTargetMs: 50, queueIntervalMs: 2_000 }

function after(state: QueueState, arrived: number, served: number): QueueState {
  for (let i = 0; i < arrived; i++) state = onArrival(state)
  for (let i = 0; i < served; i++) state = onServed(state)
  return state
}

/** An overload: two halves of an interval, each of which left more waiting. */
function overload(): QueueState {
  let state = onDelay(calm, limits, 0, 60, 5)
  state = onDelay(after(state, 10, 5), limits, 1_000, 300, 5)
  return onDelay(after(state, 10, 5), limits, 2_000, 600, 5)
}

describe('the queue policy', () => {
  it('calls it an overload when the delay stayed and the queue grew for a whole interval', () => {
    expect(overload().overloaded).toBe(true)
  })

  it('waits the interval out', () => {
    let state = onDelay(calm, limits, 0, 60, 5)
    state = onDelay(after(state, 10, 5), limits, 1_000, 300, 5)
    state = onDelay(after(state, 10, 5), limits, 1_999, 600, 5)
    expect(state.overloaded).toBe(false)
  })

  it('forgives a queue that grew in one half and shrank in the other, whichever came first', () => {
    let early = onDelay(calm, limits, 0, 60, 5)
    early = onDelay(after(early, 10, 5), limits, 1_000, 300, 5)
    early = onDelay(after(early, 5, 10), limits, 2_000, 600, 5)
    expect(early.overloaded).toBe(false)

    let late = onDelay(calm, limits, 0, 60, 5)
    late = onDelay(after(late, 5, 10), limits, 1_000, 300, 5)
    late = onDelay(after(late, 10, 5), limits, 2_000, 600, 5)
    expect(late.overloaded).toBe(false)
  })

  it('starts over as soon as somebody waited less than the target', () => {
    expect(onDelay(overload(), limits, 2_010, 49, 5)).toBe(calm)
    expect(onDelay(overload(), limits, 2_010, 50, 5).overloaded).toBe(true)
  })

  it('is not fooled by a short delay that shedding made', () => {
    const shed = onShed(overload(), 2_005)
    expect(onDelay(shed, limits, 2_010, 10, 5).overloaded).toBe(true)
    expect(onDelay(onServed(shed), limits, 2_020, 10, 5).overloaded).toBe(true)
    expect(onDelay(onServed(shed), limits, 2_105, 10, 5)).toBe(calm)
  })

  it('goes on when the delay is back soon after shedding emptied the queue', () => {
    const empty = onCalm(onServed(onShed(overload(), 2_005)), limits, 2_010)
    expect(onDelay(empty, limits, 2_104, 60, 5).overloaded).toBe(true)
    expect(onDelay(empty, limits, 2_105, 60, 5).overloaded).toBe(false)
    expect(onCalm(overload(), limits, 2_010)).toBe(calm)
  })

  it('ends when the queue no longer grows', () => {
    const state = onDelay(after(overload(), 5, 5), limits, 3_000, 110, 5)
    expect(state.overloaded).toBe(false)
  })

  it('judges slow leases over as long as one takes, and not at all before one has ended', () => {
    let slow = onDelay(calm, limits, 0, 60, 3_000)
    slow = onDelay(after(slow, 90, 0), limits, 2_999, 2_000, 3_000)
    expect(slow.grew).toBe(false)
    slow = onDelay(slow, limits, 3_000, 2_000, 3_000)
    expect(slow.grew).toBe(true)

    let unknown = onDelay(calm, limits, 0, 60, undefined)
    unknown = onDelay(after(unknown, 90, 0), limits, 20_000, 2_000, undefined)
    expect(unknown).toMatchObject({ overloaded: false, grew: false })
  })

  it('sheds from twice the target on, only in an overload, and never the last', () => {
    const state = overload()
    expect(isShed(state, limits, 100, 2)).toBe(true)
    expect(isShed(state, limits, 99, 2)).toBe(false)
    expect(isShed(state, limits, 100, 1)).toBe(false)
    expect(isShed(calm, limits, 10_000, 1_000)).toBe(false)
  })

  it('never calls a burst an overload, whatever its size, its shape within half an interval, and the leases', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 900 }), { minLength: 1, maxLength: 300, size: 'max' }),
        fc.integer({ min: 1, max: 20 }),
        fc.integer({ min: 1, max: 5_000 }),
        (offsets, connections, leaseMs) => {
          const arrivals = offsets.sort((a, b) => a - b)
          expect(simulate(arrivals, connections, leaseMs).shed).toBe(0)
        },
      ),
      { numRuns: 200 },
    )
  })

  it('calls every lasting overload one, and keeps who is served from waiting long', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 8 }),
        fc.integer({ min: 1, max: 40 }),
        fc.integer({ min: 2, max: 12 }),
        (connections, leaseMs, factor) => {
          const gapMs = leaseMs / connections / factor
          const arrivals: number[] = []
          for (let at = 0; at < 12_000; at += gapMs) arrivals.push(at)
          const { shed, served } = simulate(arrivals, connections, leaseMs)
          expect(shed).toBeGreaterThan(0)
          const late = served.filter((each) => each.at > 4_000).map((each) => each.delayMs)
          expect(Math.max(...late)).toBeLessThanOrEqual(2 * limits.queueTargetMs + leaseMs)
        },
      ),
      { numRuns: 25 },
    )
  })

  it('keeps who is served from waiting long also where refusing thousands takes its time', () => {
    const arrivals = Array.from({ length: 12_000 * 20 }, (_, i) => i / 20)
    const { served } = simulate(arrivals, 10, 5, 0.01)
    const late = served.filter((each) => each.at > 4_000).map((each) => each.delayMs)
    expect(late.length).toBeGreaterThan(12_000)
    expect(late.reduce((most, each) => Math.max(most, each))).toBeLessThan(150)
  })
})

it('learns how long leases usually take', () => {
  expect(usualLeaseMs(undefined, 3_000)).toBe(3_000)
  let usual: number | undefined = 3_000
  for (let i = 0; i < 100; i++) usual = usualLeaseMs(usual, 5)
  expect(usual).toBeCloseTo(5, 0)
})

/**
 * A pool without connections: arrivals in order of time, leases of equal length. Each refusal takes
 * `refusalMs`, in which nothing else happens and nobody comes.
 */
function simulate(
  arrivals: readonly number[],
  connections: number,
  leaseMs: number,
  refusalMs = 0,
): { shed: number; served: { at: number; delayMs: number }[] } {
  let state = calm
  let usual: number | undefined
  let shed = 0
  let head = 0
  let busyUntil = 0
  const queue: number[] = []
  const ends: number[] = []
  const served: { at: number; delayMs: number }[] = []

  const look = (now: number, serve: boolean): void => {
    for (;;) {
      const since = queue[head]
      if (since === undefined) {
        if (serve) state = onCalm(state, limits, now)
        return
      }
      if (!serve && now - since < limits.queueTargetMs) return
      state = onDelay(state, limits, now, now - since, usual)
      if (isShed(state, limits, now - since, queue.length - head)) {
        busyUntil = Math.max(busyUntil, now) + refusalMs
        state = onShed(state, busyUntil)
        head++
        shed++
        continue
      }
      if (!serve) return
      head++
      state = onServed(state)
      served.push({ at: now, delayMs: now - since })
      ends.push(now + leaseMs)
      return
    }
  }

  let next = 0
  let tick = limits.queueTargetMs
  while (next < arrivals.length || head < queue.length || ends.length > 0) {
    const arrival = arrivals[next] ?? Number.POSITIVE_INFINITY
    const end = ends[0] ?? Number.POSITIVE_INFINITY
    const due = Math.min(arrival, end, tick)
    const at = Math.max(due, busyUntil)
    if (due === arrival) {
      next++
      if (ends.length < connections) ends.push(at + leaseMs)
      else {
        state = onArrival(state)
        queue.push(at)
      }
    } else if (due === end) {
      ends.shift()
      usual = usualLeaseMs(usual, leaseMs)
      look(at, true)
    } else {
      tick += limits.queueTargetMs
      look(at, false)
    }
  }
  return { shed, served }
}
