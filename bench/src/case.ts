import type { BenchResult } from './result.ts'

/** How much of it to do. */
export interface Scale {
  readonly quick: boolean
  /** Counted rounds. */
  readonly rounds: number
  readonly warmup: number
  /** Rows of the large tables. */
  readonly rows: number
}

/** Some lines of the table that are measured together, in a process of their own. */
export interface BenchCase {
  /** Short; what `--filter` looks at. */
  readonly name: string
  run(scale: Scale): Promise<readonly BenchResult[]>
}

/** The full scale is for figures to quote, the quick one for a look. */
export function scaleOf(quick: boolean): Scale {
  return quick
    ? { quick, rounds: 5, warmup: 2, rows: 20_000 }
    : { quick, rounds: 11, warmup: 2, rows: 100_000 }
}
