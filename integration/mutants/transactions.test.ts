import { proveMutants } from './prove-mutants.ts'
import { transactionMutants } from './transactions.ts'

proveMutants(transactionMutants)
