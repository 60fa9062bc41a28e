/** What several rounds showed. */
export interface Spread {
  readonly median: number
  readonly least: number
  readonly most: number
}

/** The middle of some numbers, or the mean of the middle two, and their range. */
export function spreadOf(values: readonly number[]): Spread {
  if (values.length === 0) throw new Error('the median of nothing')
  const sorted = values.toSorted((a, b) => a - b)
  return {
    median: quantile(sorted, 0.5),
    least: sorted[0] as number,
    most: sorted.at(-1) as number,
  }
}

/** A quantile of sorted numbers, between two of them in proportion. */
export function quantile(sorted: readonly number[], share: number): number {
  const place = (sorted.length - 1) * share
  const below = sorted[Math.floor(place)] as number
  const above = sorted[Math.ceil(place)] as number
  return below + (above - below) * (place - Math.floor(place))
}
