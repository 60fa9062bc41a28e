import { type Adapter, createRepo, type Repo } from '@mortise/core'
import { createTable } from './create-table.ts'
import type { Database } from './databases.ts'
import { median } from './median.ts'
import { checksum, type NewPost, newPosts, posts } from './posts.ts'
import type { Progress } from './progress.ts'

/** One way to insert the posts. */
export interface Stage {
  readonly name: string
  /** What it took Ecto 3.0 on PostgreSQL in 2018, as the announcement says. */
  readonly ms2018: number | undefined
  readonly cache: boolean
  run(repo: Repo, rows: readonly NewPost[]): Promise<void>
}

async function insertEach(repo: Repo, rows: readonly NewPost[]): Promise<void> {
  for (const row of rows) await repo.insert(posts, row)
}

/** The announcement's stages, in its order. */
export const stages: readonly Stage[] = [
  { name: 'insert, statement cache off', ms2018: 900, cache: false, run: insertEach },
  { name: 'insert, statement cache on', ms2018: 610, cache: true, run: insertEach },
  {
    name: 'insert, in one checkout',
    ms2018: 420,
    cache: true,
    run: (repo, rows) => repo.checkout((held) => insertEach(held, rows)),
  },
  {
    name: 'insert, in one transaction',
    ms2018: 320,
    cache: true,
    run: (repo, rows) => repo.transaction((tx) => insertEach(tx, rows)),
  },
  {
    name: 'insertAll',
    ms2018: undefined,
    cache: true,
    async run(repo, rows) {
      await repo.insertAll(posts, rows)
    },
  },
]

/** What one stage took on one database. */
export interface StageResult {
  readonly medianMs: number
  readonly leastMs: number
  readonly mostMs: number
}

/** The results of one database, in the order of the stages. */
export interface DatabaseResult {
  readonly database: Database
  readonly stages: readonly StageResult[]
}

/** The results of all databases. */
export interface WorkloadResult {
  readonly posts: number
  readonly rounds: number
  /** The checksum that the rows had after every run. */
  readonly checksum: string
  readonly databases: readonly DatabaseResult[]
}

const poolSize = 10

/**
 * Runs every stage on every database, round by round, so that what else the machine does meets all
 * of them alike. After each run the rows are read back and compared. A first round is not counted.
 */
export async function runWorkload(
  databases: readonly Database[],
  options: {
    readonly directory: string
    readonly posts: number
    readonly rounds: number
    readonly progress: Progress
  },
): Promise<WorkloadResult> {
  const { directory, rounds, progress } = options
  const rows = newPosts(options.posts)
  const expected = checksum(rows)
  const places: Place[] = []
  try {
    for (const database of databases) places.push(await openPlace(database, directory))
    await progress.phase(`${rows.length} posts, ${rounds} rounds`)
    for (let round = 0; round <= rounds; round++) {
      for (let s = 0; s < stages.length; s++) {
        // Each round begins with another stage, so that none always follows the same one.
        const index = (s + round) % stages.length
        for (const place of places) {
          const stage = stages[index] as Stage
          progress.detail(`round ${round} of ${rounds}, ${place.database.name}, ${stage.name}`)
          const ms = await runStage(place, stage, rows, expected)
          if (round > 0) place.times[index]?.push(ms)
        }
      }
      if (round === 0) continue
      await progress.phase(`${rows.length} posts, round ${round} of ${rounds} done`)
    }
    return {
      posts: rows.length,
      rounds,
      checksum: expected,
      databases: places.map(({ database, times }) => ({
        database,
        stages: times.map((ms) => ({
          medianMs: median(ms),
          leastMs: Math.min(...ms),
          mostMs: Math.max(...ms),
        })),
      })),
    }
  } finally {
    for (const place of places) await place.close()
  }
}

/** A database with the table in it, and a repo with and one without a statement cache. */
interface Place {
  readonly database: Database
  readonly cached: Repo
  readonly uncached: Repo
  /** One list a stage. */
  readonly times: readonly number[][]
  close(): Promise<void>
}

async function openPlace(database: Database, directory: string): Promise<Place> {
  const opened = await database.open(directory)
  const repo = (size: number): Repo =>
    createRepo<Adapter>({
      adapter: opened.adapter(),
      pool: { size: poolSize },
      statementCache: { size },
    })
  const [cached, uncached] = [repo(256), repo(0)]
  const close = async (): Promise<void> => {
    await uncached.close()
    await cached.close()
    await opened.close()
  }
  try {
    await cached.query(cached.adapter.dialect.compile(createTable(posts)).sql)
    return { database, cached, uncached, times: stages.map(() => []), close }
  } catch (error) {
    await close()
    throw error
  }
}

async function runStage(
  place: Place,
  stage: Stage,
  rows: readonly NewPost[],
  expected: string,
): Promise<number> {
  const repo = stage.cache ? place.cached : place.uncached
  await repo.deleteAll(posts, { all: true })
  const before = repo.stats().statements
  const started = performance.now()
  await stage.run(repo, rows)
  const ms = performance.now() - started
  const after = repo.stats().statements
  const fail = (what: string): never => {
    throw new Error(`${place.database.name}, "${stage.name}": ${what}`)
  }
  const count = await repo.count(posts)
  if (count !== rows.length) fail(`${count} rows are there and not ${rows.length}`)
  const stored = await repo.all(posts, { orderBy: 'visits' })
  if (checksum(stored) !== expected) fail('the rows hold other values than were inserted')
  if (new Set(stored.map((row) => row.id)).size !== rows.length) fail('two rows have one id')
  const hits = after.hits - before.hits
  if (!stage.cache && hits > 0) fail(`${hits} statements came from the cache, which is off`)
  if (stage.cache && after.misses - before.misses >= rows.length) {
    fail('every statement was prepared anew, although the cache is on')
  }
  return ms
}
