import type { Spread } from './statistics.ts'

/** What a ratio or a figure has to reach. */
export type Goal = { readonly least: number } | { readonly most: number }

/** One line of the table. Plain data. */
export interface BenchResult {
  /** What was done. */
  readonly name: string
  readonly ours: Figure
  /** Undefined for a figure that stands by itself. */
  readonly peer: Figure | undefined
  /**
   * How we compare. Of times: theirs by ours, so that 2 is twice as fast. Of sizes: ours by theirs.
   * The median of the rounds' own ratios; undefined without a peer.
   */
  readonly ratio: Spread | undefined
  /** For the ratio, or for our figure where there is no ratio; undefined where none is set. */
  readonly goal: Goal | undefined
}

/** A measured quantity, and of what. */
export interface Figure extends Spread {
  readonly what: string
  readonly unit: Unit
}

export type Unit = 'ms' | 'µs' | 'ns' | 'bytes' | 'MB' | 'per second' | ''

/** `pass` or `miss`; undefined without a goal. */
export function verdictOf({ ours, ratio, goal }: BenchResult): 'pass' | 'miss' | undefined {
  if (goal === undefined) return undefined
  const value = (ratio ?? ours).median
  return ('least' in goal ? value >= goal.least : value <= goal.most) ? 'pass' : 'miss'
}
