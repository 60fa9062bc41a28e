import type { Waiver } from '../fixture/index.ts'
import type { RuleResult } from './report.ts'

/** A result after its waiver was looked at, and what is wrong with the waiver, if anything is. */
export interface Judgement {
  readonly result: RuleResult
  readonly error?: string
}

/** Applies a rule's waiver to its result. A waiver that does not hold is an error of the run. */
export function applyWaiver(
  result: RuleResult,
  waivers: readonly Waiver[],
  today: Date,
): Judgement {
  const waiver = waivers.find(({ rule }) => rule === result.rule)
  if (waiver === undefined) return { result }
  const of = `the waiver of ${waiver.rule}`
  if (result.status !== 'failed') {
    const how = result.status === 'passed' ? 'is kept' : 'does not apply'
    return { result, error: `${of} is not needed: the rule ${how}; remove it` }
  }
  if (Date.parse(waiver.expires) <= today.getTime()) {
    return {
      result,
      error: `${of} expired on ${waiver.expires}: ${waiver.reason} (${waiver.link})`,
    }
  }
  if (!result.failure?.message.includes(waiver.expects)) {
    return {
      result,
      error: `${of} expects ${JSON.stringify(waiver.expects)}, and the rule failed otherwise`,
    }
  }
  return {
    result: {
      ...result,
      status: 'waived',
      reason: `${waiver.reason} (${waiver.link}, until ${waiver.expires})`,
    },
  }
}

/** Waivers of rules that the suite does not have. */
export function strayWaivers(
  waivers: readonly Waiver[],
  known: ReadonlySet<string>,
): readonly string[] {
  return waivers
    .filter(({ rule }) => !known.has(rule))
    .map(({ rule }) => `a waiver names the rule ${rule}, which does not exist`)
}
