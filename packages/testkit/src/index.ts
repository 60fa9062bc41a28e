/** The conformance suite for Mortise adapters. */
export {
  type AdapterInProgress,
  defineFixture,
  type Fixture,
  type Reference,
  type Waiver,
} from './fixture/index.ts'
export type { TraceEntry } from './observe/index.ts'
export { failureText, summaryText } from './report/index.ts'
export {
  type AreaCode,
  areas,
  type LawNumber,
  type Level,
  laws,
  type Need,
  type Rule,
  type Tier,
} from './rule/index.ts'
export { catalogue as rules, ruleSet } from './rules/index.ts'
export {
  type ConformanceOptions,
  type ConformanceReport,
  type Counts,
  type FailureCard,
  HarnessError,
  type Progress,
  type RuleResult,
  type RuleStatus,
  runConformance,
} from './run/index.ts'
export { describeAdapter } from './vitest/describe-adapter.ts'
