/** What one or more test runs came to. */
export interface Tally {
  readonly passed: number
  readonly failed: number
  readonly skipped: number
}

/** The part of a report of vitest's JSON reporter that is counted. */
export interface Report {
  readonly success: boolean
  readonly testResults: readonly {
    readonly status: string
    readonly assertionResults: readonly { readonly status: string }[]
  }[]
}

export const NOTHING: Tally = { passed: 0, failed: 0, skipped: 0 }

/**
 * Counts a report's tests. A file that failed without a failed test (it did not load, or its set-up
 * threw) counts as one failure, and so does a run that failed for a reason no test shows.
 */
export function tallyOf(report: Report): Tally {
  let { passed, failed, skipped } = NOTHING
  for (const file of report.testResults) {
    const failures = file.assertionResults.filter(({ status }) => status === 'failed').length
    const passes = file.assertionResults.filter(({ status }) => status === 'passed').length
    passed += passes
    failed += failures > 0 || file.status !== 'failed' ? failures : 1
    skipped += file.assertionResults.length - failures - passes
  }
  if (!report.success && failed === 0) failed = 1
  return { passed, failed, skipped }
}

export function sum(tallies: readonly Tally[]): Tally {
  return tallies.reduce(
    (total, next) => ({
      passed: total.passed + next.passed,
      failed: total.failed + next.failed,
      skipped: total.skipped + next.skipped,
    }),
    NOTHING,
  )
}

export function sentence({ passed, failed, skipped }: Tally): string {
  return `${passed} passed, ${failed} failed, ${skipped} skipped`
}
