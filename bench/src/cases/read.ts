import { deepStrictEqual } from 'node:assert/strict'
import { sql } from '@mortise/core'
import type { BenchCase, Scale } from '../case.ts'
import { copyTable, type Driver, drivers, memoryRepo, rawDatabase } from '../databases.ts'
import type { BenchResult, Goal } from '../result.ts'
import { compareTimes, runRounds } from '../rounds.ts'
import { fillTable, plainRow, plainRows, typedRow, typedRows } from '../tables.ts'

/** Reads a whole table of 13 columns, on each driver. The goals are for better-sqlite3. */
export const readCases: readonly BenchCase[] = drivers.flatMap((driver) => {
  const goal = driver === 'better-sqlite3' ? { least: 0.9 } : undefined
  const suffix = driver === 'better-sqlite3' ? '' : '-node-sqlite'
  return [
    { name: `read-plain${suffix}`, run: (scale: Scale) => readPlain(scale, driver, goal) },
    { name: `read-typed${suffix}`, run: (scale: Scale) => readTyped(scale, driver, goal) },
  ]
})

/** Integers and texts: what we give is what the library gives, checked to be exact. */
async function readPlain(
  scale: Scale,
  driver: Driver,
  goal: Goal | undefined,
): Promise<BenchResult[]> {
  const repo = memoryRepo(driver)
  const database = rawDatabase(driver)
  try {
    await fillTable(repo, plainRows, plainRow, scale.rows)
    await copyTable(repo, plainRows, database)
    const all = database.prepare('select * from plain_rows')
    const exact = database.prepare('select * from plain_rows').exact()
    sameRows(await repo.all(plainRows), all.all())
    const times = await runRounds(
      {
        ours: { what: 'repo.all', run: () => repo.all(plainRows) },
        query: {
          what: 'repo.query',
          run: async () => (await repo.query(sql`select * from ${plainRows}`)).rows,
        },
        all: { what: `${driver} .all()`, run: () => all.all() },
        exact: { what: `${driver} .all(), integers as bigint`, run: () => exact.all() },
      },
      scale,
    )
    const name = `read ${scale.rows} rows × 13, integers and texts`
    return [
      compareTimes(name, times.ours, times.all, goal === undefined ? {} : { goal }),
      compareTimes(name, times.ours, times.exact, {}),
      compareTimes(name, times.query, times.all, {}),
    ]
  } finally {
    database.close()
    await repo.close()
  }
}

interface StoredRow {
  readonly [column: string]: unknown
  readonly served: number
  readonly published: number
  readonly meta: string
  readonly insertedAt: string
  readonly updatedAt: string
}

/** What a program would write by hand to get the same rows. It checks nothing. */
function byHand(row: StoredRow): object {
  return {
    id: row.id,
    title: row.title,
    slug: row.slug,
    body: row.body,
    author: row.author,
    visits: row.visits,
    served: BigInt(row.served),
    rating: row.rating,
    published: row.published === 1,
    meta: JSON.parse(row.meta),
    publishedOn: row.publishedOn,
    insertedAt: new Date(`${row.insertedAt}Z`),
    updatedAt: new Date(`${row.updatedAt}Z`),
  }
}

/** An application's columns: bigint, boolean, json and timestamps are converted. */
async function readTyped(
  scale: Scale,
  driver: Driver,
  goal: Goal | undefined,
): Promise<BenchResult[]> {
  const repo = memoryRepo(driver)
  const database = rawDatabase(driver)
  try {
    await fillTable(repo, typedRows, typedRow, scale.rows)
    await copyTable(repo, typedRows, database)
    const all = database.prepare('select * from typed_rows')
    const converted = (): object[] => (all.all() as StoredRow[]).map(byHand)
    sameRows(await repo.all(typedRows), converted())
    const times = await runRounds(
      {
        ours: { what: 'repo.all', run: () => repo.all(typedRows) },
        byHand: { what: `${driver} .all(), converted by hand`, run: converted },
        all: { what: `${driver} .all(), not converted`, run: () => all.all() },
      },
      scale,
    )
    const name = `read ${scale.rows} rows × 13, eight types`
    return [
      compareTimes(name, times.ours, times.byHand, goal === undefined ? {} : { goal }),
      compareTimes(name, times.ours, times.all, {}),
    ]
  } finally {
    database.close()
    await repo.close()
  }
}

function sameRows(ours: readonly object[], theirs: readonly unknown[]): void {
  // node:sqlite's rows have no prototype.
  deepStrictEqual(
    ours.map((row) => ({ ...row })),
    theirs.map((row) => ({ ...(row as object) })),
  )
}
