import { globSync } from 'node:fs'
import { join } from 'node:path'
import { run } from './run.ts'

/**
 * Runs the tests that take too long for `npm test`: every *.extended.test.ts. How far each one goes
 * is for itself to read from MORTISE_EXTENDED, `full` here unless the caller set it to `bounded`.
 */
process.env.MORTISE_EXTENDED ??= 'full'

const pattern = '{packages,integration,bench,tools}/**/*.extended.test.ts'
const found = globSync(pattern, {
  cwd: join(import.meta.dirname, '..'),
  exclude: ['**/node_modules/**', '**/dist/**'],
})

if (found.length === 0) {
  process.stdout.write(`extended tests: none exist yet (${pattern})\n`)
} else {
  const reporters = ['default', 'json'].map((name) => `--reporter=${name}`)
  const report = '--outputFile.json=.reports/extended.json'
  const args = ['run', '--project', 'extended', ...reporters, report, ...process.argv.slice(2)]
  if (!run('vitest', args).ok) process.exitCode = 1
}
