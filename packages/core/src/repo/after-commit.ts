import { TransactionError } from '../errors/index.ts'

/** The transaction is committed, but something that was to follow it failed. */
export function afterCommitError(failures: readonly unknown[]): TransactionError {
  return new TransactionError(
    'AFTER_COMMIT_FAILED',
    `the transaction is committed, but ${failures.length === 1 ? 'a callback' : `${failures.length} callbacks`} of afterCommit failed (see the cause); do not run the transaction again`,
    { cause: failures.length === 1 ? failures[0] : new AggregateError(failures) },
  )
}
