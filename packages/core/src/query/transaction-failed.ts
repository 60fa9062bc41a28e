import { DatabaseError } from '../errors/index.ts'

/**
 * The error of a call behind a failure, which is its cause. Where the failure allows the whole
 * transaction to be run again, so does this.
 *
 * @param answer what the database itself said to the call, if it got there
 */
export function transactionFailed(
  message: string,
  failure: unknown,
  answer?: DatabaseError,
): DatabaseError {
  return new DatabaseError(
    {
      kind: 'transaction_failed',
      code: answer?.nativeCode,
      message,
      retryable: failure instanceof DatabaseError && failure.retryable,
    },
    { native: answer?.native, cause: failure },
  )
}
