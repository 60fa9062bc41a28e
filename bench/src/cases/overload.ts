import { setTimeout as wait } from 'node:timers/promises'
import { sqlite } from '@mortise/adapter-sqlite'
import { type Adapter, createRepo, MortiseError, type Repo } from '@mortise/core'
import type { BenchCase } from '../case.ts'
import type { BenchResult, Unit } from '../result.ts'
import { quantile } from '../statistics.ts'

const connections = 10
const serviceMs = 20

/** A database that answers each statement after 20 ms, on ten connections. */
function slowRepo(): Repo {
  return createRepo<Adapter>({
    adapter: {
      ...sqlite(':memory:'),
      topology: 'pool',
      connect: () => ({
        execute: () => wait(serviceMs, { columns: [], rows: [], affected: null }),
        close() {},
      }),
    },
    pool: { size: connections },
  })
}

interface Answer {
  /** `served`, or the code of the refusal. */
  readonly code: string
  /** When it came, since the overload began. */
  readonly at: number
  /** How long it took. */
  readonly ms: number
}

/** Ten times as many calls as the pool can serve: latency must stay bounded, work go on. */
export const overloadCase: BenchCase = {
  name: 'overload',
  async run(scale) {
    const lengthMs = scale.quick ? 5_000 : 11_000
    // Before, the pool cannot know that the load is one that lasts (queueIntervalMs is 2,000).
    const settledMs = 3_000
    const repo = slowRepo()
    try {
      const perSecond = await capacity(repo)
      const answers = await offer(repo, perSecond * 10, lengthMs)
      const late = answers.filter(({ at }) => at >= settledMs && at < lengthMs)
      const served = late.filter(({ code }) => code === 'served').map(({ ms }) => ms)
      const refused = late.filter(({ code }) => code !== 'served').map(({ ms }) => ms)
      const servedPerSecond = (served.length * 1000) / (lengthMs - settledMs)
      const count = (code: string): number => late.filter((each) => each.code === code).length
      const name = `ten times overload, ${connections} connections × ${serviceMs} ms`
      return [
        single(`${name}: served a second`, 'per second', servedPerSecond, {
          peer: { what: 'without overload', value: perSecond },
          goal: { least: 0.9 },
        }),
        single(`${name}: 99 % of the served wait less than`, 'ms', percentile(served, 0.99), {
          goal: { most: 150 },
        }),
        single(`${name}: 99 % of the refused hear it within`, 'ms', percentile(refused, 0.99), {
          goal: { most: 150 },
        }),
        single(`${name}: shed by queue delay`, '', count('POOL_OVERLOADED'), {}),
        single(`${name}: refused by a full queue`, '', count('POOL_QUEUE_FULL'), {}),
        single(`${name}: any other end`, '', others(answers), { goal: { most: 0 } }),
      ]
    } finally {
      await repo.close()
    }
  },
}

/** Calls a second that ten callers get, one after the other each. */
async function capacity(repo: Repo): Promise<number> {
  const until = performance.now() + 1000
  let calls = 0
  const caller = async (): Promise<void> => {
    while (performance.now() < until) {
      await repo.query('select 1')
      calls++
    }
  }
  await Promise.all(Array.from({ length: connections }, caller))
  return calls
}

/** Calls at a rate, whatever the answers, and waits for all of them. */
async function offer(repo: Repo, perSecond: number, forMs: number): Promise<readonly Answer[]> {
  const answers: Promise<Answer>[] = []
  const started = performance.now()
  for (let now = 0; now < forMs; now = performance.now() - started) {
    const due = Math.floor((perSecond * now) / 1000)
    while (answers.length < due) answers.push(call(repo, started))
    await wait(1)
  }
  return Promise.all(answers)
}

async function call(repo: Repo, started: number): Promise<Answer> {
  const called = performance.now()
  const end = (code: string): Answer => ({
    code,
    at: performance.now() - started,
    ms: performance.now() - called,
  })
  try {
    await repo.query('select 1')
    return end('served')
  } catch (error) {
    return end(error instanceof MortiseError ? error.code : String(error))
  }
}

function others(answers: readonly Answer[]): number {
  const known = ['served', 'POOL_OVERLOADED', 'POOL_QUEUE_FULL']
  return answers.filter(({ code }) => !known.includes(code)).length
}

function percentile(values: readonly number[], share: number): number {
  return values.length === 0
    ? 0
    : quantile(
        values.toSorted((a, b) => a - b),
        share,
      )
}

function single(
  name: string,
  unit: Unit,
  value: number,
  options: {
    readonly peer?: { readonly what: string; readonly value: number }
    readonly goal?: BenchResult['goal']
  },
): BenchResult {
  const once = (median: number) => ({ median, least: median, most: median })
  const { peer, goal } = options
  return {
    name,
    ours: { what: 'repo.query', unit, ...once(value) },
    peer: peer === undefined ? undefined : { what: peer.what, unit, ...once(peer.value) },
    ratio: peer === undefined ? undefined : once(value / peer.value),
    goal,
  }
}
