import type { Adapter } from '@mortise/core/adapter'
import type { Fixture } from '@mortise/testkit'
import { fileFixture, memoryFixture } from '../fixtures/sqlite.ts'
import type { Mutant } from './mutant.ts'

/**
 * A mutant over the good adapter: in memory, or over a file, where a lock that is held is an error
 * at once.
 */
export function fixtureOf(mutant: Mutant): Fixture {
  const good =
    mutant.over === 'file'
      ? fileFixture('node:sqlite', { busyTimeoutMs: 0 })
      : memoryFixture('node:sqlite')
  return {
    ...good,
    name: mutant.name,
    minimumRules: 1,
    adapter: async (database) => mutant.adapter((await good.adapter(database)) as Adapter),
  }
}
