import { type BenchResult, type Figure, type Goal, verdictOf } from './result.ts'
import type { Spread } from './statistics.ts'

/** One result as lines of text: what was done, then ours, the peer, the ratio, the goal, the verdict. */
export function resultText(result: BenchResult): string {
  const { name, ours, peer, ratio, goal } = result
  const verdict = verdictOf(result)
  const mark = verdict === undefined ? ' ' : verdict === 'pass' ? '✓' : '✗'
  const sides = [figureText(ours), ...(peer === undefined ? [] : [figureText(peer)])].join('  |  ')
  const compared = ratio === undefined ? '' : `  |  ratio ${ratioText(ratio)}`
  const judged =
    goal === undefined ? '' : `  |  goal ${goalText(goal)}${verdict === 'miss' ? ', MISSED' : ''}`
  return `${mark} ${name}\n    ${sides}${compared}${judged}`
}

/** The results as a Markdown table, for the documentation. */
export function markdownTable(results: readonly BenchResult[]): string {
  const rows = results.map((result) => {
    const { name, ours, peer, ratio, goal } = result
    const verdict = verdictOf(result)
    return [
      name,
      figureText(ours),
      peer === undefined ? '' : figureText(peer),
      ratio === undefined ? '' : ratioText(ratio),
      goal === undefined ? '' : goalText(goal),
      verdict ?? '',
    ]
  })
  const head = ['work', 'ours', 'peer', 'ratio', 'goal', '']
  return [head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n')
}

function figureText(figure: Figure): string {
  const { what, unit, median, least, most } = figure
  const range = least === most ? '' : ` (${number(least)}–${number(most)})`
  return `${what}: ${number(median)}${unit === '' ? '' : ` ${unit}`}${range}`
}

function ratioText({ median, least, most }: Spread): string {
  const range = least === most ? '' : ` (${least.toFixed(2)}–${most.toFixed(2)})`
  return `${median.toFixed(2)}${range}`
}

function goalText(goal: Goal): string {
  return 'least' in goal ? `≥ ${goal.least}` : `≤ ${goal.most}`
}

/** Three digits that mean something. */
function number(value: number): string {
  if (Number.isInteger(value)) return String(value)
  const size = Math.abs(value)
  return value.toFixed(size >= 100 ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : 3)
}
