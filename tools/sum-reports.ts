import { existsSync, readFileSync } from 'node:fs'
import { type Report, sentence, sum, type Tally, tallyOf } from './reports/tally.ts'

/**
 * `node tools/sum-reports.ts <report>:<exit code> …` prints one line for all the runs: a run that
 * exited with an error without a failure in its report, or without a report, adds one failure.
 * Exits with an error when anything failed or no test passed.
 */
function tallyOfRun(argument: string): Tally {
  const [path = '', exitCode] = argument.split(/:(?=\d+$)/)
  const counted = existsSync(path)
    ? tallyOf(JSON.parse(readFileSync(path, 'utf8')) as Report)
    : sum([])
  return exitCode !== '0' && counted.failed === 0 ? { ...counted, failed: 1 } : counted
}

const total = sum(process.argv.slice(2).map(tallyOfRun))
process.stdout.write(`${sentence(total)}\n`)
if (total.failed > 0 || total.passed === 0) process.exitCode = 1
