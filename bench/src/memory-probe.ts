import { setTimeout as wait } from 'node:timers/promises'
import { sqlite } from '@mortise/adapter-sqlite'
import { type Adapter, createRepo } from '@mortise/core'
import Database from 'better-sqlite3'
import { plainRows, typedRows } from './tables.ts'

/** Bytes of a row, by where they are. */
export interface MemorySample {
  readonly heap: number
  readonly external: number
  readonly rss: number
}

/** A whole table by one means, kept. */
interface Loader {
  load(): Promise<readonly object[]>
  /** Reads a few rows, so that everything is compiled and connected. */
  warm(): Promise<void>
}

type Table = 'plain' | 'typed'

/** How the rows are loaded. */
export type Variant = 'ours' | 'literals' | 'library'

/** More rows than there are: the statement that was warm with a few then reads all. */
const everything = 1_000_000_000

/** The rows as `repo.all` loads them. */
function ours(file: string, name: Table): Loader {
  const repo = createRepo<Adapter>({ adapter: sqlite(file) })
  const table = name === 'plain' ? plainRows : typedRows
  return {
    load: () => repo.all(table, { limit: everything }),
    async warm() {
      for (let i = 0; i < 50; i++) await repo.all(table, { limit: 100 })
    },
  }
}

type Stored = readonly unknown[]

/** The rows as object literals of the same values, made one at a time. */
function literals(file: string, name: Table): Loader {
  const database = new Database(file, { readonly: true })
  const make = name === 'plain' ? plainLiteral : typedLiteral
  const statement = database.prepare(`select * from ${name}_rows limit ?`).raw()
  const read = (limit: number): object[] => {
    const rows: object[] = []
    for (const values of statement.iterate(limit)) rows.push(make(values as Stored))
    return rows
  }
  return {
    load: async () => read(everything),
    async warm() {
      for (let i = 0; i < 50; i++) read(100)
    },
  }
}

/** The rows as better-sqlite3's .all() gives them, converted by hand where they have to be. */
function library(file: string, name: Table): Loader {
  const database = new Database(file, { readonly: true })
  const statement = database.prepare(`select * from ${name}_rows limit ?`)
  const read = (limit: number): object[] => {
    const rows = statement.all(limit) as object[]
    return name === 'plain' ? rows : rows.map((row) => typedLiteral(Object.values(row)))
  }
  return {
    load: async () => read(everything),
    async warm() {
      for (let i = 0; i < 50; i++) read(100)
    },
  }
}

function plainLiteral(v: Stored): object {
  const [id, a, b, c, d, e, f, g, h, i, j, k, l] = v
  return { id, a, b, c, d, e, f, g, h, i, j, k, l }
}

function typedLiteral(v: Stored): object {
  return {
    id: v[0],
    title: v[1],
    slug: v[2],
    body: v[3],
    author: v[4],
    visits: v[5],
    served: BigInt(v[6] as number),
    rating: v[7],
    published: v[8] === 1,
    meta: JSON.parse(v[9] as string),
    publishedOn: v[10],
    insertedAt: new Date(`${v[11]}Z`),
    updatedAt: new Date(`${v[12]}Z`),
  }
}

/** Collects garbage until nothing is left that is in nobody's use. */
async function settle(): Promise<NodeJS.MemoryUsage> {
  for (let i = 0; i < 4; i++) {
    globalThis.gc?.()
    await wait(5)
  }
  return process.memoryUsage()
}

const [file, table, variant] = process.argv.slice(2) as [string, Table, Variant]
const loader = { ours, literals, library }[variant](file, table)
await loader.warm()
const before = await settle()
const rows = await loader.load()
const after = await settle()
const perRow = (of: 'heapUsed' | 'external' | 'rss'): number =>
  (after[of] - before[of]) / rows.length
const sample: MemorySample = {
  heap: perRow('heapUsed'),
  external: perRow('external'),
  rss: perRow('rss'),
}
process.stdout.write(JSON.stringify(sample))
