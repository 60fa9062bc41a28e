import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { constants, tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'

/**
 * Makes a directory that is gone when the process ends: at its end, after an error and after
 * Ctrl-C. Whatever else asks the system for a temporary place gets one inside.
 */
export function temporaryDirectory(): string {
  const path = mkdtempSync(join(tmpdir(), 'mortise-start-'))
  // A server that runs under another account must be able to reach its files.
  chmodSync(path, 0o755)
  for (const variable of ['TMPDIR', 'TEMP', 'TMP']) process.env[variable] = path
  process.on('exit', () => rmSync(path, { recursive: true, force: true, maxRetries: 3 }))
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => process.exit(128 + constants.signals[signal]))
  }
  return path
}
