import { describe, expect, it } from 'vitest'
import type { FakeClock } from '../../test/fake-clock.ts'
import { errorOf, type TestSession, testPool } from '../../test/pool-harness.ts'
import { Deferred, scripted } from '../../test/scripted-connection.ts'
import type { Pool, PoolOptionsInput } from './index.ts'

/** What became of the calls of a simulated load. */
interface Load {
  readonly served: { readonly at: number; readonly queueMs: number }[]
  readonly refused: { readonly at: number; readonly code: string; readonly waitedMs: number }[]
}

const quiet: PoolOptionsInput = { pingIntervalMs: 0, idleTimeoutMs: 0, maxLifetimeMs: 0 }

/** One call now: takes a connection, keeps it for `leaseMs`, gives it back. */
function call(pool: Pool<TestSession>, clock: FakeClock, leaseMs: number, load: Load): void {
  const since = clock.now()
  void Promise.resolve()
    .then(() => pool.checkout())
    .then(
      (lease) => {
        load.served.push({ at: clock.now(), queueMs: lease.queueMs })
        clock.setTimeout(() => lease.checkin('clean'), leaseMs)
      },
      (error: { code: string }) => {
        load.refused.push({ at: clock.now(), code: error.code, waitedMs: clock.now() - since })
      },
    )
}

/** A call every `gapMs` for `forMs`. */
function callers(
  pool: Pool<TestSession>,
  clock: FakeClock,
  { gapMs, forMs, leaseMs }: { gapMs: number; forMs: number; leaseMs: number },
  load: Load,
): void {
  const end = clock.now() + forMs
  const next = (): void => {
    call(pool, clock, leaseMs, load)
    if (clock.now() + gapMs < end) clock.setTimeout(next, gapMs)
  }
  next()
}

const most = (values: number[]): number => values.reduce((a, b) => Math.max(a, b), 0)

describe('ten times more load than the pool can serve, for a minute', () => {
  it.each([
    { leaseMs: 50, size: 10 },
    { leaseMs: 20, size: 2 },
    { leaseMs: 300, size: 10 },
    { leaseMs: 700, size: 1 },
  ])(
    'keeps delay bounded and every connection busy ($size connections, leases of $leaseMs ms)',
    async ({ leaseMs, size }) => {
      const { pool, clock, of } = testPool(scripted(), { ...quiet, size })
      const load: Load = { served: [], refused: [] }
      const start = clock.now()
      callers(pool, clock, { gapMs: leaseMs / size / 10, forMs: 60_000, leaseMs }, load)
      await clock.advance(60_000)

      const steady = load.served.filter((each) => each.at - start > 3_000)
      const delays = steady.map((each) => each.queueMs)
      // Twice the target, and as long as it takes until a connection comes back.
      expect(most(delays)).toBeLessThanOrEqual(100 + leaseMs)
      const capacity = (57_000 / leaseMs) * size
      expect(steady.length).toBeGreaterThanOrEqual(capacity * 0.99)
      expect(steady.length).toBeLessThanOrEqual(capacity * 1.01)

      // Whoever is refused learns it soon, by the code that says so.
      const refused = load.refused.filter((each) => each.at - start > 3_000)
      expect(new Set(refused.map((each) => each.code))).toEqual(new Set(['POOL_OVERLOADED']))
      expect(most(refused.map((each) => each.waitedMs))).toBeLessThanOrEqual(150)
      expect(of('shed')).toHaveLength(load.refused.length)
      expect(load.served.length + load.refused.length).toBeGreaterThan(capacity * 9)
      await clock.advance(10_000)
    },
    60_000,
  )

  it('is over as soon as the load is: the next burst is served whole', async () => {
    const { pool, clock } = testPool(scripted(), { ...quiet, size: 4 })
    const during: Load = { served: [], refused: [] }
    callers(pool, clock, { gapMs: 0.5, forMs: 5_000, leaseMs: 20 }, during)
    await clock.advance(5_000)
    expect(during.refused.length).toBeGreaterThan(0)
    await clock.advance(1_000)
    const after: Load = { served: [], refused: [] }
    for (let i = 0; i < 400; i++) call(pool, clock, 20, after)
    await clock.advance(3_000)
    expect(after.refused).toEqual([])
    expect(after.served).toHaveLength(400)
  })
})

describe('an overload that is over', () => {
  it('is forgotten with the last waiter, however long everybody waited to the end', async () => {
    const { pool, clock } = testPool(scripted(), { ...quiet, size: 1 })
    const during: Load = { served: [], refused: [] }
    callers(pool, clock, { gapMs: 100, forMs: 6_000, leaseMs: 300 }, during)
    await clock.advance(8_000)
    expect(during.refused.length).toBeGreaterThan(0)
    expect(pool.stats()).toMatchObject({ idle: 1, waiting: 0 })
    const burst: Load = { served: [], refused: [] }
    for (let i = 0; i < 30; i++) call(pool, clock, 300, burst)
    await clock.advance(10_000)
    expect(burst.refused).toEqual([])
  })
})

describe('a burst', () => {
  it.each([
    { callers: 1_000, size: 10, leaseMs: 5, overMs: 0 },
    { callers: 100, size: 10, leaseMs: 3_000, overMs: 0 },
    { callers: 100, size: 10, leaseMs: 3_000, overMs: 900 },
    { callers: 500, size: 1, leaseMs: 50, overMs: 500 },
    { callers: 5_000, size: 10, leaseMs: 40, overMs: 900 },
  ])(
    'of $callers calls of $leaseMs ms within $overMs ms is served whole by $size connections',
    async (burst) => {
      const { pool, clock } = testPool(scripted(), { ...quiet, size: burst.size })
      const load: Load = { served: [], refused: [] }
      // The pool knows its work: one ordinary call before the burst.
      call(pool, clock, burst.leaseMs, load)
      await clock.advance(burst.leaseMs + 100)
      for (let i = 0; i < burst.callers; i++) {
        clock.setTimeout(
          () => call(pool, clock, burst.leaseMs, load),
          (burst.overMs * i) / burst.callers,
        )
      }
      await clock.advance(burst.overMs + (burst.callers / burst.size + 2) * burst.leaseMs)
      expect(load.refused).toEqual([])
      expect(load.served).toHaveLength(burst.callers + 1)
    },
  )

  it('over steady load that leaves room is served whole too', async () => {
    const { pool, clock } = testPool(scripted(), { ...quiet, size: 10 })
    const load: Load = { served: [], refused: [] }
    // Half of what the pool can serve, and a thousand calls at once on top.
    callers(pool, clock, { gapMs: 4, forMs: 12_000, leaseMs: 20 }, load)
    await clock.advance(1_000)
    for (let i = 0; i < 1_000; i++) call(pool, clock, 20, load)
    await clock.advance(12_000)
    expect(load.refused).toEqual([])
    expect(load.served).toHaveLength(3_000 + 1_000)
  })
})

describe('a queue that nothing moves', () => {
  it('refuses by delay once it keeps growing, and never the last one', async () => {
    const { pool, clock } = testPool(scripted(), { ...quiet, size: 1 })
    ;(await pool.checkout()).checkin('clean')
    const stuck = await pool.checkout()
    const load: Load = { served: [], refused: [] }
    callers(pool, clock, { gapMs: 10, forMs: 10_000, leaseMs: 1 }, load)
    await clock.advance(2_000)
    expect(load.refused).toEqual([])
    await clock.advance(7_000)
    expect(load.refused.length).toBeGreaterThan(500)
    expect(most(load.refused.slice(-300).map((each) => each.waitedMs))).toBeLessThanOrEqual(150)
    await clock.advance(2_000)
    expect(pool.stats().waiting).toBeGreaterThan(0)
    stuck.checkin('clean')
    await clock.advance(100)
    expect(pool.stats()).toMatchObject({ waiting: 0, idle: 1 })
  })

  it('is forgotten when all have given up', async () => {
    const { pool, clock } = testPool(scripted(), { ...quiet, size: 1, leakThresholdMs: 0 })
    ;(await pool.checkout()).checkin('clean')
    const stuck = await pool.checkout()
    const refused: Promise<Error>[] = []
    for (let i = 0; i < 300; i++) {
      refused.push(errorOf(() => pool.checkout({ deadline: clock.now() + 500 })))
      await clock.advance(10)
    }
    await clock.advance(500)
    const codes = (await Promise.all(refused)).map((error) => (error as { code?: string }).code)
    expect(new Set(codes)).toEqual(new Set(['TIMEOUT', 'POOL_OVERLOADED']))
    const burst: Load = { served: [], refused: [] }
    for (let i = 0; i < 30; i++) call(pool, clock, 1, burst)
    await clock.advance(900)
    stuck.checkin('clean')
    await clock.advance(100)
    expect(burst.refused).toEqual([])
  })

  it('is not judged while the first leases of a pool last: nothing is known of its work', async () => {
    const { pool, clock } = testPool(scripted(), { ...quiet, size: 1 })
    const load: Load = { served: [], refused: [] }
    callers(pool, clock, { gapMs: 100, forMs: 4_000, leaseMs: 4_500 }, load)
    await clock.advance(4_400)
    expect(load.refused).toEqual([])
    await clock.advance(200_000)
  })

  it('does not shed with queueTargetMs: 0', async () => {
    const { pool, clock } = testPool(scripted(), { ...quiet, size: 1, queueTargetMs: 0 })
    ;(await pool.checkout()).checkin('clean')
    await pool.checkout()
    const load: Load = { served: [], refused: [] }
    callers(pool, clock, { gapMs: 10, forMs: 10_000, leaseMs: 1 }, load)
    await clock.advance(29_000)
    expect(load.refused).toEqual([])
    await clock.advance(30_000)
    expect(new Set(load.refused.map((each) => each.code))).toEqual(new Set(['POOL_QUEUE_TIMEOUT']))
  })

  it('tells in its message which option refused, and how the pool stands', async () => {
    const connecting = new Deferred()
    const database = scripted().next('connect', undefined).next('connect', connecting)
    const { pool, clock } = testPool(database, { ...quiet, size: 2 })
    const lease = await pool.checkout()
    lease.checkin('clean')
    await pool.checkout()
    const load: Load = { served: [], refused: [] }
    const first = errorOf(() => pool.checkout())
    callers(pool, clock, { gapMs: 100, forMs: 3_000, leaseMs: 1 }, load)
    await clock.advance(4_000)
    expect((await first).message).toMatch(
      /queueIntervalMs \(2000 ms\).*queueTargetMs \(50 ms\).*size 2, 1 in use, 1 connecting, \d+ waiting, the longest lease held for \d+ ms/,
    )
    await clock.advance(30_000)
    connecting.reject(new Error('stopped'))
  })
})
