import { proveMutants } from './prove-mutants.ts'
import { upsertMutants } from './upserts.ts'

proveMutants(upsertMutants)
