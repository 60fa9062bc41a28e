import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { sqlite } from '@mortise/adapter-sqlite'
import { type Adapter, createRepo } from '@mortise/core'
import type { BenchCase } from '../case.ts'
import type { MemorySample, Variant } from '../memory-probe.ts'
import type { BenchResult } from '../result.ts'
import { spreadOf } from '../statistics.ts'
import { fillTable, plainRow, plainRows, typedRow, typedRows } from '../tables.ts'

const probe = fileURLToPath(new URL('../memory-probe.ts', import.meta.url))
const run = promisify(execFile)

/**
 * What a loaded row holds, against object literals with the same values. Each sample is a process
 * of its own: memory that was used once stays in a process's size, so resident memory also tells
 * what the reading itself needed. Literals are made row by row; the library's own reading of a whole
 * table stands beside, because it holds every stored value at once, as ours does.
 */
export const memoryCase: BenchCase = {
  name: 'memory',
  async run(scale) {
    const samples = scale.quick ? 2 : 5
    const directory = mkdtempSync(join(tmpdir(), 'mortise-bench-'))
    const remove = (): void => rmSync(directory, { recursive: true, force: true })
    process.once('exit', remove)
    try {
      const file = join(directory, 'rows.db')
      const repo = createRepo<Adapter>({ adapter: sqlite(file) })
      await fillTable(repo, plainRows, plainRow, scale.rows)
      await fillTable(repo, typedRows, typedRow, scale.rows)
      await repo.close()
      return [
        ...(await compare(file, 'plain', 'integers and texts', samples)),
        ...(await compare(file, 'typed', 'eight types', samples)),
      ]
    } finally {
      remove()
    }
  },
}

async function compare(
  file: string,
  table: 'plain' | 'typed',
  what: string,
  rounds: number,
): Promise<BenchResult[]> {
  const samples = { ours: [], literals: [], library: [] } as {
    [variant in Variant]: MemorySample[]
  }
  for (let round = 0; round < rounds; round++) {
    for (const variant of variants) samples[variant].push(await sample(file, table, variant))
  }
  const line = (
    name: string,
    peer: Variant,
    of: (sample: MemorySample) => number,
    goal: BenchResult['goal'],
  ): BenchResult => ({
    name: `memory of a loaded row × 13, ${what}: ${name}`,
    ours: { what: whats.ours, unit: 'bytes', ...spreadOf(samples.ours.map(of)) },
    peer: { what: whats[peer], unit: 'bytes', ...spreadOf(samples[peer].map(of)) },
    ratio: spreadOf(samples.ours.map((each, i) => of(each) / of(samples[peer][i] as MemorySample))),
    goal,
  })
  const rss = (each: MemorySample): number => each.rss
  return [
    line('heap and external', 'literals', ({ heap, external }) => heap + external, { most: 1.05 }),
    line('resident (RSS)', 'literals', rss, { most: 1.05 }),
    line('resident (RSS)', 'library', rss, undefined),
  ]
}

const variants: readonly Variant[] = ['ours', 'literals', 'library']

const whats: { readonly [variant in Variant]: string } = {
  ours: 'repo.all',
  literals: 'object literals, read one by one',
  library: 'better-sqlite3 .all(), converted by hand',
}

async function sample(file: string, table: string, variant: Variant): Promise<MemorySample> {
  const { stdout } = await run(process.execPath, [
    '--expose-gc',
    ...process.execArgv,
    probe,
    file,
    table,
    variant,
  ])
  return JSON.parse(stdout) as MemorySample
}
