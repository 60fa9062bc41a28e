import { cacheAndStreamMutants } from './cache-and-streams.ts'
import { dialectMutants } from './dialects.ts'
import { errorMutants } from './errors.ts'
import { manifestMutants } from './manifests.ts'
import type { Mutant } from './mutant.ts'
import { statementMutants } from './statements.ts'
import { transactionMutants } from './transactions.ts'
import { typeMutants } from './types.ts'
import { upsertMutants } from './upserts.ts'

/** Every mutant of the SQLite adapter. */
export const gallery: readonly Mutant[] = [
  ...statementMutants,
  ...typeMutants,
  ...dialectMutants,
  ...upsertMutants,
  ...errorMutants,
  ...transactionMutants,
  ...cacheAndStreamMutants,
  ...manifestMutants,
]
