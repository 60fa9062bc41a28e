import type { StyleText } from './style.ts'
import { type TableColumn, textTable } from './table.ts'
import { type StageResult, stages, type WorkloadResult } from './workload.ts'

/** The workload's table, and what it can and cannot tell. */
export function workloadReport(result: WorkloadResult, style: StyleText): string {
  const columns: TableColumn[] = [
    { heading: 'stage' },
    { heading: 'Ecto, 2018', align: 'right' },
    { heading: '', align: 'right' },
  ]
  for (const { database } of result.databases) {
    columns.push(
      { heading: database.name, align: 'right' },
      { heading: '', align: 'right' },
      { heading: 'range' },
    )
  }
  const rows = stages.map((stage, s) => [
    stage.name,
    stage.ms2018 === undefined ? '–' : `${stage.ms2018} ms`,
    stage.ms2018 === undefined ? '' : share(stage.ms2018, stages[0]?.ms2018),
    ...result.databases.flatMap((database) => {
      const { medianMs, leastMs, mostMs } = database.stages[s] as StageResult
      return [
        style.bold(`${medianMs.toFixed(1)} ms`),
        style.bold(share(medianMs, database.stages[0]?.medianMs)),
        style.dim(`${leastMs.toFixed(1)}–${mostMs.toFixed(1)}`),
      ]
    }),
  ])
  const runs = result.databases.length * stages.length * (result.rounds + 1)
  const notes = [
    `${result.posts} posts of 13 columns through a pool of 10; insert gives each back as it was stored, insertAll a count. Medians of ${result.rounds} rounds, stages and databases in turn; the percentage is of the first stage in the same column.`,
    `After each of the ${runs} runs the rows were counted and every value was read back: checksum ${result.checksum} each time.`,
    ...byNote(result).map(([names, note]) => `${names}: ${note}.`),
    'What can be compared: the stages of one column with each other. What cannot: milliseconds of different columns. The figures of 2018 are of Ecto 3.0 on PostgreSQL, over a socket and on another machine, and the announcement has none for insert_all.',
  ]
  return `${textTable(columns, rows)}\n\n${notes.map((note) => style.dim(wrap(note))).join('\n')}`
}

function share(ms: number, first: number | undefined): string {
  return `${Math.round((100 * ms) / (first ?? ms))} %`
}

/** The databases that share a note, and the note. */
function byNote({ databases }: WorkloadResult): [string, string][] {
  const notes = new Map<string, string[]>()
  for (const { database } of databases) {
    notes.set(database.note, [...(notes.get(database.note) ?? []), database.name])
  }
  return [...notes].map(([note, names]) => [names.join(' and '), note])
}

function wrap(text: string, width = 98): string {
  const lines = ['']
  for (const word of text.split(' ')) {
    const line = lines.at(-1) as string
    if (line.length > 0 && line.length + word.length >= width) lines.push(word)
    else lines[lines.length - 1] = line === '' ? word : `${line} ${word}`
  }
  return lines.map((line) => `  ${line}`).join('\n')
}
