/** The two digits at `at`, or −1. */
export function twoDigits(text: string, at: number): number {
  const tens = text.charCodeAt(at) - 48
  const ones = text.charCodeAt(at + 1) - 48
  // NaN, past the end, fails both comparisons too.
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : -1
}

/** The four digits at `at`, or −1. */
export function fourDigits(text: string, at: number): number {
  const high = twoDigits(text, at)
  const low = twoDigits(text, at + 2)
  return high < 0 || low < 0 ? -1 : high * 100 + low
}

/** Where the run of digits that starts at `at` ends. */
export function endOfDigits(text: string, at: number): number {
  let end = at
  while (isDigit(text.charCodeAt(end))) end++
  return end
}

/**
 * The microseconds that the digits from `at` to `end` say after a decimal point, or −1 where they
 * say more than microseconds can.
 */
export function fractionMicros(text: string, at: number, end: number): number {
  let micros = 0
  for (let position = 0; position < 6; position++) {
    const index = at + position
    micros = micros * 10 + (index < end ? text.charCodeAt(index) - 48 : 0)
  }
  for (let index = at + 6; index < end; index++) {
    if (text.charCodeAt(index) !== 48) return -1
  }
  return micros
}

function isDigit(code: number): boolean {
  return code >= 48 && code <= 57
}
