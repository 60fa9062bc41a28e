import { deepStrictEqual } from 'node:assert/strict'
import type { Insert } from '@mortise/core'
import type { BenchCase, Scale } from '../case.ts'
import { insertSql, memoryRepo, rawDatabase } from '../databases.ts'
import type { BenchResult } from '../result.ts'
import { type Contestant, compareTimes, runRounds } from '../rounds.ts'
import { createTableSql, plainRow, plainRows } from '../tables.ts'

type NewRow = Insert<typeof plainRows>

/** Inserts rows of 12 given columns: one by one in a transaction, and all at once. */
export const insertCases: readonly BenchCase[] = [
  { name: 'insert', run: insertLoop },
  { name: 'insert-all', run: insertAll },
]

/** What a program would bind, in the order of the columns. */
function valuesOf(row: NewRow): unknown[] {
  const { a, b, c, d, e, f, g, h, i, j, k, l } = row
  return [a, b, c, d, e, f, g, h, i, j, k, l]
}

/** A repo and a raw database with the empty table, and how to empty it again. */
async function emptyTables() {
  const repo = memoryRepo()
  const database = rawDatabase('better-sqlite3')
  await repo.query(createTableSql(repo.adapter, plainRows))
  database.exec(createTableSql(repo.adapter, plainRows))
  return {
    repo,
    database,
    ours: (what: string, run: () => Promise<unknown>): Contestant => ({
      what,
      run,
      prepare: () => repo.deleteAll(plainRows, { all: true }),
    }),
    raw: (what: string, run: () => void): Contestant => ({
      what,
      run() {
        database.exec('begin')
        run()
        database.exec('commit')
      },
      prepare: () => database.exec('delete from plain_rows'),
    }),
    async same(): Promise<void> {
      const theirs = database.prepare('select * from plain_rows order by a').all()
      const ours = await repo.all(plainRows, { orderBy: 'a' })
      deepStrictEqual(
        ours.map((row) => ({ ...row })),
        theirs.map((row) => ({ ...(row as object) })),
      )
    },
    async close(): Promise<void> {
      database.close()
      await repo.close()
    },
  }
}

async function insertLoop(scale: Scale): Promise<BenchResult[]> {
  const count = scale.quick ? 2_000 : 10_000
  const rows = Array.from({ length: count }, (_, n) => plainRow(n + 1))
  const { repo, database, ours, raw, same, close } = await emptyTables()
  try {
    const insert = database.prepare(insertSql(plainRows, { id: false }))
    const returning = database.prepare(`${insertSql(plainRows, { id: false })} returning *`)
    const times = await runRounds(
      {
        ours: ours('tx.insert, returning: false', () =>
          repo.transaction(async (tx) => {
            for (const row of rows) await tx.insert(plainRows, row, { returning: false })
          }),
        ),
        raw: raw('better-sqlite3 .run()', () => {
          for (const row of rows) insert.run(...valuesOf(row))
        }),
        oursReturning: ours('tx.insert, the row returned', () =>
          repo.transaction(async (tx) => {
            for (const row of rows) await tx.insert(plainRows, row)
          }),
        ),
        rawReturning: raw('better-sqlite3 .get(), returning *', () => {
          for (const row of rows) returning.get(...valuesOf(row))
        }),
      },
      { ...scale, collect: false },
    )
    await same()
    const per = { per: count, unit: 'µs' } as const
    const name = 'insert one row in a transaction'
    return [
      compareTimes(name, times.ours, times.raw, per),
      compareTimes(name, times.oursReturning, times.rawReturning, per),
    ]
  } finally {
    await close()
  }
}

async function insertAll(scale: Scale): Promise<BenchResult[]> {
  const count = scale.quick ? 4_096 : 20_480
  const rows = Array.from({ length: count }, (_, n) => plainRow(n + 1))
  const rowsPerStatement = 128
  const { repo, database, ours, raw, same, close } = await emptyTables()
  try {
    const one = database.prepare(insertSql(plainRows, { id: false }))
    const many = database.prepare(insertSql(plainRows, { id: false, rows: rowsPerStatement }))
    const times = await runRounds(
      {
        ours: ours('repo.insertAll', () => repo.insertAll(plainRows, rows)),
        loop: raw('better-sqlite3, a loop of .run()', () => {
          for (const row of rows) one.run(...valuesOf(row))
        }),
        multi: raw(`better-sqlite3, ${rowsPerStatement} rows a statement`, () => {
          for (let start = 0; start < rows.length; start += rowsPerStatement) {
            many.run(...rows.slice(start, start + rowsPerStatement).flatMap(valuesOf))
          }
        }),
      },
      scale,
    )
    await same()
    const name = `insert ${count} rows at once`
    return [
      compareTimes(name, times.ours, times.loop, {}),
      compareTimes(name, times.ours, times.multi, {}),
    ]
  } finally {
    await close()
  }
}
