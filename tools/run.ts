import { spawnSync } from 'node:child_process'
import { delimiter, join } from 'node:path'

const root = join(import.meta.dirname, '..')

/** How a command ended. Both texts are empty when it wrote straight to the terminal. */
export interface Outcome {
  readonly ok: boolean
  readonly stdout: string
  readonly stderr: string
}

/**
 * Runs a command of node_modules/.bin or of the system at the root of the repository and waits for
 * it. With `quiet` its output is returned instead of shown.
 */
export function run(command: string, args: readonly string[], { quiet = false } = {}): Outcome {
  const bin = join(root, 'node_modules', '.bin')
  const result = spawnSync(command, args, {
    cwd: root,
    encoding: 'utf8',
    env: { ...process.env, PATH: `${bin}${delimiter}${process.env.PATH ?? ''}` },
    maxBuffer: 64 * 1024 * 1024,
    shell: process.platform === 'win32',
    stdio: quiet ? 'pipe' : 'inherit',
  })
  const { stdout, stderr, status, error } = result
  if (error !== undefined) process.stderr.write(`${command}: ${error.message}\n`)
  return { ok: status === 0, stdout: stdout ?? '', stderr: stderr ?? '' }
}
