import { writeFileSync } from 'node:fs'
import type { Fixture } from '../fixture/index.ts'
import { failureText, nextStep, type Paint, paintOf, summaryText } from '../report/index.ts'
import { catalogue } from '../rules/index.ts'
import {
  type ConformanceReport,
  type Progress,
  type RuleResult,
  runConformance,
} from '../run/index.ts'
import { type CommandArguments, parseArguments, usage } from './arguments.ts'
import { loadFixtures } from './load-fixtures.ts'

/** Where the command writes. */
export interface CommandOutput {
  readonly write: (text: string) => void
  readonly colours: boolean
}

/** Runs the command and gives its exit code: 0 kept, 1 broken, 2 the run itself was wrong. */
export async function runCommand(
  argv: readonly string[],
  output: CommandOutput,
): Promise<0 | 1 | 2> {
  const paint = paintOf(output.colours)
  try {
    const parsed = parseArguments(argv)
    if (parsed === 'help') {
      output.write(`${usage}\n`)
      return 0
    }
    const reports: ConformanceReport[] = []
    for (const fixture of await loadFixtures(parsed.fixtureFile)) {
      reports.push(await runFixture(fixture, parsed, output, paint))
    }
    if (parsed.jsonFile !== undefined) {
      const content = reports.length === 1 ? reports[0] : reports
      writeFileSync(parsed.jsonFile, `${JSON.stringify(content, null, 2)}\n`)
    }
    if (reports.some(({ errors }) => errors.length > 0)) return 2
    return reports.every(({ ok }) => ok) ? 0 : 1
  } catch (error) {
    if (!(error instanceof TypeError) || !('code' in error)) throw error
    output.write(`${paint.red(error.message)}\n\n${usage}\n`)
    return 2
  }
}

async function runFixture(
  fixture: Fixture,
  { fixtureFile, rules, areas, tier, untilFirstFailure }: CommandArguments,
  output: CommandOutput,
  paint: Paint,
): Promise<ConformanceReport> {
  output.write(`${paint.bold(fixture.name)}\n`)
  const report = await runConformance(fixture, {
    rules,
    areas,
    tier,
    untilFirstFailure,
    fixtureFile,
    onResult: (result, progress) => output.write(resultText(result, progress, paint)),
  })
  output.write(`\n${summaryText(report, paint)}\n\n`)
  return report
}

function resultText(result: RuleResult, { done, selected }: Progress, paint: Paint): string {
  const count = paint.dim(`${String(done).padStart(String(selected).length)}/${selected}`)
  const name = `${result.rule} ${result.title}`
  switch (result.status) {
    case 'passed':
      return `${count} ${paint.green('✓')} ${name} ${paint.dim(`${result.durationMs} ms`)}\n`
    case 'not_applicable':
      return `${count} ${paint.dim(`- ${name}: ${result.reason}`)}\n`
    case 'waived':
      return `${count} ${paint.yellow('w')} ${name}: ${result.reason}\n`
    case 'failed': {
      const { failure } = result
      if (failure === undefined) return ''
      const next = nextStep(failure, catalogue)
      const text = `\n${failureText(failure, paint)}\n${next === undefined ? '' : `  ${next}\n`}\n`
      return `${count} ${result.level === 'MUST' ? paint.red('✗') : paint.yellow('!')} ${name}\n${text}`
    }
  }
}
