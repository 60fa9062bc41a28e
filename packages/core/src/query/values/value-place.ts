import { ValueError } from '../../errors/index.ts'

/**
 * Puts `place` (`posts.title`, `parameter 3`) before the message of a `ValueError`; any other error
 * comes back as it is. To be called where an error was caught, so that a good value pays nothing:
 *
 * ```ts
 * try { return codec.encode(value) } catch (error) { throw atPlace(error, `parameter ${i + 1}`) }
 * ```
 */
export function atPlace(error: unknown, place: string): unknown {
  if (!(error instanceof ValueError)) return error
  return new ValueError(
    `${place}: ${error.message}`,
    'cause' in error ? { cause: error.cause } : undefined,
  )
}
