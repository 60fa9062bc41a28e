export type { StepPosition } from './failure-card.ts'
export { HarnessError } from './harness-error.ts'
export type { ConformanceOptions, Progress } from './options.ts'
export type {
  ConformanceReport,
  Counts,
  FailureCard,
  RuleResult,
  RuleStatus,
} from './report.ts'
export { runConformance } from './run-conformance.ts'
export { selectRules } from './select.ts'
export { Session } from './session.ts'
export { stepOf } from './step.ts'
export { applyWaiver } from './waive.ts'
