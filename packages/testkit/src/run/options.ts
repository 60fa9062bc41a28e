import { MisuseError } from '@mortise/core/adapter'
import { type AreaCode, type Tier, tiers } from '../rule/index.ts'
import type { RuleResult } from './report.ts'

/** What of the suite to run, and how. */
export interface ConformanceOptions {
  /** Rules by id. Default: all of the tier. */
  readonly rules?: readonly string[] | undefined
  /** Areas by code: `TX`. Default: all. */
  readonly areas?: readonly AreaCode[] | undefined
  /** The widest tier to run; rules given by id are run whatever their tier. Default `core`. */
  readonly tier?: Tier | undefined
  /** Rules to leave out, by id. A run that leaves one out says so in its report. */
  readonly except?: readonly string[] | undefined
  /** Stops at the first broken MUST. Default false. */
  readonly untilFirstFailure?: boolean | undefined
  /** The fixture's file, for the commands that failures suggest. */
  readonly fixtureFile?: string | undefined
  /** Called after each rule. */
  readonly onResult?: ((result: RuleResult, progress: Progress) => void) | undefined
}

/** How far a run is. */
export interface Progress {
  readonly done: number
  readonly selected: number
}

const known: readonly string[] = [
  'rules',
  'areas',
  'tier',
  'except',
  'untilFirstFailure',
  'fixtureFile',
  'onResult',
] satisfies readonly (keyof ConformanceOptions)[]

/** Checks the options. @throws MisuseError `UNKNOWN_OPTION` or `OPTION_INVALID`. */
export function parseOptions(options: ConformanceOptions): ConformanceOptions {
  for (const key of Object.keys(options)) {
    if (!known.includes(key)) {
      throw new MisuseError(
        'UNKNOWN_OPTION',
        `a conformance run has no option "${key}"; it takes ${known.join(', ')}`,
      )
    }
  }
  if (options.tier !== undefined && !tiers.includes(options.tier)) {
    throw new MisuseError(
      'OPTION_INVALID',
      `there is no tier ${JSON.stringify(options.tier)}; give one of ${tiers.join(', ')}`,
    )
  }
  return options
}
