import { MisuseError } from '@mortise/core/adapter'

/** What the text of one statement says of it. */
export interface StatementText {
  /** How many values it takes. */
  readonly places: number
  /** Whether it counts the rows that it writes. */
  readonly counts: boolean
}

/** Texts, quoted names and comments: in there a `?` or a keyword means nothing. */
const opaque = /'[^']*'|"[^"]*"|`[^`]*`|\[[^\]]*\]|--[^\n]*|\/\*[\s\S]*?(?:\*\/|$)/g
const parameter = /\?\d*|(?<![\w$])[:@$]\w+/g
const write = /^\s*(?:with\b[\s\S]*\b)?(?:insert|update|delete|replace\s+into)\b/i

/**
 * Reads a text of which SQLite compiled the first statement, `compiled`. Refuses what `node:sqlite`
 * passes over in silence: the statements behind the first, and parameters other than `?`.
 */
export function readText(sql: string, compiled: string): StatementText {
  const rest = sql.slice(compiled.length).replace(opaque, ' ')
  if (/[^\s;]/.test(rest)) throw invalid('holds more than one statement; send one at a time')
  const bare = compiled.replace(opaque, ' ')
  const places = bare.match(parameter) ?? []
  if (places.some((place) => place !== '?')) {
    throw invalid('has a numbered or a named parameter; write ? for each value, in order')
  }
  return { places: places.length, counts: write.test(bare) }
}

/** `node:sqlite` would take a missing value for NULL. */
export function checkCount(places: number, values: number): void {
  if (places === values) return
  throw invalid(`has ${places} places for parameters and was given ${values} values`)
}

function invalid(problem: string): MisuseError {
  return new MisuseError('STATEMENT_INVALID', `the statement ${problem}`)
}
