import { MisuseError } from '../../errors/index.ts'

/** What stands around a name: `"name"`, `` `name` `` or `[name]`. */
export type IdentifierQuotes = '"' | '`' | '[]'

/**
 * Quotes names. Refuses, with a `MisuseError`, what no database can hold or what some would cut or
 * replace silently: an empty name, NUL, a lone surrogate, more than `maxBytes` bytes of UTF-8.
 */
export function identifierQuoter(
  quotes: IdentifierQuotes,
  maxBytes: number,
): (name: string) => string {
  const open = quotes === '[]' ? '[' : quotes
  const close = quotes === '[]' ? ']' : quotes
  return (name) => {
    checkIdentifier(name, maxBytes)
    return `${open}${name.replaceAll(close, close + close)}${close}`
  }
}

const loneSurrogate = /\p{Surrogate}/u

function checkIdentifier(name: string, maxBytes: number): void {
  if (typeof name !== 'string' || name === '')
    throw new MisuseError('IDENTIFIER_INVALID', 'a name is empty or no string; give it a name')
  if (name.includes('\0'))
    throw new MisuseError(
      'IDENTIFIER_INVALID',
      `the name ${JSON.stringify(name)} holds a NUL character, which ends a name in most databases; take it out`,
    )
  if (loneSurrogate.test(name))
    throw new MisuseError(
      'IDENTIFIER_INVALID',
      `the name ${JSON.stringify(name)} holds half of a surrogate pair, which has no UTF-8; take it out`,
    )
  // A UTF-16 unit is at most three bytes of UTF-8.
  if (name.length * 3 <= maxBytes) return
  const bytes = Buffer.byteLength(name)
  if (bytes > maxBytes)
    throw new MisuseError(
      'IDENTIFIER_TOO_LONG',
      `the name ${JSON.stringify(name)} has ${bytes} bytes and the database takes ${maxBytes}; shorten it`,
    )
}
