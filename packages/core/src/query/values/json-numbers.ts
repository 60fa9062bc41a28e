// At most 15 digits without a large exponent are exact in any double (DBL_DIG), so most documents
// are cleared by one search.
const suspicious = /[0-9][0-9.]{15,}|[0-9][eE][+-]?[0-9]{3}/
const shortestSuspect = '1e400'.length
const numbers = /-?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/g
const parts = /^(-?)([0-9]+)(?:\.([0-9]+))?(?:[eE]([+-]?[0-9]+))?$/

/**
 * Whether valid JSON text has a number that a double changes: one that JavaScript, when it writes
 * the number again, does not write with the same value, unless it is an integer that the double
 * holds exactly.
 */
export function holdsInexactNumber(json: string): boolean {
  if (!suspicious.test(json)) return false
  for (let at = 0; at < json.length; ) {
    const open = json.indexOf('"', at)
    const end = open === -1 ? json.length : open
    if (end - at >= shortestSuspect && hasInexact(json.slice(at, end))) return true
    if (open === -1) break
    at = afterString(json, open)
  }
  return false
}

function hasInexact(outsideStrings: string): boolean {
  if (!suspicious.test(outsideStrings)) return false
  for (const [source] of outsideStrings.matchAll(numbers)) {
    if (suspicious.test(source) && !isExact(source)) return true
  }
  return false
}

function afterString(json: string, open: number): number {
  let at = open + 1
  for (;;) {
    const quote = json.indexOf('"', at)
    let backslashes = 0
    while (json.charCodeAt(quote - 1 - backslashes) === 92) backslashes++
    if (backslashes % 2 === 0) return quote + 1
    at = quote + 1
  }
}

function isExact(source: string): boolean {
  const number = Number(source)
  if (String(number) === source) return true
  if (!Number.isFinite(number)) return false
  if (normalise(source) === normalise(String(number))) return true
  // 2^60 is exact, though JavaScript writes it rounded to 1152921504606847000.
  return /^-?[0-9]+$/.test(source) && BigInt(source) === BigInt(number)
}

/** One text for one decimal value: digits without zeros at either end, and an exponent. */
function normalise(source: string): string {
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = parts.exec(source) ?? []
  const digits = whole + fraction
  let start = 0
  let end = digits.length
  while (start < end && digits.charCodeAt(start) === 48) start++
  while (end > start && digits.charCodeAt(end - 1) === 48) end--
  if (start === end) return '0'
  const power = Number(exponent) - fraction.length + (digits.length - end)
  return `${sign}${digits.slice(start, end)}e${power}`
}
