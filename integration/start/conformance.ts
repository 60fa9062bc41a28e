import { type ConformanceReport, type Fixture, failureText, runConformance } from '@mortise/testkit'
import type { Progress } from './progress.ts'
import type { StyleText } from './style.ts'
import { textTable } from './table.ts'

/** Runs the suite over each fixture, one after the other. */
export async function runFixtures(
  fixtures: readonly Fixture[],
  progress: Progress,
): Promise<readonly ConformanceReport[]> {
  const reports: ConformanceReport[] = []
  for (const fixture of fixtures) {
    await progress.phase(`conformance of ${fixture.name}`)
    reports.push(
      await runConformance(fixture, {
        onResult: ({ rule, title }, { done, selected }) =>
          progress.detail(`${done} of ${selected}, ${rule} ${title}`),
      }),
    )
  }
  return reports
}

/** One table of all fixtures; below it what failed, and what does not apply and why. */
export function conformanceReport(reports: readonly ConformanceReport[], style: StyleText): string {
  const table = textTable(
    [
      { heading: 'adapter' },
      { heading: 'rules', align: 'right' },
      { heading: 'passed', align: 'right' },
      { heading: 'failed', align: 'right' },
      { heading: 'warned', align: 'right' },
      { heading: 'waived', align: 'right' },
      { heading: 'not applicable', align: 'right' },
      { heading: 'time', align: 'right' },
      { heading: '' },
    ],
    reports.map(({ fixture, counts, results, notRun, durationMs, ok }) => [
      fixture,
      String(results.length + notRun.length),
      String(counts.passed),
      counts.failed > 0 ? style.red(String(counts.failed)) : '0',
      String(counts.warned),
      String(counts.waived),
      String(counts.notApplicable),
      `${(durationMs / 1000).toFixed(1)} s`,
      ok ? style.green('conformant') : style.red('not conformant'),
    ]),
  )
  return [table, ...reasons(reports), ...failures(reports, style)].join('\n\n')
}

/** What does not apply or is waived, by reason. */
function reasons(reports: readonly ConformanceReport[]): readonly string[] {
  const byReason = new Map<string, Map<string, string[]>>()
  for (const { fixture, results } of reports) {
    for (const { rule, status, reason } of results) {
      if (status !== 'not_applicable' && status !== 'waived') continue
      const why = `${status === 'waived' ? 'waived: ' : ''}${reason ?? 'no reason given'}`
      const rules = byReason.get(why) ?? new Map<string, string[]>()
      rules.set(rule, [...(rules.get(rule) ?? []), fixture])
      byReason.set(why, rules)
    }
  }
  if (byReason.size === 0) return []
  const lines = [...byReason].flatMap(([why, rules]) => [
    `    ${why}`,
    ...[...groupsOf(rules, reports.length)].map(
      ([fixtures, ids]) => `      ${ids.join(', ')} (${fixtures})`,
    ),
  ])
  return [['  Not applicable, and why:', ...lines].join('\n')]
}

/** The rules that share their fixtures. */
function groupsOf(
  rules: ReadonlyMap<string, readonly string[]>,
  all: number,
): Map<string, string[]> {
  const groups = new Map<string, string[]>()
  for (const [rule, fixtures] of rules) {
    const names = fixtures.length === all ? 'all' : fixtures.join('; ')
    groups.set(names, [...(groups.get(names) ?? []), rule])
  }
  return groups
}

/** The cards of broken rules, and what was wrong with a run itself. */
function failures(reports: readonly ConformanceReport[], style: StyleText): readonly string[] {
  return reports.flatMap(({ fixture, results, errors }) => [
    ...results.flatMap(({ status, failure }) =>
      status === 'failed' && failure !== undefined
        ? [`${style.bold(fixture)}\n${failureText(failure)}`]
        : [],
    ),
    ...errors.map((error) => style.red(`${fixture}: ${error}`)),
  ])
}
