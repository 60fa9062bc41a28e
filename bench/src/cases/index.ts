import type { BenchCase } from '../case.ts'
import { getCases } from './get.ts'
import { insertCases } from './insert.ts'
import { memoryCase } from './memory.ts'
import { metadataCase } from './metadata.ts'
import { overloadCase } from './overload.ts'
import { poolCase } from './pool.ts'
import { queryCase } from './query.ts'
import { readCases } from './read.ts'
import { streamCase } from './stream.ts'

/** Every case, in the order of the table. */
export const cases: readonly BenchCase[] = [
  ...readCases,
  ...getCases,
  queryCase,
  ...insertCases,
  streamCase,
  poolCase,
  overloadCase,
  memoryCase,
  metadataCase,
]
