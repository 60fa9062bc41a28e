import type { Rule } from '../rule/index.ts'
import type { StepPosition } from './failure-card.ts'

/** Where a rule of the start tier stands among its steps; undefined for the others. */
export function stepOf(rule: Rule, catalogue: readonly Rule[]): StepPosition | undefined {
  const steps = catalogue.filter(({ tier }) => tier === 'start')
  const index = steps.findIndex(({ id }) => id === rule.id)
  return index < 0 ? undefined : { number: index + 1, of: steps.length }
}
