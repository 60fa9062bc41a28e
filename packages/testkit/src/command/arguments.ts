import { parseArgs } from 'node:util'
import { MisuseError } from '@mortise/core/adapter'
import type { AreaCode, Tier } from '../rule/index.ts'

/** The command line, parsed. */
export interface CommandArguments {
  readonly fixtureFile: string
  readonly rules: readonly string[] | undefined
  readonly areas: readonly AreaCode[] | undefined
  readonly tier: Tier | undefined
  readonly untilFirstFailure: boolean
  readonly jsonFile: string | undefined
}

export const usage = `mortise-testkit <fixture.ts> [options]

  <fixture.ts>            a module whose default export is a fixture, or a list of fixtures
  --tier <tier>           start, core (default) or extended
  --area <code>           only this area, for example TX; may be repeated
  --rule <id>             only this rule, for example TX-014; may be repeated
  --until-first-failure   stop at the first rule that fails
  --json <file>           write the report as JSON: one object, or a list for several fixtures
  --help                  this text

Exit code: 0 when every rule was kept or does not apply, 1 when one was broken, 2 when the run
itself was wrong: no database, no rules, an unknown option.`

/**
 * Parses the command line; `help` when it asks for the usage.
 *
 * @throws MisuseError `ARGUMENTS_INVALID`.
 */
export function parseArguments(argv: readonly string[]): CommandArguments | 'help' {
  let parsed: ReturnType<typeof parse>
  try {
    parsed = parse(argv)
  } catch (error) {
    throw invalid((error as Error).message)
  }
  const { values, positionals } = parsed
  if (values.help) return 'help'
  const [fixtureFile, ...more] = positionals
  if (fixtureFile === undefined) throw invalid('it names no fixture file')
  if (more.length > 0) throw invalid('it names more than one fixture file')
  return {
    fixtureFile,
    rules: values.rule,
    areas: values.area as AreaCode[] | undefined,
    tier: values.tier as Tier | undefined,
    untilFirstFailure: values['until-first-failure'] ?? false,
    jsonFile: values.json,
  }
}

function parse(argv: readonly string[]) {
  return parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: {
      rule: { type: 'string', multiple: true },
      area: { type: 'string', multiple: true },
      tier: { type: 'string' },
      'until-first-failure': { type: 'boolean' },
      json: { type: 'string' },
      help: { type: 'boolean', short: 'h' },
    },
  })
}

function invalid(why: string): MisuseError {
  return new MisuseError('ARGUMENTS_INVALID', `the command line cannot be used: ${why}`)
}
