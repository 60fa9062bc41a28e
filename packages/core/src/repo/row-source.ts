import type { Call, Query } from '../query/index.ts'

/** One stream, parsed. */
export interface StreamCall {
  readonly query: Query
  readonly parameters: readonly unknown[]
  readonly batchSize: number
  readonly call: Call
}

/** Where the rows of a stream come from. */
export interface RowSource {
  /** The next rows; undefined after the last. One call at a time. */
  next(): Promise<object[] | undefined>
  /** Releases everything that the stream holds; `error` says what failed. */
  close(error?: unknown): Promise<void>
}

/** The same source with something to be done behind its end: once, and however that went. */
export function closing(
  source: RowSource,
  behind: (error: unknown) => void | Promise<void>,
): RowSource {
  let closed: Promise<void> | undefined
  return {
    next: () => source.next(),
    close(error) {
      closed ??= endOf(source, error, behind)
      return closed
    },
  }
}

async function endOf(
  source: RowSource,
  error: unknown,
  behind: (error: unknown) => void | Promise<void>,
): Promise<void> {
  try {
    await source.close(error)
  } finally {
    await behind(error)
  }
}
