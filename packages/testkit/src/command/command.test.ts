import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import tinyFixture from '../testing/tiny-fixture.ts'
import { parseArguments } from './arguments.ts'
import { runCommand } from './run-command.ts'

const tiny = join(import.meta.dirname, '../testing/tiny-fixture.ts')
let directory = ''
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'mortise-testkit-'))
})
afterAll(() => rmSync(directory, { recursive: true }))

async function command(...argv: string[]): Promise<{ code: number; text: string }> {
  const pieces: string[] = []
  const code = await runCommand(argv, { write: (text) => pieces.push(text), colours: false })
  return { code, text: pieces.join('') }
}

/** A fixture file with the given source. */
function fixtureFile(source: string): string {
  const file = join(directory, `fixture-${Math.random().toString(36).slice(2)}.mjs`)
  writeFileSync(file, source)
  return file
}

describe('the command', () => {
  it('ends with 0 when every rule was kept, and shows a table', async () => {
    const { code, text } = await command(tiny, '--tier', 'start')
    expect(text).toMatch(/✓ CON-001 connect\(\) gives a connection/)
    expect(text).toMatch(/TYP +Types and exactness +1 +0 +0 +0/)
    expect(text).toMatch(/✓ tiny: 10 passed, 0 failed, 0 not applicable/)
    expect(code).toBe(0)
  })

  it('runs one rule, one area, and says why a rule does not apply', async () => {
    const { code, text } = await command(tiny, '--rule', 'UPS-018', '--rule', 'TX-012')
    expect(text).toMatch(/UPS-018: the manifest says upsert.constraint: absent/)
    expect(text).toMatch(/1 passed, 0 failed, 1 not applicable/)
    expect(code).toBe(0)
  })

  it('writes the report as JSON', async () => {
    const file = join(directory, 'report.json')
    await command(tiny, '--area', 'DIA', '--json', file)
    const report = JSON.parse(readFileSync(file, 'utf8'))
    expect(report).toMatchObject({
      schema: 'mortise-conformance/1',
      ok: true,
      fixture: tinyFixture.name,
    })
    expect(report.results.every(({ area }: { area: string }) => area === 'DIA')).toBe(true)
  })

  it('takes an author who has only connect to the next step, with exit code 1', async () => {
    const file = fixtureFile(
      `export default { name: 'mine', adapter: () => ({ connect: () => ({ execute: () => undefined, close() {} }) }) }`,
    )
    const { code, text } = await command(file, '--until-first-failure')
    expect(text).toContain(
      'Step 2 of 10: execute() → return { columns, rows, affected }; got undefined for "select 1"',
    )
    expect(text).toContain('Then step 3: dialect → describe your SQL')
    expect(text).toContain(`npx mortise-testkit ${file} --rule EXE-001`)
    expect(text).toMatch(/✗ mine: 1 passed, 1 failed/)
    expect(code).toBe(1)
  })

  it('begins at the first step with nothing at all', async () => {
    const file = fixtureFile(`export default { name: 'mine', adapter: () => ({}) }`)
    const { code, text } = await command(file)
    expect(text).toContain(
      'Step 1 of 10: connect() → return a connection with execute() and close(); got undefined for connect',
    )
    expect(code).toBe(1)
  })

  it.each([
    ['no fixture', [], /names no fixture file/],
    ['an unknown option', ['x.ts', '--fast'], /fast/],
    ['two fixtures', ['x.ts', 'y.ts'], /more than one/],
    ['a file that is not there', ['./no-such-file.ts'], /could not be loaded/],
    ['an unknown rule', [tiny, '--rule', 'TX-999'], /no rule TX-999/],
    ['an unknown tier', [tiny, '--tier', 'all'], /no tier "all"/],
  ])('ends with 2 for %s', async (_name, argv, message) => {
    const { code, text } = await command(...argv)
    expect(text).toMatch(message)
    expect(text).toContain('mortise-testkit <fixture.ts> [options]')
    expect(code).toBe(2)
  })

  it.each([
    ['no default export', 'export const a = 1', /no default export/],
    ['an empty list', 'export default []', /empty list/],
    ['something else', 'export default { adapter: 1 }', /fixture cannot be used/],
  ])('ends with 2 for a fixture file with %s', async (_name, source, message) => {
    const { code, text } = await command(fixtureFile(source))
    expect(text).toMatch(message)
    expect(code).toBe(2)
  })

  it('ends with 2 without a database', async () => {
    const source = `export default { name: 'mine', create() { throw new Error('refused') }, adapter: () => ({}) }`
    const { code, text } = await command(fixtureFile(source))
    expect(text).toMatch(/error: mine: the fixture made no database: Error: refused/)
    expect(code).toBe(2)
  })

  it('ends with 2 when the fixture waits for something that never comes', () => {
    const file = fixtureFile(
      `export default { name: 'mine', adapter: () => ({}), destroy: () => new Promise(() => {}) }`,
    )
    const { status, stderr } = spawnSync(
      process.execPath,
      ['--conditions=mortise-source', join(import.meta.dirname, '../cli.ts'), file],
      { encoding: 'utf8' },
    )
    expect(stderr).toContain('the run did not end')
    expect(status).toBe(2)
  })

  it('runs every fixture of a list', async () => {
    const source = `export { default as tiny } from ${JSON.stringify(tiny)}; import tiny from ${JSON.stringify(tiny)}; export default [tiny, { ...tiny, name: 'other' }]`
    const { code, text } = await command(fixtureFile(source), '--rule', 'CON-001')
    expect(text).toMatch(/✓ tiny: 1 passed/)
    expect(text).toMatch(/✓ other: 1 passed/)
    expect(code).toBe(0)
  })

  it('shows its usage', async () => {
    expect(await command('--help')).toMatchObject({ code: 0 })
    expect(parseArguments(['-h'])).toBe('help')
  })
})
