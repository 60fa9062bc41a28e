export { type Facts, type OptionalMember, optionalMembers } from './facts.ts'
export type { RuleContext } from './rule-context.ts'
export { RuleRun, type RunResources } from './rule-run.ts'
export { late, until, within } from './within.ts'
