import { dialectMutants } from './dialects.ts'
import { proveMutants } from './prove-mutants.ts'

proveMutants(dialectMutants)
