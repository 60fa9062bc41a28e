import { proveMutants } from './prove-mutants.ts'
import { statementMutants } from './statements.ts'

proveMutants(statementMutants)
