export { checkEqual, checkErrorIs, checkRefuses, checkThat } from './check.ts'
export { NotApplicable, RuleFailure } from './rule-failure.ts'
export { show } from './show.ts'
