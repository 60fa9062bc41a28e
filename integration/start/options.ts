import { parseArgs } from 'node:util'

/** The parts of the demonstration, in order. */
export const parts = ['workload', 'tour', 'conformance'] as const

export type Part = (typeof parts)[number]

export interface Options {
  readonly parts: readonly Part[]
  /** Posts that each stage inserts. */
  readonly posts: number
  /** Counted rounds of the workload. */
  readonly rounds: number
}

/** How the demonstration is called. */
export const usage = `npm start                       all of it
npm start -- tour conformance   some of: ${parts.join(', ')}
npm start -- workload --rounds 25 --posts 5000`

/** Parses the command line. Throws an error with the usage for what it does not know. */
export function parseOptions(args: readonly string[]): Options {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      rounds: { type: 'string', default: '11' },
      posts: { type: 'string', default: '1000' },
    },
  })
  const unknown = positionals.find((part) => !parts.some((known) => known === part))
  if (unknown !== undefined) throw new Error(`there is no part "${unknown}"\n${usage}`)
  return {
    parts: positionals.length === 0 ? parts : parts.filter((part) => positionals.includes(part)),
    posts: wholeNumber('posts', values.posts),
    rounds: wholeNumber('rounds', values.rounds),
  }
}

function wholeNumber(name: string, text: string): number {
  const value = Number(text)
  if (Number.isSafeInteger(value) && value >= 1) return value
  throw new Error(`--${name} takes a whole number from 1\n${usage}`)
}
