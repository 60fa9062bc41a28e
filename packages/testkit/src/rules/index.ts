import { catalogueOf, type Rule } from '../rule/index.ts'
import { batchRules } from './batches.ts'
import { cacheRules } from './cache.ts'
import { claimRules } from './claims.ts'
import { errorRules } from './errors.ts'
import { resultRules } from './exe-results.ts'
import { statementRules } from './exe-statements.ts'
import { leaseRules } from './leases.ts'
import { limitRules } from './limits.ts'
import { nameRules } from './names.ts'
import { parameterRules } from './parameters.ts'
import { readRules } from './reads.ts'
import { startRules } from './start.ts'
import { streamRules } from './streams.ts'
import { transactionContractRules } from './tx-contract.ts'
import { transactionRuntimeRules } from './tx-runtime.ts'
import { numberRules } from './typ-numbers.ts'
import { temporalRules } from './typ-temporal.ts'
import { textRules } from './typ-texts.ts'
import { upsertActionRules } from './ups-actions.ts'
import { upsertTargetRules } from './ups-targets.ts'
import { writeRules } from './writes.ts'

/** The version of the rules. A new one may add rules that fail an adapter. */
export const ruleSet = '2026.1'

/** Every rule of the suite, in the order of a run. */
export const catalogue: readonly Rule[] = catalogueOf([
  ...startRules,
  ...resultRules,
  ...statementRules,
  ...nameRules,
  ...parameterRules,
  ...numberRules,
  ...textRules,
  ...temporalRules,
  ...errorRules,
  ...transactionContractRules,
  ...transactionRuntimeRules,
  ...writeRules,
  ...readRules,
  ...upsertActionRules,
  ...upsertTargetRules,
  ...cacheRules,
  ...streamRules,
  ...leaseRules,
  ...limitRules,
  ...batchRules,
  ...claimRules,
])
