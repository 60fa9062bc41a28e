import { spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it, onTestFinished } from 'vitest'

const script = fileURLToPath(new URL('./index.ts', import.meta.url))

/** Starts the demonstration with a directory of its own for temporary files. */
function start(...args: string[]) {
  const directory = mkdtempSync(join(tmpdir(), 'mortise-start-test-'))
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }))
  const child = spawn(process.execPath, [...process.execArgv, script, ...args], {
    env: { ...process.env, TMPDIR: directory, TEMP: directory, NO_COLOR: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  const said = { text: '', heard: () => {} }
  child.stdout.on('data', (chunk) => {
    output += chunk
  })
  child.stderr.on('data', (chunk) => {
    said.text += chunk
    said.heard()
  })
  return {
    child,
    /** Resolves when the progress says so. */
    says: (part: string) =>
      new Promise<void>((resolve) => {
        said.heard = () => {
          if (said.text.includes(part)) resolve()
        }
        said.heard()
      }),
    ended: new Promise<{ code: number | null; output: string; errors: string }>((resolve) => {
      child.on('close', (code) => resolve({ code, output, errors: said.text }))
    }),
    leftBehind: () => readdirSync(directory),
  }
}

it('runs every stage and every line of the tour, and leaves nothing behind', async () => {
  const run = start('workload', 'tour', '--rounds', '1', '--posts', '40')
  const { code, output } = await run.ended
  expect(output).toContain('insert, statement cache off')
  expect(output).toContain("onConflict: 'replace_all_except_primary_key'")
  expect(output).toContain('all of it went as it should')
  expect(code).toBe(0)
  expect(run.leftBehind()).toEqual([])
})

it('takes its files away when it is interrupted', async () => {
  const run = start('workload', '--rounds', '100000', '--posts', '40')
  await run.says('round 1 of 100000 done')
  expect(run.leftBehind()).toHaveLength(1)
  run.child.kill('SIGINT')
  const { code } = await run.ended
  expect(code).toBe(130)
  expect(run.leftBehind()).toEqual([])
})

it('says what it does not know, and fails', async () => {
  const run = start('tuor')
  const { code, errors } = await run.ended
  expect(errors).toContain('there is no part "tuor"')
  expect(code).toBe(1)
})
