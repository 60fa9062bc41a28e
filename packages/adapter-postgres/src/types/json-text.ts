import { ValueError } from '@mortise/core/adapter'

/** JSON text for jsonb, which holds no NUL and drops the sign of zero: both are refused. */
export function jsonbText(text: string): string {
  if (/(?:^|[^\\])(?:\\\\)*\\u0000/.test(text)) {
    throw new ValueError(
      'holds a NUL character inside JSON, which PostgreSQL cannot store; remove it',
    )
  }
  if (text.includes('-0') && holdsNegativeZero(text)) {
    throw new ValueError(
      'holds a negative zero, which jsonb stores as 0; write 0, or store the document as text',
    )
  }
  return text
}

function holdsNegativeZero(text: string): boolean {
  for (let at = 0; at < text.length; ) {
    const open = text.indexOf('"', at)
    const end = open === -1 ? text.length : open
    // Behind an e the minus is an exponent's.
    if (/(?<![eE])-0(?:\.0+)?(?:[eE][+-]?[0-9]+)?(?![.0-9])/.test(text.slice(at, end))) return true
    if (open === -1) break
    at = closingQuote(text, open) + 1
  }
  return false
}

function closingQuote(text: string, open: number): number {
  for (let at = open + 1; ; at++) {
    at = text.indexOf('"', at)
    if (at < 0) return text.length
    let backslashes = 0
    while (text.charCodeAt(at - 1 - backslashes) === 92) backslashes++
    if (backslashes % 2 === 0) return at
  }
}
