import { manifestMutants } from './manifests.ts'
import { proveMutants } from './prove-mutants.ts'

proveMutants(manifestMutants)
