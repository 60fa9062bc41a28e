import { parseArgs } from 'node:util'

export interface BenchOptions {
  /** Fewer rows and rounds: figures to look at, not to quote. */
  readonly quick: boolean
  /** Only cases whose name holds this. */
  readonly filter: string | undefined
  /** A profile of each case is written, for the developer tools. */
  readonly profile: boolean
}

export const usage = `npm run bench
npm run bench -- --quick            fewer rows and rounds, under 30 s
npm run bench -- --filter read      only cases whose name holds "read"
npm run bench -- --profile out      a .cpuprofile of each case in the folder "out"`

/** Parses the command line. Throws for what it does not know. */
export function parseOptions(args: readonly string[]): BenchOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      quick: { type: 'boolean', default: false },
      filter: { type: 'string' },
      profile: { type: 'boolean', default: false },
    },
  })
  return { quick: values.quick, filter: values.filter, profile: values.profile }
}
