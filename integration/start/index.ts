import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { conformanceReport, runFixtures } from './conformance.ts'
import { databases } from './databases.ts'
import { conformanceFixtures } from './fixtures.ts'
import { type Options, parseOptions } from './options.ts'
import { type Progress, progressOn } from './progress.ts'
import { type StyleText, styleFor } from './style.ts'
import { temporaryDirectory } from './temporary-directory.ts'
import { runTour, type Tour, tourReport } from './tour.ts'
import { runWorkload } from './workload.ts'
import { workloadReport } from './workload-report.ts'

interface Run {
  readonly options: Options
  /** For the part's files. */
  readonly directory: string
  readonly progress: Progress
  readonly style: StyleText
  /** Prints a finished part. */
  readonly print: (heading: string, text: string) => void
}

const runs = {
  async workload({ options, directory, progress, style, print }: Run): Promise<boolean> {
    const result = await runWorkload(databases, { ...options, directory, progress })
    print('The workload of the announcement of Ecto 3.0', workloadReport(result, style))
    return true
  },
  async tour({ directory, progress, style, print }: Run): Promise<boolean> {
    const tours: Tour[] = []
    for (const database of databases) tours.push(await runTour(database, { directory, progress }))
    print('Upserts, exists and company', tourReport(tours, style))
    return tours.every(({ results }) => results.every(({ ok }) => ok))
  },
  async conformance({ progress, style, print }: Run): Promise<boolean> {
    const reports = await runFixtures(conformanceFixtures, progress)
    print('Conformance', conformanceReport(reports, style))
    return reports.every(({ ok }) => ok)
  },
}

async function main(): Promise<void> {
  const options = parseOptions(process.argv.slice(2))
  const style = styleFor(process.stdout)
  const progress = progressOn(process.stderr)
  const root = temporaryDirectory()
  const print = (heading: string, text: string): void => {
    progress.clear()
    process.stdout.write(`\n${style.bold(heading)}\n\n${text}\n`)
  }
  const failed: string[] = []
  for (const part of options.parts) {
    const directory = join(root, part)
    mkdirSync(directory)
    if (!(await runs[part]({ options, directory, progress, style, print }))) failed.push(part)
  }
  const seconds = (performance.now() / 1000).toFixed(1)
  process.stdout.write(
    failed.length === 0
      ? `\n${style.green(`✓ all of it went as it should, in ${seconds} s`)}\n`
      : `\n${style.red(`✗ failed: ${failed.join(', ')}, after ${seconds} s`)}\n`,
  )
  if (failed.length > 0) process.exitCode = 1
}

try {
  await main()
} catch (error) {
  process.stderr.write(`\n${error instanceof Error ? error.stack : String(error)}\n`)
  process.exitCode = 1
}
