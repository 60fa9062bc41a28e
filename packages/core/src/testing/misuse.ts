import { MisuseError } from '../errors/index.ts'

/** The code and message of the misuse that `fn` throws, as `CODE: message`. */
export function misuse(fn: () => unknown): string {
  try {
    fn()
  } catch (error) {
    if (error instanceof MisuseError) return `${error.code}: ${error.message}`
    throw error
  }
  return 'nothing was thrown'
}
