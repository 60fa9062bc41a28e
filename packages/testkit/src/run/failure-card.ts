import { RuleFailure, show } from '../check/index.ts'
import type { Trace } from '../observe/index.ts'
import { laws, type Rule } from '../rule/index.ts'
import type { FailureCard } from './report.ts'

/** Where a rule stands among the steps of the start tier. */
export interface StepPosition {
  readonly number: number
  readonly of: number
}

/** Makes the card of a failure: of what the rule found, or of an error that it did not expect. */
export function failureCard(
  rule: Rule,
  error: unknown,
  trace: Trace,
  place: { readonly step: StepPosition | undefined; readonly fixtureFile: string | undefined },
): FailureCard {
  const { message, expected, seen } = wordsOf(error)
  return {
    rule: rule.id,
    title: rule.title,
    law: { number: rule.law, title: laws[rule.law] },
    message,
    expected,
    seen,
    ...(place.step !== undefined &&
      rule.step !== undefined && { step: { ...place.step, text: rule.step } }),
    trace: trace.last(30),
    causes: rule.causes,
    stack: stackOf(error),
    page: `docs/conformance/${rule.area.toLowerCase()}.md#${rule.id.toLowerCase()}`,
    rerun: `npx mortise-testkit ${place.fixtureFile ?? './fixture.ts'} --rule ${rule.id}`,
  }
}

function wordsOf(error: unknown): Pick<FailureCard, 'message' | 'expected' | 'seen'> {
  if (error instanceof RuleFailure) {
    return { message: error.message, expected: error.expected, seen: error.seen }
  }
  const seen = show(error)
  return {
    message: `the rule got an error that it did not expect: ${seen}`,
    expected: 'no error',
    seen,
  }
}

/** The frames of the error and of what caused it; messages may hold values and are left out. */
function stackOf(error: unknown): readonly string[] {
  const origin = error instanceof Error && error.cause instanceof Error ? error.cause : error
  if (!(origin instanceof Error) || origin.stack === undefined) return []
  return origin.stack
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line.startsWith('at ') && !line.includes('node:internal'))
    .slice(0, 8)
}
