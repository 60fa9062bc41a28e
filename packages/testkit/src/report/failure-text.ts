import type { TraceEntry } from '../observe/index.ts'
import type { FailureCard } from '../run/index.ts'
import { type Paint, paintOf } from './paint.ts'
import { stepLine } from './steps.ts'

const tracedCalls = 12
const shownFrames = 4
const ownFrame = /[\\/]testkit[\\/](?:src|dist)[\\/]/

/** A failure card for a terminal or a test's error message. */
export function failureText(failure: FailureCard, paint: Paint = paintOf(false)): string {
  const lines = [
    paint.red(paint.bold(`${failure.rule} ${failure.title}`)),
    paint.dim(`  law ${failure.law.number}: ${failure.law.title}`),
    `  ${stepLine(failure) ?? headline(failure)}`,
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
  // The rule's own frames show nobody where to look.
  const frames = failure.stack.filter((frame) => !ownFrame.test(frame)).slice(0, shownFrames)
  lines.push(...frames.map((frame) => paint.dim(`    ${frame}`)))
  lines.push(`  described in ${failure.page}`, `  run it alone: ${paint.bold(failure.rerun)}`)
  return lines.join('\n')
}

/** What was looked at: the message without the expectation, which has lines of its own. */
function headline({ message, expected, seen }: FailureCard): string {
  const said = [`: expected ${expected}, seen ${seen}`, `: ${seen}`]
  const end = said.find((each) => message.endsWith(each))
  return end === undefined ? message : message.slice(0, -end.length)
}

function callText({ atMs, connection, call, sql, parameters, outcome }: TraceEntry): string {
  const given =
    parameters === undefined || parameters.length === 0 ? '' : ` (${parameters.join(', ')})`
  return `${atMs} ms  #${connection} ${call}${sql === undefined ? '' : ` ${sql}`}${given} → ${outcome}`
}
