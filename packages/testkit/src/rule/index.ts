export { type AreaCode, areas } from './area.ts'
export { catalogueOf } from './catalogue.ts'
export { type LawNumber, laws } from './law.ts'
export {
  claimAt,
  claims,
  denies,
  interactive,
  manifest,
  member,
  type Need,
  type SupportPath,
  secondSchema,
  shared,
  streams,
  types,
  whyNotApplicable,
} from './need.ts'
export { type Level, type Rule, type RuleDefinition, rule, type Tier, tiers } from './rule.ts'
