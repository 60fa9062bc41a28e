import { MisuseError } from '@mortise/core/adapter'

/** A text that is not empty and can go to the server. @throws MisuseError that names the option */
export function text(name: string, value: unknown): string {
  if (typeof value === 'string' && value !== '' && !value.includes('\0')) return value
  throw new MisuseError('OPTION_INVALID', `${name} takes a text that is not empty and has no NUL`)
}

/** A whole number within bounds. @throws MisuseError that names the option */
export function number(name: string, value: unknown, least: number, most: number): number {
  if (Number.isInteger(value) && (value as number) >= least && (value as number) <= most) {
    return value as number
  }
  throw new MisuseError('OPTION_INVALID', `${name} takes a whole number from ${least} to ${most}`)
}

/** One of a few words. @throws MisuseError that names the option and the words */
export function oneOf<const T extends string>(
  name: string,
  value: unknown,
  words: readonly T[],
): T {
  if ((words as readonly unknown[]).includes(value)) return value as T
  throw new MisuseError('OPTION_INVALID', `${name} takes one of ${words.join(', ')}`)
}

/** Checks what is given; what is not stays so. */
export function optional<T>(
  check: (name: string, value: unknown) => T,
  name: string,
  value: unknown,
): T | undefined {
  return value === undefined ? undefined : check(name, value)
}
