/**
 * Whether a double holds the decimal number that `source` writes: JavaScript, when it writes the
 * double again, writes the same value, or the double is that very integer.
 */
export function isExactNumber(number: number, source: string): boolean {
  if (String(number) === source) return true
  if (!Number.isFinite(number)) return false
  // 2^60 is exact, though JavaScript writes it rounded to 1152921504606847000.
  if (/^-?[0-9]{1,400}$/.test(source)) return BigInt(source) === BigInt(number)
  return normalise(source) === normalise(String(number))
}

/** One text for one decimal value: digits without zeros at either end, and an exponent. */
function normalise(source: string): string {
  const [, sign = '', whole = '', fraction = '', exponent = '0'] =
    /^(-?)([0-9]+)(?:\.([0-9]+))?(?:[eE]([+-]?[0-9]+))?$/.exec(source) ?? []
  const digits = whole + fraction
  let start = 0
  let end = digits.length
  while (start < end && digits.charCodeAt(start) === 48) start++
  while (end > start && digits.charCodeAt(end - 1) === 48) end--
  if (start === end) return '0'
  const power = Number(exponent) - fraction.length + (digits.length - end)
  return `${sign}${digits.slice(start, end)}e${power}`
}
