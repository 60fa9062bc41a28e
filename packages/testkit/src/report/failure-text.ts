import type { TraceEntry } from '../observe/index.ts'
import type { FailureCard } from '../run/index.ts'
import { type Paint, paintOf } from './paint.ts'
import { stepLine } from './steps.ts'

const tracedCalls = 12

/** A failure card for a terminal or a test's error message. */
export function failureText(failure: FailureCard, paint: Paint = paintOf(false)): string {
  const lines = [
    paint.red(paint.bold(`${failure.rule} ${failure.title}`)),
    paint.dim(`  law ${failure.law.number}: ${failure.law.title}`),
    `  ${stepLine(failure) ?? failure.message}`,
    `  ${paint.green('expected')} ${failure.expected}`,
    `  ${paint.red('seen    ')} ${failure.seen}`,
  ]
  if (failure.trace.length > 0) {
    lines.push(paint.dim('  the last calls, without their values:'))
    lines.push(
      ...failure.trace.slice(-tracedCalls).map((entry) => paint.dim(`    ${callText(entry)}`)),
    )
  }
  lines.push('  probable causes:', ...failure.causes.map((cause) => `    - ${cause}`))
  if (failure.stack.length > 0) {
    lines.push(...failure.stack.slice(0, 4).map((frame) => paint.dim(`    ${frame}`)))
  }
  lines.push(`  described in ${failure.page}`, `  run it alone: ${paint.bold(failure.rerun)}`)
  return lines.join('\n')
}

function callText({ atMs, connection, call, sql, parameters, outcome }: TraceEntry): string {
  const given =
    parameters === undefined || parameters.length === 0 ? '' : ` (${parameters.join(', ')})`
  return `${atMs} ms  #${connection} ${call}${sql === undefined ? '' : ` ${sql}`}${given} → ${outcome}`
}
