import { fork } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { BenchOptions } from './options.ts'
import { reports } from './reports.ts'
import type { BenchResult } from './result.ts'

const script = fileURLToPath(new URL('./run-case.ts', import.meta.url))
const profiles = join(reports, 'profiles')

/**
 * Runs a case in a process of its own, so that what the engine learned from one does not slow down
 * the next.
 */
export function runInProcess(name: string, options: BenchOptions): Promise<readonly BenchResult[]> {
  return new Promise((resolve, reject) => {
    const profile = options.profile
      ? ['--cpu-prof', `--cpu-prof-dir=${profiles}`, `--cpu-prof-name=${name}.cpuprofile`]
      : []
    const child = fork(script, [name, options.quick ? 'quick' : 'full'], {
      execArgv: [...process.execArgv, '--expose-gc', ...profile],
      serialization: 'advanced',
    })
    let results: readonly BenchResult[] | undefined
    child.on('message', (message) => {
      results = message as readonly BenchResult[]
    })
    child.on('error', reject)
    child.on('exit', (code, signal) => {
      if (code === 0 && results !== undefined) resolve(results)
      else reject(new Error(`the case "${name}" ended with ${signal ?? `exit code ${code}`}`))
    })
  })
}
