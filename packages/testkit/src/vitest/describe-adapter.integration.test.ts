import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const root = join(import.meta.dirname, '../../../..')
const testkit = join(import.meta.dirname, '../index.ts')
const tiny = join(import.meta.dirname, '../testing/tiny-adapter.ts')

interface Assertion {
  readonly title: string
  readonly status: string
  readonly failureMessages: readonly string[]
}
interface Run {
  readonly code: number | null
  readonly tests: readonly Assertion[]
}

let directory = ''
beforeAll(() => {
  // Inside of the repository, so that vitest itself is found from there.
  directory = mkdtempSync(join(root, 'packages/testkit/.vitest-'))
})
afterAll(() => rmSync(directory, { recursive: true }))

/** Runs vitest over a file that declares the suite for a fixture. */
function vitest(fixture: string, options: string): Run {
  writeFileSync(
    join(directory, 'mine.test.ts'),
    `import { describeAdapter } from ${JSON.stringify(testkit)}
     import { tinyAdapter } from ${JSON.stringify(tiny)}
     describeAdapter({ name: 'mine', adapter: () => tinyAdapter(), ...${fixture} }, ${options})`,
  )
  writeFileSync(
    join(directory, 'vitest.config.mjs'),
    `const conditions = ['mortise-source', 'module', 'node', 'development|production']
     export default { resolve: { conditions }, ssr: { resolve: { conditions } } }`,
  )
  const report = join(directory, 'report.json')
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [
      join(root, 'node_modules/vitest/vitest.mjs'),
      'run',
      '--root',
      directory,
      '--reporter=json',
      `--outputFile=${report}`,
    ],
    { encoding: 'utf8', cwd: directory, env: { ...process.env, VITEST: undefined } },
  )
  try {
    const { testResults } = JSON.parse(readFileSync(report, 'utf8'))
    return {
      code: status,
      tests: testResults.flatMap(
        ({ assertionResults }: { assertionResults: Assertion[] }) => assertionResults,
      ),
    }
  } catch (error) {
    throw new Error(`vitest wrote no report: ${stdout}\n${stderr}`, { cause: error })
  }
}

describe('describeAdapter', () => {
  it('declares one test a rule, and skips what does not apply', () => {
    const { code, tests } = vitest('{}', `{ rules: ['TX-001', 'UPS-018'] }`)
    expect(tests.map(({ title, status }) => `${title.slice(0, 7)} ${status}`)).toEqual([
      'TX-001  passed',
      'UPS-018 skipped',
    ])
    expect(code).toBe(0)
  })

  it('fails a broken MUST with its card and skips a broken SHOULD', () => {
    const fixture = `{ adapter: () => {
      const good = tinyAdapter()
      return { ...good, capabilities: { ...good.capabilities, affected: 'changed', maxParameters: 999 } }
    } }`
    const { code, tests } = vitest(fixture, `{ rules: ['EXE-016', 'MAN-015'] }`)
    expect(tests.map(({ status }) => status).sort()).toEqual(['failed', 'skipped'])
    const failed = tests.find(({ status }) => status === 'failed')
    expect(failed?.failureMessages[0]).toContain('expected 1')
    expect(failed?.failureMessages[0]).toContain('--rule EXE-016')
    expect(code).toBe(1)
  })

  it('fails every test without a database', () => {
    const fixture = `{ create: () => { throw new Error('refused') } }`
    const { code, tests } = vitest(fixture, `{ tier: 'start' }`)
    expect(tests.some(({ status }) => status === 'passed')).toBe(false)
    expect(code).toBe(1)
  })

  it('fails when fewer rules were executed than the fixture demands', () => {
    const { code, tests } = vitest('{ minimumRules: 11 }', `{ tier: 'start' }`)
    const failed = tests.filter(({ status }) => status === 'failed').map(({ title }) => title)
    expect(failed).toEqual(['at least 11 rules were executed'])
    expect(code).toBe(1)
  })
})

it('says what to use where there is no vitest', () => {
  const { stdout } = spawnSync(
    process.execPath,
    [
      '--conditions=mortise-source',
      '--input-type=module',
      '--eval',
      `const { describeAdapter } = await import(${JSON.stringify(testkit)})
       try { describeAdapter({ name: 'x', adapter: () => ({}) }) } catch (error) { console.log(error.message) }`,
    ],
    { encoding: 'utf8', cwd: root, env: { ...process.env, VITEST: undefined } },
  )
  expect(stdout).toContain('use runConformance')
})
