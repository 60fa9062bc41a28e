import type { BenchResult, Figure, Goal, Unit } from './result.ts'
import { spreadOf } from './statistics.ts'

/** One of those that do the same work. */
export interface Contestant {
  readonly what: string
  /** What goes before each run and is not timed. */
  prepare?(): unknown
  run(): unknown
}

/** How long each contestant took in each round. */
export interface Times {
  readonly what: string
  /** Milliseconds, one a round. */
  readonly ms: readonly number[]
}

/**
 * Runs the contestants in turn, round by round, so that what else the machine does meets all of
 * them alike; each round begins with another one. The first `warmup` rounds are not counted.
 *
 * `collect` (default true) takes each one's garbage away before the next, for work that leaves much.
 * Work of many small calls is better off without: V8 forgets the layout of objects that a
 * collection finds nobody to use, and compiles anew what was made for them.
 */
export async function runRounds<const N extends string>(
  contestants: { readonly [name in N]: Contestant },
  options: { readonly rounds: number; readonly warmup: number; readonly collect?: boolean },
): Promise<{ readonly [name in N]: Times }> {
  const { collect = true } = options
  const names = Object.keys(contestants) as N[]
  const ms = Object.fromEntries(names.map((name) => [name, []])) as unknown as {
    [name in N]: number[]
  }
  // A row of each stays in use, as in an application, so that its layout is not forgotten.
  const kept = new Map<N, unknown>()
  for (let round = -options.warmup; round < options.rounds; round++) {
    for (let i = 0; i < names.length; i++) {
      const name = names[(i + round + options.warmup) % names.length] as N
      const contestant = contestants[name]
      await contestant.prepare?.()
      if (collect) collectGarbage()
      const started = performance.now()
      const result = await contestant.run()
      const took = performance.now() - started
      if (Array.isArray(result)) kept.set(name, result[0])
      if (round >= 0) ms[name].push(took)
    }
  }
  const times = names.map((name) => [name, { what: contestants[name].what, ms: ms[name] }])
  return Object.fromEntries(times) as { [name in N]: Times }
}

/** Compares two contestants' times, each divided by `per` operations and multiplied to `unit`. */
export function compareTimes(
  name: string,
  ours: Times,
  peer: Times,
  options: { readonly goal?: Goal; readonly per?: number; readonly unit?: keyof typeof factors },
): BenchResult {
  const { goal, per = 1, unit = 'ms' } = options
  const ratios = ours.ms.map((ms, round) => (peer.ms[round] as number) / ms)
  return {
    name,
    ours: figure(ours, per, unit),
    peer: figure(peer, per, unit),
    ratio: spreadOf(ratios),
    goal,
  }
}

const factors = { ms: 1, µs: 1e3, ns: 1e6 } as const satisfies Partial<Record<Unit, number>>

/** A contestant's times as a figure: of one of `per` operations. */
export function figure(times: Times, per: number, unit: keyof typeof factors): Figure {
  return {
    what: times.what,
    unit,
    ...spreadOf(times.ms.map((ms) => (ms * factors[unit]) / per)),
  }
}

function collectGarbage(): void {
  if (globalThis.gc === undefined) throw new Error('run this with node --expose-gc')
  globalThis.gc()
}
