import { mkdirSync, writeFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { runInProcess } from './case-process.ts'
import { cases } from './cases/index.ts'
import { parseOptions, usage } from './options.ts'
import { markdownTable, resultText } from './report.ts'
import { reports } from './reports.ts'
import { type BenchResult, verdictOf } from './result.ts'

async function main(): Promise<void> {
  const options = parseOptions(process.argv.slice(2))
  const selected = cases.filter(({ name }) => name.includes(options.filter ?? ''))
  if (selected.length === 0) {
    throw new Error(
      `no case holds "${options.filter}"; there are ${cases.map(({ name }) => name).join(', ')}\n${usage}`,
    )
  }
  const machine = {
    node: process.version,
    platform: `${process.platform}-${process.arch}`,
    cores: availableParallelism(),
  }
  process.stdout.write(
    `Node.js ${machine.node}, ${machine.platform}, ${machine.cores} cores. Medians, least–most in brackets; a ratio above 1 is\nfaster than the peer (of sizes and rates: larger).\n`,
  )
  const results: BenchResult[] = []
  for (const { name } of selected) {
    process.stdout.write(`\n${name}\n`)
    try {
      for (const result of await runInProcess(name, options)) {
        results.push(result)
        process.stdout.write(`  ${resultText(result)}\n`)
      }
    } catch (error) {
      process.stdout.write(`✗ ${(error as Error).message}\n`)
      process.exitCode = 1
    }
  }
  const missed = results.filter((result) => verdictOf(result) === 'miss')
  const judged = results.filter((result) => verdictOf(result) !== undefined)
  mkdirSync(reports, { recursive: true })
  writeFileSync(
    join(reports, 'bench.json'),
    `${JSON.stringify({ machine, quick: options.quick, results }, undefined, 2)}\n`,
  )
  writeFileSync(join(reports, 'bench.md'), `${markdownTable(results)}\n`)
  const seconds = (performance.now() / 1000).toFixed(0)
  process.stdout.write(
    `\n${judged.length - missed.length} of ${judged.length} goals reached, ${results.length} results, ${seconds} s. Written to .reports/bench.json and bench.md\n`,
  )
  for (const { name, ours } of missed) process.stdout.write(`✗ ${name} (${ours.what})\n`)
}

try {
  await main()
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  process.exitCode = 1
}
