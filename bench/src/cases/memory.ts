import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { sqlite } from '@mortise/adapter-sqlite'
import { type Adapter, createRepo } from '@mortise/core'
import type { BenchCase } from '../case.ts'
import type { MemorySample } from '../memory-probe.ts'
import type { BenchResult } from '../result.ts'
import { spreadOf } from '../statistics.ts'
import { fillTable, plainRow, plainRows, typedRow, typedRows } from '../tables.ts'

const probe = fileURLToPath(new URL('../memory-probe.ts', import.meta.url))
const run = promisify(execFile)

/**
 * What a loaded row holds, against object literals with the same values. Each sample is a process
 * of its own: memory that was used once stays in a process's size.
 */
export const memoryCase: BenchCase = {
  name: 'memory',
  async run(scale) {
    const directory = mkdtempSync(join(tmpdir(), 'mortise-bench-'))
    try {
      const file = join(directory, 'rows.db')
      const repo = createRepo<Adapter>({ adapter: sqlite(file) })
      await fillTable(repo, plainRows, plainRow, scale.rows)
      await fillTable(repo, typedRows, typedRow, scale.rows)
      await repo.close()
      return [
        ...(await compare(file, 'plain', 'integers and texts', scale.rounds)),
        ...(await compare(file, 'typed', 'eight types', scale.rounds)),
      ]
    } finally {
      rmSync(directory, { recursive: true, force: true })
    }
  },
}

async function compare(
  file: string,
  table: 'plain' | 'typed',
  what: string,
  rounds: number,
): Promise<BenchResult[]> {
  const ours: MemorySample[] = []
  const literals: MemorySample[] = []
  for (let round = 0; round < rounds; round++) {
    ours.push(await sample(file, table, 'ours'))
    literals.push(await sample(file, table, 'literals'))
  }
  const line = (name: string, of: (sample: MemorySample) => number): BenchResult => ({
    name: `memory of a loaded row × 13, ${what}: ${name}`,
    ours: { what: 'repo.all', unit: 'bytes', ...spreadOf(ours.map(of)) },
    peer: { what: 'object literals', unit: 'bytes', ...spreadOf(literals.map(of)) },
    ratio: spreadOf(ours.map((each, i) => of(each) / of(literals[i] as MemorySample))),
    goal: { most: 1.05 },
  })
  return [
    line('heap and external', ({ heap, external }) => heap + external),
    line('resident (RSS)', ({ rss }) => rss),
  ]
}

async function sample(file: string, table: string, variant: string): Promise<MemorySample> {
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
