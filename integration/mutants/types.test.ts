import { proveMutants } from './prove-mutants.ts'
import { typeMutants } from './types.ts'

proveMutants(typeMutants)
