import { cacheAndStreamMutants } from './cache-and-streams.ts'
import { proveMutants } from './prove-mutants.ts'

proveMutants(cacheAndStreamMutants)
