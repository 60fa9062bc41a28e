import type { Topology } from '@mortise/core/adapter'
import type { TraceEntry } from '../observe/index.ts'
import type { AreaCode, LawNumber, Level, Tier } from '../rule/index.ts'

/** Why a rule failed, with everything that helps to mend it. Plain data. */
export interface FailureCard {
  readonly rule: string
  readonly title: string
  readonly law: { readonly number: LawNumber; readonly title: string }
  /** One sentence: what was looked at, what was expected and what was seen. */
  readonly message: string
  readonly expected: string
  readonly seen: string
  /** In the start tier: which step this is and what to write. */
  readonly step?: { readonly number: number; readonly of: number; readonly text: string }
  /** The last calls before the failure: SQL without values. */
  readonly trace: readonly TraceEntry[]
  readonly causes: readonly string[]
  /** Where the error arose, without its message. */
  readonly stack: readonly string[]
  /** The page that describes the rule, from the root of Mortise's repository. */
  readonly page: string
  /** Runs just this rule. */
  readonly rerun: string
}

export type RuleStatus = 'passed' | 'failed' | 'waived' | 'not_applicable'

/** What became of one rule. Plain data. */
export interface RuleResult {
  readonly rule: string
  readonly title: string
  readonly area: AreaCode
  readonly level: Level
  readonly law: LawNumber
  readonly tier: Tier
  readonly status: RuleStatus
  readonly durationMs: number
  /** Why it does not apply, or why its failure is accepted. */
  readonly reason?: string
  readonly failure?: FailureCard
}

/** How many rules ended how. `failed` counts broken MUSTs, `warned` broken SHOULDs and MAYs. */
export interface Counts {
  readonly passed: number
  readonly failed: number
  readonly warned: number
  readonly waived: number
  readonly notApplicable: number
}

/** What a conformance run found. Plain data, fit for JSON; `schema` names its version. */
export interface ConformanceReport {
  readonly schema: 'mortise-conformance/1'
  readonly ruleSet: string
  readonly fixture: string
  readonly adapter: { readonly name: string; readonly topology: Topology } | undefined
  readonly runtime: { readonly node: string; readonly platform: string }
  readonly startedAt: string
  readonly durationMs: number
  /** Whether every selected MUST was kept or does not apply, and nothing went wrong with the run. */
  readonly ok: boolean
  readonly counts: Counts
  readonly results: readonly RuleResult[]
  /** Selected rules that were not run because an earlier failure ended the run. */
  readonly notRun: readonly string[]
  /** Rules that the options left out. */
  readonly leftOut: readonly string[]
  /** What this run could not see, whatever the adapter does. */
  readonly limits: readonly string[]
  /** What was wrong with the run itself: no database, too few rules, a waiver that does not hold. */
  readonly errors: readonly string[]
}

/** Counts results. */
export function countResults(results: readonly RuleResult[]): Counts {
  const counts = { passed: 0, failed: 0, warned: 0, waived: 0, notApplicable: 0 }
  for (const { status, level } of results) {
    if (status === 'not_applicable') counts.notApplicable++
    else if (status === 'failed') counts[level === 'MUST' ? 'failed' : 'warned']++
    else counts[status]++
  }
  return counts
}
