import { sqlite } from '@mortise/adapter-sqlite'
import { type Adapter, createRepo, metadataOf } from '@mortise/core'
import type { Connection, RowShape } from '@mortise/core/adapter'
import type { BenchCase } from '../case.ts'
import { copyTable, type RawDatabase, rawDatabase } from '../databases.ts'
import type { BenchResult } from '../result.ts'
import { spreadOf } from '../statistics.ts'
import { fillTable, plainRow, plainRows } from '../tables.ts'

/** What the metadata that all rows of a table share costs each of them. */
export const metadataCase: BenchCase = {
  name: 'metadata',
  async run(scale) {
    const seen: { shape?: RowShape | undefined } = {}
    const repo = createRepo<Adapter>({ adapter: watched(seen) })
    const database = rawDatabase('better-sqlite3')
    try {
      await fillTable(repo, plainRows, plainRow, scale.rows)
      await copyTable(repo, plainRows, database)
      const [first, second] = await repo.all(plainRows, { limit: 2, orderBy: 'id' })
      if (first === undefined || metadataOf(first) !== metadataOf(second ?? {})) {
        throw new Error('two rows have different metadata')
      }
      const attach = seen.shape?.attach
      if (attach === undefined) throw new Error('the shape attaches nothing')
      const samples: Sample[] = []
      for (let round = -scale.warmup; round < scale.rounds; round++) {
        const sample = attachToAll(database, attach)
        if (round >= 0) samples.push(sample)
      }
      return [
        line(
          'time of a row × 13',
          'ns',
          samples.map(({ ns }) => ns),
        ),
        line(
          'memory of a row × 13',
          'bytes',
          samples.map(({ bytes }) => bytes),
        ),
      ]
    } finally {
      database.close()
      await repo.close()
    }
  },
}

/** An adapter that shows the shape of the last read. */
function watched(seen: { shape?: RowShape | undefined }): Adapter {
  const adapter = sqlite(':memory:')
  return {
    ...adapter,
    async connect(context) {
      const connection: Connection = await adapter.connect(context)
      const execute = connection.execute.bind(connection)
      connection.execute = (request) => {
        seen.shape = request.shape
        return execute(request)
      }
      return connection
    },
  }
}

interface Sample {
  readonly ns: number
  readonly bytes: number
  /** One of the rows: while it is in use, V8 keeps the layout of such rows. */
  readonly row: object | undefined
}

/** Attaches to fresh rows; what it took, by row. */
function attachToAll(database: RawDatabase, attach: (row: object) => void): Sample {
  const rows = database.prepare('select * from plain_rows').all() as object[]
  const before = heapUsed()
  const started = performance.now()
  for (let i = 0; i < rows.length; i++) attach(rows[i] as object)
  const ms = performance.now() - started
  const bytes = heapUsed() - before
  return { ns: (ms * 1e6) / rows.length, bytes: Math.round(bytes / rows.length), row: rows[0] }
}

function heapUsed(): number {
  globalThis.gc?.()
  return process.memoryUsage().heapUsed
}

function line(name: string, unit: 'ns' | 'bytes', values: readonly number[]): BenchResult {
  return {
    name: `shared metadata: ${name}`,
    ours: { what: 'attached to loaded rows', unit, ...spreadOf(values) },
    peer: undefined,
    ratio: undefined,
    goal: unit === 'bytes' ? { most: 1 } : undefined,
  }
}
