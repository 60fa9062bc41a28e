import { areas } from '../rule/index.ts'
import type { ConformanceReport, Counts, RuleResult } from '../run/index.ts'
import { type Paint, paintOf } from './paint.ts'
import { textTable } from './text-table.ts'

/** A report for a terminal: a table of areas, what does not apply and why, and the verdict. */
export function summaryText(report: ConformanceReport, paint: Paint = paintOf(false)): string {
  const parts = [...areaTable(report.results), ...reasons(report.results, paint)]
  const warned = report.results.filter(
    ({ status, level }) => status === 'failed' && level !== 'MUST',
  )
  if (warned.length > 0) {
    parts.push(
      [
        paint.yellow('Not as it should be:'),
        ...warned.map(({ rule, failure }) => `  ${rule} ${failure?.message}`),
      ].join('\n'),
    )
  }
  const notes = [
    ...report.limits.map((limit) => paint.dim(`limit: ${limit}`)),
    ...(report.leftOut.length > 0 ? [paint.yellow(`left out: ${report.leftOut.join(', ')}`)] : []),
    ...(report.notRun.length > 0
      ? [paint.yellow(`not run after the failure: ${report.notRun.length} rules`)]
      : []),
    ...report.errors.map((error) => paint.red(`error: ${error}`)),
  ]
  if (notes.length > 0) parts.push(notes.join('\n'))
  parts.push(verdict(report, paint))
  return parts.join('\n\n')
}

/** One line: the counts and whether the adapter may call itself conformant as far as was run. */
export function verdict(report: ConformanceReport, paint: Paint = paintOf(false)): string {
  const line = `${report.fixture}: ${countsText(report.counts)} in ${(report.durationMs / 1000).toFixed(1)} s (rules ${report.ruleSet})`
  return report.ok ? paint.green(`✓ ${line}`) : paint.red(`✗ ${line}`)
}

function countsText(counts: Counts): string {
  const parts = [
    `${counts.passed} passed`,
    `${counts.failed} failed`,
    ...(counts.warned > 0 ? [`${counts.warned} warned`] : []),
    ...(counts.waived > 0 ? [`${counts.waived} waived`] : []),
    `${counts.notApplicable} not applicable`,
  ]
  return parts.join(', ')
}

function areaTable(results: readonly RuleResult[]): readonly string[] {
  if (results.length === 0) return []
  const rows = Object.entries(areas).flatMap(([code, title]) => {
    const own = results.filter(({ area }) => area === code)
    if (own.length === 0) return []
    const number = (status: RuleResult['status']) =>
      String(own.filter((result) => result.status === status).length)
    const ms = own.reduce((sum, { durationMs }) => sum + durationMs, 0)
    return [
      [
        code,
        title,
        number('passed'),
        number('failed'),
        number('waived'),
        number('not_applicable'),
        `${ms}`,
      ],
    ]
  })
  return [textTable(['area', '', 'passed', 'failed', 'waived', 'n/a', 'ms'], rows)]
}

function reasons(results: readonly RuleResult[], paint: Paint): readonly string[] {
  const byReason = new Map<string, string[]>()
  for (const { rule, status, reason } of results) {
    if (status !== 'not_applicable' && status !== 'waived') continue
    const key = `${status === 'waived' ? 'waived: ' : ''}${reason}`
    byReason.set(key, [...(byReason.get(key) ?? []), rule])
  }
  if (byReason.size === 0) return []
  const lines = [...byReason].map(
    ([reason, rules]) => `  ${rules.join(', ')}: ${paint.dim(reason)}`,
  )
  return [['Not applicable, and why:', ...lines].join('\n')]
}
