import { MortiseError } from '@mortise/core/adapter'

/**
 * The run itself could not be made: no database, an adapter that is not complete enough for the
 * rules that were chosen. Code `HARNESS`. It is never a green run.
 */
export class HarnessError extends MortiseError {
  override readonly name: string = 'HarnessError'

  constructor(message: string, options?: { readonly cause?: unknown }) {
    super('HARNESS', message, options)
  }
}
