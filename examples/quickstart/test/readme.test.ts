import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'

const main = join(import.meta.dirname, '..', 'main.ts')
const directory = mkdtempSync(join(tmpdir(), 'mortise-quickstart-'))
afterAll(() => rmSync(directory, { recursive: true, force: true }))

function run(): string {
  return execFileSync(process.execPath, [...process.execArgv, main], {
    cwd: directory,
    encoding: 'utf8',
  })
}

it("is the README's example to the letter", () => {
  const readme = readFileSync(join(import.meta.dirname, '../../../README.md'), 'utf8')
  const example = /## Use it\n\n```ts\n([\s\S]*?)```/.exec(readme)?.[1]
  expect(example).toBe(readFileSync(main, 'utf8'))
})

it('runs in an empty folder, and again where its file is there', () => {
  const first = run()
  expect(first).toContain("title: 'Changed'")
  expect(first).toContain("[ { title: 'Changed' } ]")
  expect(run()).toContain("slug: 'hello'")
})
