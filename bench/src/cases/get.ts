import { deepStrictEqual } from 'node:assert/strict'
import type { BenchCase, Scale } from '../case.ts'
import { copyTable, type Driver, drivers, memoryRepo, rawDatabase } from '../databases.ts'
import type { BenchResult } from '../result.ts'
import { compareTimes, runRounds } from '../rounds.ts'
import { fillTable, plainRow, plainRows } from '../tables.ts'

/** Reads single rows by their primary key, one after the other. The goals are for better-sqlite3. */
export const getCases: readonly BenchCase[] = drivers.map((driver) => ({
  name: driver === 'better-sqlite3' ? 'get' : 'get-node-sqlite',
  run: (scale) => get(scale, driver),
}))

async function get(scale: Scale, driver: Driver): Promise<BenchResult[]> {
  const rows = 10_000
  const gets = scale.quick ? 10_000 : 50_000
  const repo = memoryRepo(driver)
  const database = rawDatabase(driver)
  try {
    await fillTable(repo, plainRows, plainRow, rows)
    await copyTable(repo, plainRows, database)
    const plain = database.prepare('select * from plain_rows where id = ?')
    const exact = database.prepare('select * from plain_rows where id = ?').exact()
    deepStrictEqual({ ...(await repo.get(plainRows, 7)) }, { ...(plain.get(7) as object) })
    // Every row in an order that the page cache cannot guess; the same for all.
    const id = (i: number): number => 1 + ((i * 7919) % rows)
    const times = await runRounds(
      {
        ours: {
          what: 'repo.get',
          async run() {
            for (let i = 0; i < gets; i++) await repo.get(plainRows, id(i))
          },
        },
        plain: {
          what: `${driver} .get()`,
          run() {
            for (let i = 0; i < gets; i++) plain.get(id(i))
          },
        },
        exact: {
          what: `${driver} .get(), integers as bigint`,
          run() {
            for (let i = 0; i < gets; i++) exact.get(id(i))
          },
        },
      },
      { ...scale, collect: false },
    )
    const name = 'get one row × 13 by its key'
    const per = { per: gets, unit: 'µs' } as const
    const goals = driver === 'better-sqlite3'
    return [
      compareTimes(name, times.ours, times.plain, {
        ...per,
        ...(goals && { goal: { least: 0.65 } }),
      }),
      compareTimes(name, times.ours, times.exact, { ...per, ...(goals && { goal: { least: 1 } }) }),
    ]
  } finally {
    database.close()
    await repo.close()
  }
}
