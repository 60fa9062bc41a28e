import { run } from './run.ts'

type Check = readonly [name: string, command: string, ...args: string[]]

/** Every check of the repository, quickest first. A later one runs although an earlier one failed. */
const CHECKS: readonly Check[] = [
  ['format and lint', 'biome', 'ci', '--reporter=default', '--max-diagnostics=50'],
  ['lock file', 'node', 'tools/check-lock-file.ts'],
  ['layers', 'node', 'tools/check-layers.ts'],
  ['types', 'tsc', '--noEmit'],
  ['unused code and dependencies', 'knip'],
  ['build', 'turbo', 'run', 'build', '--output-logs=errors-only'],
  ['packages', 'node', 'tools/check-packages.ts'],
]

const failed: string[] = []
for (const [name, command, ...args] of CHECKS) {
  process.stdout.write(`\n=== ${name}\n`)
  if (name === 'packages' && failed.includes('build')) {
    process.stdout.write('skipped: nothing built to pack\n')
    continue
  }
  if (!run(command, args).ok) failed.push(name)
}

const verdict = failed.length === 0 ? 'all passed' : `failed: ${failed.join(', ')}`
process.stdout.write(`\nchecks: ${verdict}\n`)
if (failed.length > 0) process.exitCode = 1
