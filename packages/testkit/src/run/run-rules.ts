import { parseFixture } from '../fixture/index.ts'
import type { Rule } from '../rule/index.ts'
import { HarnessError } from './harness-error.ts'
import { type ConformanceOptions, parseOptions } from './options.ts'
import { type ConformanceReport, countResults, type RuleResult } from './report.ts'
import { selectRules } from './select.ts'
import { Session } from './session.ts'
import { stepOf } from './step.ts'
import { applyWaiver, strayWaivers } from './waive.ts'

/** Runs the selected rules of a catalogue over a fixture, one after the other. */
export async function runRules(
  catalogue: readonly Rule[],
  ruleSet: string,
  givenFixture: unknown,
  givenOptions: ConformanceOptions = {},
): Promise<ConformanceReport> {
  const fixture = parseFixture(givenFixture)
  const options = parseOptions(givenOptions)
  const selected = selectRules(catalogue, options)
  const startedAt = new Date()
  const waivers = fixture.waivers ?? []
  const results: RuleResult[] = []
  const errors: string[] = [...strayWaivers(waivers, new Set(catalogue.map(({ id }) => id)))]
  let session: Session | undefined
  try {
    session = await Session.open(fixture)
    for (const rule of selected) {
      const ran = await session.run(rule, {
        step: stepOf(rule, catalogue),
        fixtureFile: options.fixtureFile,
      })
      const { result, error } = applyWaiver(ran, waivers, startedAt)
      if (error !== undefined) errors.push(error)
      results.push(result)
      options.onResult?.(result, { done: results.length, selected: selected.length })
      if (endsRun(result, options)) break
    }
  } catch (error) {
    if (!(error instanceof HarnessError)) throw error
    errors.push(error.message)
  } finally {
    if (session !== undefined) errors.push(...(await session.close()))
  }
  const counts = countResults(results)
  const executed = counts.passed + counts.failed + counts.warned + counts.waived
  const stopped = results.length < selected.length
  if (stopped && counts.failed === 0 && errors.length === 0) {
    errors.push(`${results.length} of ${selected.length} selected rules were run`)
  }
  const minimum =
    options.rules === undefined && options.areas === undefined ? fixture.minimumRules : 1
  if (!stopped && executed < (minimum ?? 1)) {
    errors.push(
      `${executed} rules were run and applied, ${minimum ?? 1} are the least that the fixture accepts`,
    )
  }
  return {
    schema: 'mortise-conformance/1',
    ruleSet,
    fixture: fixture.name,
    adapter: session && { name: session.adapter.name, topology: session.adapter.topology },
    runtime: { node: process.versions.node, platform: `${process.platform}-${process.arch}` },
    startedAt: startedAt.toISOString(),
    durationMs: Math.round(performance.timeOrigin + performance.now() - startedAt.getTime()),
    ok: counts.failed === 0 && errors.length === 0,
    counts,
    results,
    notRun: selected.slice(results.length).map(({ id }) => id),
    leftOut: options.except ?? [],
    limits:
      fixture.reference === undefined
        ? ['the fixture has no reference connection: values were compared by the server alone']
        : [],
    errors,
  }
}

/** Without the start tier nothing else can work, so its first failure ends the run. */
function endsRun(result: RuleResult, options: ConformanceOptions): boolean {
  if (result.status !== 'failed' || result.level !== 'MUST') return false
  return options.untilFirstFailure === true || result.tier === 'start'
}
