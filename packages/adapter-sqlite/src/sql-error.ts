import type { ErrorDescription, ErrorKind } from '@mortise/core/adapter'

/** A format of SQLite's message for the generic code SQLITE_ERROR, and what it means. */
interface Format {
  readonly pattern: RegExp
  readonly kind: ErrorKind
  /** What the pattern's group names. */
  readonly names?: 'table' | 'column' | 'constraint'
}

/**
 * SQLITE_ERROR says nothing by itself, so the text has to. The formats are those of parse.y,
 * resolve.c, build.c, alter.c, trigger.c, vdbe.c and tokenize.c; what matches none is `other`.
 */
const formats: readonly Format[] = [
  { pattern: /^no such table: (.+)$/s, kind: 'undefined_object', names: 'table' },
  { pattern: /^no such view: (.+)$/s, kind: 'undefined_object', names: 'table' },
  {
    pattern:
      /^no such column: "?(.+?)"?(?: - should this be a string literal in single-quotes\?)?$/s,
    kind: 'undefined_object',
    names: 'column',
  },
  {
    pattern: /^no such (?:index|trigger|function|module|collation sequence|window|savepoint)\b/,
    kind: 'undefined_object',
  },
  { pattern: /^unknown (?:database|function|table option|table-valued)/, kind: 'undefined_object' },
  { pattern: /^no such database: /, kind: 'undefined_object' },
  { pattern: /^table .+ has no column named (.+)$/s, kind: 'undefined_object', names: 'column' },
  { pattern: /^(?:table|view) (.+) already exists$/s, kind: 'duplicate_object', names: 'table' },
  { pattern: /^index (.+) already exists$/s, kind: 'duplicate_object', names: 'constraint' },
  { pattern: /^trigger .+ already exists$/s, kind: 'duplicate_object' },
  { pattern: /^there is already (?:a|an|another) /, kind: 'duplicate_object' },
  { pattern: /^duplicate column name: (.+)$/s, kind: 'duplicate_object', names: 'column' },
  { pattern: /^database .+ is already in use$/s, kind: 'duplicate_object' },
  { pattern: /^near ".*": syntax error$/s, kind: 'syntax' },
  { pattern: /^(?:incomplete input|unrecognized token: )/, kind: 'syntax' },
  { pattern: /^not authorized\b/, kind: 'permission' },
  {
    pattern: /^(?:too many |Expression tree is too large|parser stack overflow)/,
    kind: 'too_large',
  },
  { pattern: /^(?:integer overflow|malformed JSON)$/, kind: 'data' },
  { pattern: /^(?:bad JSON path|JSON (?:path error|cannot hold))/, kind: 'data' },
  { pattern: /^fts5: /, kind: 'syntax' },
]

/** These say at most names, wherever they come from. */
const harmless =
  /^(?:no such |table .+ (?:has no column|already)|index .+ already|integer overflow$|malformed JSON$|not authorized|cannot (?:start|commit|rollback|open savepoint|release savepoint) )/s

/** What a message of the code SQLITE_ERROR means. The text is shown where it cannot hold a value. */
export function sqlErrorDescription(
  message: string,
  whileCompiling: boolean,
): Omit<ErrorDescription, 'code'> {
  const shown = whileCompiling || harmless.test(message) ? { message } : {}
  for (const { pattern, kind, names } of formats) {
    const match = pattern.exec(message)
    if (match === null) continue
    const name = match[1]
    return names !== undefined && name !== undefined
      ? { kind, [names]: name, ...shown }
      : { kind, ...shown }
  }
  // What SQLite refuses to compile for any other reason is wrong in itself.
  return { kind: whileCompiling ? 'syntax' : 'other', ...shown }
}
