import { errorMutants } from './errors.ts'
import { proveMutants } from './prove-mutants.ts'

proveMutants(errorMutants)
