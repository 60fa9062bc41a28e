import { onTestFinished } from 'vitest'
import type { MaybePromise } from '../src/contract/index.ts'
import {
  Lease,
  Pool,
  type PoolEvents,
  type PoolOptionsInput,
  type PoolRole,
  parsePoolOptions,
} from '../src/pool/index.ts'
import { FakeClock } from './fake-clock.ts'
import type { ScriptedDatabase } from './scripted-connection.ts'

/** What the layers above keep with a connection, in these tests. */
export interface TestSession {
  readonly id: number
}

/** What a pool told, in order. */
export interface Told {
  readonly event: keyof PoolEvents
  readonly detail: unknown
}

export interface TestPool {
  readonly pool: Pool<TestSession>
  readonly clock: FakeClock
  readonly told: Told[]
  /** What was told of one kind. */
  of<K extends keyof PoolEvents>(event: K): Parameters<NonNullable<PoolEvents<TestSession>[K]>>[0][]
}

/**
 * A pool over a script, on a clock moved by hand. Chance is 0.5 unless told otherwise. After the
 * test the pool is closed, and nothing may be left: no connection, no timer.
 */
export function testPool(
  database: ScriptedDatabase,
  options: PoolOptionsInput = {},
  rest: {
    readonly role?: PoolRole
    readonly random?: () => number
    readonly openSession?: () => TestSession
  } = {},
): TestPool {
  const clock = new FakeClock()
  const told: Told[] = []
  const record =
    (event: keyof PoolEvents) =>
    (detail: unknown): void => {
      told.push({ event, detail })
    }
  let sessions = 0
  const pool = new Pool<TestSession>({
    adapter: database.adapter,
    role: rest.role ?? 'any',
    options: parsePoolOptions(options),
    clock,
    random: rest.random ?? (() => 0.5),
    openSession: rest.openSession ?? (() => ({ id: ++sessions })),
    events: {
      opened: record('opened'),
      closed: record('closed'),
      connectFailed: record('connectFailed'),
      shed: record('shed'),
      leak: record('leak'),
      starved: record('starved'),
      notice: record('notice'),
    },
  })
  onTestFinished(async () => {
    const closing = pool.close({ deadlineMs: 0 }).catch(() => {})
    await clock.advance(60_000)
    await closing
    if (database.open.length > 0) throw new Error(`${database.open.length} connections left open`)
    if (clock.pending > 0) throw new Error(`${clock.pending} timers left set`)
  })
  return {
    pool,
    clock,
    told,
    of: (event) => told.filter((each) => each.event === event).map((each) => each.detail as never),
  }
}

/** The lease that came at once; fails the test where it did not. */
export function now<S>(lease: MaybePromise<Lease<S>> | undefined): Lease<S> {
  if (!(lease instanceof Lease)) throw new Error('the lease did not come at once')
  return lease
}

/** The error of a call that throws or rejects; fails the test where it does neither. */
export async function errorOf(call: () => unknown): Promise<Error & { readonly code?: string }> {
  try {
    await call()
  } catch (error) {
    return error as Error & { readonly code?: string }
  }
  throw new Error('the call succeeded')
}
