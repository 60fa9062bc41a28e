import { ValueError } from '../../errors/index.ts'

/**
 * What a backslash in a string literal means.
 *
 * - `none`: a backslash is a character like any other (standard SQL, SQLite).
 * - `backslash`: it escapes the next character (MySQL), so it is doubled.
 * - `e_string`: that depends on a setting (PostgreSQL's `standard_conforming_strings`), so a string
 *   that holds one is written `E'…'`, as libpq does, which means the same under both.
 */
export type StringEscapes = 'none' | 'backslash' | 'e_string'

/** How booleans are written: `true` and `false`, or `1` and `0`. */
export type BooleanLiterals = 'keyword' | 'number'

/** What a literal can be made of. */
export type LiteralValue = string | number | bigint | boolean | null

/** Quotes literals; throws a `ValueError` for a value that has none that is exact. */
export function literalQuoter(
  escapes: StringEscapes,
  booleans: BooleanLiterals,
): (value: LiteralValue) => string {
  return (value) => {
    if (value === null) return 'null'
    switch (typeof value) {
      case 'string':
        return quoteString(value, escapes)
      case 'number':
        return numberLiteral(value)
      case 'bigint':
        return value.toString()
      case 'boolean':
        return booleans === 'keyword' ? String(value) : value ? '1' : '0'
      default:
        throw new ValueError(
          `a literal is a string, number, bigint, boolean or null, not ${typeof value}; convert it first`,
        )
    }
  }
}

const loneSurrogate = /\p{Surrogate}/u

function quoteString(value: string, escapes: StringEscapes): string {
  if (value.includes('\0'))
    throw new ValueError('a string literal holds a NUL character, which SQL text cannot carry')
  if (loneSurrogate.test(value))
    throw new ValueError('a string literal holds half of a surrogate pair, which has no UTF-8')
  const quoted = `'${value.replaceAll("'", "''")}'`
  if (escapes === 'none' || !value.includes('\\')) return quoted
  const doubled = quoted.replaceAll('\\', '\\\\')
  return escapes === 'e_string' ? `E${doubled}` : doubled
}

function numberLiteral(value: number): string {
  if (!Number.isFinite(value))
    throw new ValueError('a number literal is NaN or infinite, for which SQL has no literal')
  if (Object.is(value, -0))
    throw new ValueError('a number literal is negative zero, for which SQL has no literal')
  if (Number.isInteger(value) && !Number.isSafeInteger(value))
    throw new ValueError(
      'a number literal is an integer beyond 2^53, whose digits are not exact; give a bigint',
    )
  return String(value)
}
