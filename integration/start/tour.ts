import { inspect, isDeepStrictEqual } from 'node:util'
import { type Adapter, createRepo } from '@mortise/core'
import { codeText } from './code-text.ts'
import type { Database } from './databases.ts'
import type { Progress } from './progress.ts'
import type { StyleText } from './style.ts'
import { prepareTour, type Step, tourSteps } from './tour-steps.ts'

/** One line as it went. */
export interface StepResult {
  readonly title: string
  readonly code: string
  /** What came back, or the error that did. */
  readonly came: unknown
  readonly gives: unknown
  readonly ok: boolean
}

/** Runs the tour's lines on a database, one after the other. */
export async function runTour(
  database: Database,
  options: { readonly directory: string; readonly progress: Progress },
): Promise<Tour> {
  await options.progress.phase(`tour on ${database.name}`)
  const opened = await database.open(options.directory)
  const repo = createRepo<Adapter>({ adapter: opened.adapter() })
  try {
    await prepareTour(repo)
    const results: StepResult[] = []
    for (const step of tourSteps(repo)) results.push(await runStep(step))
    return { database, results }
  } finally {
    await repo.close()
    await opened.close()
  }
}

/** Runs one line; an error is what came back. */
export async function runStep({ title, run, gives }: Step): Promise<StepResult> {
  let came: unknown
  try {
    came = await run()
  } catch (error) {
    came = error
  }
  return { title, code: codeText(run.toString()), came, gives, ok: isDeepStrictEqual(came, gives) }
}

/** A tour of one database. */
export interface Tour {
  readonly database: Database
  readonly results: readonly StepResult[]
}

/** The first tour in full, each line's code with what came back; of the others what went wrong. */
export function tourReport(tours: readonly Tour[], style: StyleText): string {
  const lines = tours.flatMap(({ database, results }, i) =>
    results
      .filter(({ ok }) => i === 0 || !ok)
      .map((result) => (i === 0 ? '' : `  on ${database.name}\n`) + stepText(result, style)),
  )
  const counts = tours.map(({ database, results }) => {
    const good = results.filter(({ ok }) => ok).length
    return `  ${database.name}: ${good} of ${results.length} lines gave what they should`
  })
  return [...lines, counts.join('\n')].join('\n\n')
}

function stepText({ title, code, came, gives, ok }: StepResult, style: StyleText): string {
  const lines = [`  ${style.dim(`// ${title}`)}`, indent(style.cyan(code), '  ')]
  lines.push(
    `  ${ok ? style.green('→') : style.red('✗')} ${indent(show(came), '    ').trimStart()}`,
  )
  if (!ok) lines.push(`  ${style.red('expected')} ${indent(show(gives), '    ').trimStart()}`)
  return lines.join('\n')
}

function show(value: unknown): string {
  if (value instanceof Error) return `${value.name}: ${value.message}`
  return inspect(value, { depth: 4, breakLength: 110, compact: 3 })
}

function indent(text: string, by: string): string {
  return text.replace(/^/gm, by)
}
