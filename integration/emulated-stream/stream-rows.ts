import { createRepo, sql } from '@mortise/core'
import type { Adapter } from '@mortise/core/adapter'
import { dialect, guideAdapter } from 'guide-adapter'

/**
 * How far memory grew while rows were streamed through the emulation. This file does it, as a
 * process of its own, and prints the growth as JSON: `bounded` streams through the adapter as it
 * is, `unbounded` through a cursor that gives all rows at once, as an emulation that collects the
 * result would.
 */
export interface Growth {
  readonly rows: number
  /** Growth of the resident set's highest mark over what was there before, in bytes. */
  readonly rss: number
  /** Growth of the highest heap seen between two batches, in bytes. */
  readonly heap: number
}

const [filename = ':memory:', kind = 'bounded', count = '1000000'] = process.argv.slice(2)
const rowCount = Number(count)
const adapter = guideAdapter(filename)
const repo = createRepo({
  adapter: kind === 'unbounded' ? unbounded(adapter) : adapter,
  timeoutMs: 120_000,
})
// The code is compiled and the connection open before the measurement begins.
for await (const row of repo.stream(rowsUpTo(2000))) void row
const before = process.memoryUsage()
let rows = 0
let heap = 0
for await (const row of repo.stream(rowsUpTo(rowCount))) {
  if (Object.keys(row).length !== 3) throw new Error('a row is not whole')
  if (++rows % 500 === 0) heap = Math.max(heap, process.memoryUsage().heapUsed)
}
const growth: Growth = {
  rows,
  rss: process.resourceUsage().maxRSS * 1024 - before.rss,
  heap: heap - before.heapUsed,
}
await repo.close()
process.stdout.write(JSON.stringify(growth))

/** Some 100 bytes a row. */
function rowsUpTo(count: number) {
  return sql`with recursive numbers (n) as (
      select 1 union all select n + 1 from numbers where n < ${count}
    )
    select n, 'row ' || n as name, hex(randomblob(40)) as payload from numbers`
}

function unbounded(bounded: Adapter): Adapter {
  const { cursor } = dialect
  if (cursor === undefined) throw new Error('the dialect has no cursor')
  const fetchAll = (name: string, _count: number, done: number) =>
    cursor.fetch(name, rowCount, done)
  return {
    ...bounded,
    dialect: dialect.extend({ overrides: { cursor: { ...cursor, fetch: fetchAll } } }),
  }
}
