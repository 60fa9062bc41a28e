import type { SQLInputValue } from 'node:sqlite'
import { MisuseError, type Request } from '@mortise/core/adapter'

/** How many values a statement takes, and whether it counts the rows that it writes. */
export interface StatementText {
  readonly places: number
  readonly counts: boolean
}

/** Texts, quoted names and comments: in there a `?` or a keyword means nothing. */
const opaque = /'[^']*'|"[^"]*"|`[^`]*`|\[[^\]]*\]|--[^\n]*|\/\*[\s\S]*?(?:\*\/|$)/g
const parameter = /\?\d*|(?<![\w$])[:@$]\w+/g
const write = /^\s*(?:with\b[\s\S]*\b)?(?:insert|update|delete|replace\s+into)\b/i

/**
 * Reads the text of the one statement that SQLite compiled, `compiled`. Refuses more statements and
 * parameters other than `?`: `node:sqlite` passes over both in silence.
 */
export function readText(sql: string, compiled: string): StatementText {
  const rest = sql.slice(compiled.length).replace(opaque, ' ')
  if (/[^\s;]/.test(rest)) throw invalid('holds more than one statement; send one at a time')
  const bare = compiled.replace(opaque, ' ')
  const places = bare.match(parameter) ?? []
  if (places.some((place) => place !== '?')) throw invalid('takes ? only; write one for each value')
  return { places: places.length, counts: write.test(bare) }
}

/** What to bind: a value for each place. `node:sqlite` would take a missing one for NULL. */
export function valuesFor({ places }: StatementText, { parameters }: Request): SQLInputValue[] {
  if (places === parameters.length) return parameters as SQLInputValue[]
  throw invalid(`has ${places} places for parameters and was given ${parameters.length} values`)
}

function invalid(problem: string): MisuseError {
  return new MisuseError('STATEMENT_INVALID', `the statement ${problem}`)
}
