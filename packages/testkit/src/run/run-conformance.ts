import type { Fixture } from '../fixture/index.ts'
import { catalogue, ruleSet } from '../rules/index.ts'
import type { ConformanceOptions } from './options.ts'
import type { ConformanceReport } from './report.ts'
import { runRules } from './run-rules.ts'

/**
 * Runs the conformance suite over an adapter, without a test runner.
 *
 * The report is plain data. Its `ok` is true only when every selected MUST was kept or does not
 * apply, at least one rule was executed, and nothing was wrong with the run itself: a database that
 * could not be made is an error in `errors`, never a skip.
 *
 * @throws MisuseError for a fixture, an option or a selection that cannot be run.
 */
export function runConformance<D>(
  fixture: Fixture<D>,
  options: ConformanceOptions = {},
): Promise<ConformanceReport> {
  return runRules(catalogue, ruleSet, fixture, options)
}
