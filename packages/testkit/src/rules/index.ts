import { catalogueOf, type Rule } from '../rule/index.ts'
import { startRules } from './start.ts'

/** The version of the rules. A new one may add rules that fail an adapter. */
export const ruleSet = '2026.1'

/** Every rule of the suite, in the order of a run. */
export const catalogue: readonly Rule[] = catalogueOf([...startRules])
