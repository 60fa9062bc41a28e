/**
 * Puts the year of a canonical date or timestamp as the server reads it: core counts `0000` for 1 BC
 * and `-0001` for 2 BC, the server writes the year before Christ and `BC` at the end.
 */
export function toServerYear(canonical: string): string {
  const negative = canonical.charCodeAt(0) === 45
  if (!negative && !canonical.startsWith('0000')) return canonical
  const rest = canonical.slice(negative ? 5 : 4)
  const year = negative ? Number(canonical.slice(1, 5)) + 1 : 1
  return `${String(year).padStart(4, '0')}${rest} BC`
}

/** The other way round; a text without `BC` stays as it is. */
export function fromServerYear(text: string): string {
  if (!text.endsWith(' BC')) return text
  const hyphen = text.indexOf('-')
  const year = Number(text.slice(0, hyphen)) - 1
  return `${year === 0 ? '' : '-'}${String(year).padStart(4, '0')}${text.slice(hyphen, -3)}`
}
