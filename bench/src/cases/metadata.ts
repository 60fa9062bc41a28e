import { metadataOf, sql } from '@mortise/core'
import type { BenchCase } from '../case.ts'
import { memoryRepo } from '../databases.ts'
import { figure, runRounds } from '../rounds.ts'
import { spreadOf } from '../statistics.ts'
import { fillTable, plainRow, plainRows } from '../tables.ts'

/**
 * What shared metadata costs a row: a table's rows carry it, the same rows of a raw query do not.
 * The difference also holds the check of each value against its column's type.
 */
export const metadataCase: BenchCase = {
  name: 'metadata',
  async run(scale) {
    const repo = memoryRepo()
    try {
      await fillTable(repo, plainRows, plainRow, scale.rows)
      const [first, second] = await repo.all(plainRows, { limit: 2, orderBy: 'id' })
      if (metadataOf(first as object) !== metadataOf(second as object)) {
        throw new Error('two rows have different metadata')
      }
      const times = await runRounds(
        {
          with: { what: 'repo.all, with metadata', run: () => repo.all(plainRows) },
          without: {
            what: 'repo.query, without',
            run: () => repo.query(sql`select * from ${plainRows}`),
          },
        },
        scale,
      )
      const differences = times.with.ms.map(
        (ms, round) => ((ms - (times.without.ms[round] as number)) * 1e6) / scale.rows,
      )
      return [
        {
          name: 'metadata and type check, of one row × 13',
          ours: { what: 'repo.all less repo.query', unit: 'ns', ...spreadOf(differences) },
          peer: { ...figure(times.without, scale.rows, 'ns'), what: 'the whole row, repo.query' },
          ratio: undefined,
          goal: undefined,
        },
      ]
    } finally {
      await repo.close()
    }
  },
}
