import fc from 'fast-check'
import { expect, it } from 'vitest'
import { FakeClock } from '../../test/fake-clock.ts'
import type { TestSession } from '../../test/pool-harness.ts'
import { ScriptedDatabase, ScriptedError } from '../../test/scripted-connection.ts'
import type { Connection } from '../contract/index.ts'
import { type Fate, type Lease, Pool, parsePoolOptions } from './index.ts'

/** One thing that happens to a pool. Numbers pick whom it happens to. */
type Step =
  | { readonly kind: 'checkout'; readonly deadlineMs: number | undefined; readonly signal: boolean }
  | { readonly kind: 'try' }
  | { readonly kind: 'checkin'; readonly pick: number; readonly fate: Fate }
  | { readonly kind: 'again'; readonly pick: number }
  | { readonly kind: 'abort'; readonly pick: number }
  | { readonly kind: 'lose'; readonly pick: number }
  | { readonly kind: 'fail'; readonly call: 'connect' | 'reset' | 'ping' | 'close' }
  | { readonly kind: 'advance'; readonly ms: number }
  | { readonly kind: 'block'; readonly ms: number }
  | { readonly kind: 'close' }

const pick = fc.nat(1_000)
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 10,
    arbitrary: fc.record({
      kind: fc.constant('checkout' as const),
      deadlineMs: fc.option(fc.integer({ min: 0, max: 300 }), { nil: undefined }),
      signal: fc.boolean(),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('try' as const) }) },
  {
    weight: 10,
    arbitrary: fc.record({
      kind: fc.constant('checkin' as const),
      pick,
      fate: fc.constantFrom<Fate>('clean', 'clean', 'clean', 'reset', 'discard'),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('again' as const), pick }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('abort' as const), pick }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('lose' as const), pick }) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('fail' as const),
      call: fc.constantFrom(
        'connect' as const,
        'reset' as const,
        'ping' as const,
        'close' as const,
      ),
    }),
  },
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant('advance' as const),
      ms: fc.integer({ min: 0, max: 400 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('block' as const),
      ms: fc.integer({ min: 0, max: 3_000 }),
    }),
  },
)

interface Caller {
  readonly order: number
  readonly controller: AbortController | undefined
  state: 'waiting' | 'served' | 'refused'
}

async function run(
  steps: readonly Step[],
  setup: {
    readonly size: number
    readonly minIdle: number
    readonly sync: boolean
    readonly delayMs: number
  },
): Promise<void> {
  const clock = new FakeClock()
  const database = new ScriptedDatabase({ sync: setup.sync })
  const later = (answer?: Error) => (): Promise<void> | Error | undefined =>
    setup.sync || setup.delayMs === 0
      ? answer
      : new Promise((resolve, reject) => {
          clock.setTimeout(() => (answer === undefined ? resolve() : reject(answer)), setup.delayMs)
        })
  let mostOpen = 0
  const sessions = new Map<Connection, number>()
  const closedSessions: TestSession[] = []
  const pool = new Pool<TestSession>({
    adapter: {
      ...database.adapter,
      connect: (context) => {
        database.next('close', later())
        const opening = database.adapter.connect(context)
        mostOpen = Math.max(mostOpen, database.open.length)
        return opening
      },
    },
    role: 'any',
    options: parsePoolOptions({
      size: setup.size,
      minIdle: Math.min(setup.minIdle, setup.size),
      maxQueueLength: 12,
      maxQueueWaitMs: 700,
      pingIntervalMs: 400,
      idleTimeoutMs: 900,
      maxLifetimeMs: 2_000,
      connectTimeoutMs: 500,
      backoffMinMs: 50,
      backoffMaxMs: 200,
      queueIntervalMs: 300,
      leakThresholdMs: 100,
      leakSampleRate: 0,
      drainTimeoutMs: 500,
    }),
    clock,
    random: () => 0.5,
    openSession: (connection) => {
      sessions.set(connection, sessions.size + 1)
      return { id: sessions.size }
    },
    events: { closed: ({ session }) => closedSessions.push(session) },
  })

  const callers: Caller[] = []
  const leases: Lease<TestSession>[] = []
  const ended: Lease<TestSession>[] = []
  const servedInOrder: number[] = []
  const borrowed = new Set<Connection>()
  let order = 0

  const take = (lease: Lease<TestSession>): void => {
    const { connection } = lease
    expect(borrowed.has(connection)).toBe(false)
    borrowed.add(connection)
    expect(lease.session.id).toBe(sessions.get(connection))
    leases.push(lease)
  }
  const check = (): void => {
    const stats = pool.stats()
    expect(database.open.length).toBeLessThanOrEqual(setup.size)
    expect(mostOpen).toBeLessThanOrEqual(setup.size)
    expect(stats.size).toBeLessThanOrEqual(setup.size)
    expect(stats.inUse + stats.idle).toBe(stats.size)
    expect(stats.waiting).toBe(callers.filter((each) => each.state === 'waiting').length)
    // Nobody waits beside an idle connection.
    if (stats.idle > 0) expect(stats.waiting).toBe(0)
  }

  for (const each of steps) {
    switch (each.kind) {
      case 'checkout': {
        const controller = each.signal ? new AbortController() : undefined
        const caller: Caller = { order: order++, controller, state: 'waiting' }
        const deadline = each.deadlineMs === undefined ? undefined : clock.now() + each.deadlineMs
        const served = (lease: Lease<TestSession>): void => {
          caller.state = 'served'
          take(lease)
        }
        try {
          const answer = pool.checkout({ signal: controller?.signal, deadline })
          if (answer instanceof Promise) {
            callers.push(caller)
            answer.then(
              (lease) => {
                servedInOrder.push(caller.order)
                served(lease)
              },
              () => {
                caller.state = 'refused'
              },
            )
          } else {
            // Served before the call returned: then nobody was before it.
            expect(pool.stats().waiting).toBe(0)
            served(answer)
          }
        } catch {
          caller.state = 'refused'
        }
        break
      }
      case 'try': {
        const lease = pool.tryCheckout()
        if (lease !== undefined) take(lease)
        break
      }
      case 'checkin': {
        const lease = leases.splice(each.pick % Math.max(1, leases.length), 1)[0]
        if (lease === undefined) break
        borrowed.delete(lease.connection)
        ended.push(lease)
        if (!setup.sync && each.fate === 'reset') database.next('reset', later())
        lease.checkin(each.fate)
        break
      }
      case 'again': {
        const lease = ended[each.pick % Math.max(1, ended.length)]
        if (lease !== undefined) expect(() => lease.checkin('clean')).toThrow('lease has ended')
        break
      }
      case 'abort': {
        const waiting = callers.filter((caller) => caller.state === 'waiting')
        waiting[each.pick % Math.max(1, waiting.length)]?.controller?.abort()
        break
      }
      case 'lose': {
        const open = database.open
        open[each.pick % Math.max(1, open.length)]?.lose()
        break
      }
      case 'fail':
        database.next(each.call, later(new ScriptedError({ kind: 'connection_lost' })))
        break
      case 'advance':
        await clock.advance(each.ms)
        break
      case 'block':
        clock.block(each.ms)
        break
      case 'close':
        pool.close().catch(() => {})
        break
    }
    await clock.advance(0)
    check()
  }

  // Whoever waited was served in the order of the calls.
  expect(servedInOrder).toEqual([...servedInOrder].sort((a, b) => a - b))

  // Everything comes back, and nothing is left.
  const end = pool.close({ deadlineMs: 300 }).catch((error: { code: string }) => error.code)
  for (const lease of leases.splice(0)) lease.checkin('clean')
  await clock.advance(5_000)
  expect([undefined, 'POOL_DRAIN_TIMEOUT']).toContain(await end)
  expect(pool.stats()).toEqual({ size: 0, idle: 0, inUse: 0, waiting: 0 })
  expect(callers.every((caller) => caller.state !== 'waiting')).toBe(true)
  expect(database.open).toEqual([])
  expect(closedSessions.length).toBe(sessions.size)
  expect(clock.pending).toBe(0)
  database.verify()
}

const setup = fc.record({
  size: fc.integer({ min: 1, max: 4 }),
  minIdle: fc.integer({ min: 0, max: 2 }),
  sync: fc.boolean(),
  delayMs: fc.constantFrom(0, 0, 30, 600),
})

it('keeps its promises through whatever happens, in whatever order', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 120, size: 'max' }), setup, run),
    {
      numRuns: 1_000,
    },
  )
}, 60_000)

it('keeps them also when it is closed in the middle', async () => {
  const before = fc.array(step, { maxLength: 60, size: 'max' })
  await fc.assert(
    fc.asyncProperty(before, before, setup, (one, two, options) =>
      run([...one, { kind: 'close' }, ...two], options),
    ),
    { numRuns: 300 },
  )
}, 60_000)
