import { MisuseError } from '@mortise/core/adapter'
import { type Fixture, parseFixture } from '../fixture/index.ts'
import { failureText } from '../report/index.ts'
import { catalogue } from '../rules/index.ts'
import { applyWaiver, type ConformanceOptions, Session, selectRules, stepOf } from '../run/index.ts'

// Vitest sets this variable in its workers. Elsewhere the package need not even be installed.
const vitest = process.env.VITEST === undefined ? undefined : await import('vitest')

/**
 * Declares the conformance suite of an adapter in a vitest file: one test a rule. What does not
 * apply is skipped with the reason; a broken SHOULD is skipped with its failure; a database that
 * cannot be made fails every test.
 *
 * ```ts
 * describeAdapter({ name: 'mine', adapter: () => mine() })
 * ```
 *
 * @throws MisuseError for a fixture or a selection that cannot be run, and outside vitest.
 */
export function describeAdapter<D>(
  givenFixture: Fixture<D>,
  options: Pick<ConformanceOptions, 'rules' | 'areas' | 'tier' | 'except' | 'fixtureFile'> = {},
): void {
  if (vitest === undefined) {
    throw new MisuseError(
      'NO_TEST_RUNNER',
      'describeAdapter declares tests of vitest, and this is no vitest run; use runConformance',
    )
  }
  const { afterAll, beforeAll, describe, test } = vitest
  const fixture = parseFixture(givenFixture)
  const selected = selectRules(catalogue, options)
  const waivers = fixture.waivers ?? []

  describe(`conformance of ${fixture.name}`, () => {
    let session: Session | undefined
    let executed = 0

    beforeAll(async () => {
      session = await Session.open(fixture)
    })
    afterAll(async () => {
      const errors = (await session?.close()) ?? []
      if (errors.length > 0) throw new Error(errors.join('\n'))
    })

    for (const rule of selected) {
      test(`${rule.id} ${rule.title}`, { timeout: rule.deadlineMs + 20_000 }, async ({ skip }) => {
        if (session === undefined) throw new Error('the fixture made no database')
        const ran = await session.run(rule, {
          step: stepOf(rule, catalogue),
          fixtureFile: options.fixtureFile,
        })
        const { result, error } = applyWaiver(ran, waivers, new Date())
        if (error !== undefined) throw new Error(error)
        if (result.status !== 'not_applicable') executed++
        if (result.status === 'passed') return
        if (result.status === 'failed' && result.failure !== undefined) {
          if (rule.level === 'MUST') throw failureOf(failureText(result.failure))
          skip(`${rule.level} not kept: ${result.failure.message}`)
        }
        skip(`${result.status === 'waived' ? 'waived' : 'not applicable'}: ${result.reason}`)
      })
    }

    if (options.rules === undefined && options.areas === undefined) {
      const minimum = fixture.minimumRules ?? 1
      test(`at least ${minimum} rules were executed`, ({ expect }) => {
        expect(executed).toBeGreaterThanOrEqual(minimum)
      })
    }
  })
}

/** The card says where; the frames of this file would only be in the way. */
function failureOf(text: string): Error {
  const error = new Error(text)
  error.stack = `${error.name}: ${text}`
  return error
}
