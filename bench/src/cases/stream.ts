import { type Repo, sql } from '@mortise/core'
import type { BenchCase, Scale } from '../case.ts'
import { copyTable, memoryRepo, rawDatabase } from '../databases.ts'
import type { BenchResult } from '../result.ts'
import { compareTimes, runRounds } from '../rounds.ts'
import { spreadOf } from '../statistics.ts'
import { fillTable, plainRow, plainRows } from '../tables.ts'

/** Reads a table row by row, and looks at what that holds in memory. */
export const streamCase: BenchCase = {
  name: 'stream',
  async run(scale) {
    const repo = memoryRepo()
    const database = rawDatabase('better-sqlite3')
    try {
      await fillTable(repo, plainRows, plainRow, scale.rows)
      await copyTable(repo, plainRows, database)
      const statement = database.prepare('select * from plain_rows')
      const expect = (count: number): void => {
        if (count !== scale.rows) throw new Error(`${count} rows came`)
      }
      const times = await runRounds(
        {
          ours: {
            what: 'repo.stream',
            async run() {
              let count = 0
              for await (const _ of repo.stream(sql`select * from ${plainRows}`)) count++
              expect(count)
            },
          },
          raw: {
            what: 'better-sqlite3 .iterate()',
            run() {
              let count = 0
              for (const _ of statement.iterate()) count++
              expect(count)
            },
          },
        },
        scale,
      )
      const memory: BenchResult = {
        name: `memory in use while ${scale.rows} rows stream`,
        ours: {
          what: 'repo.stream, 500 rows at a time',
          unit: 'MB',
          ...spreadOf(await memoryOnTheWay(repo, scale)),
        },
        peer: undefined,
        ratio: undefined,
        goal: { most: 64 },
      }
      return [compareTimes(`stream ${scale.rows} rows × 13`, times.ours, times.raw, {}), memory]
    } finally {
      database.close()
      await repo.close()
    }
  },
}

/** Megabytes in use beyond the beginning's, garbage collected, at several places of a stream. */
async function memoryOnTheWay(repo: Repo, scale: Scale): Promise<number[]> {
  const before = used()
  const found: number[] = []
  let count = 0
  for await (const _ of repo.stream(sql`select * from ${plainRows}`)) {
    if (++count % (scale.rows / 10) === 0) found.push((used() - before) / 1e6)
  }
  return found
}

function used(): number {
  globalThis.gc?.()
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}
