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
  /** Releases everything that the stream holds. */
  close(): Promise<void>
}

/** A source that is opened when the first rows are wanted, and can be closed before. */
export function later(open: () => Promise<RowSource>, opened: () => void): RowSource {
  let opening: Promise<RowSource> | undefined
  return {
    async next() {
      if (opening !== undefined) return (await opening).next()
      opening = open()
      const source = await opening
      opened()
      return source.next()
    },
    async close() {
      const source = await opening?.catch(() => undefined)
      await source?.close()
    },
  }
}

/** The same source with something to be done behind its end: once, and however that went. */
export function closing(source: RowSource, behind: () => void | Promise<void>): RowSource {
  const end = async (): Promise<void> => {
    try {
      await source.close()
    } finally {
      await behind()
    }
  }
  let closed: Promise<void> | undefined
  return {
    next: () => source.next(),
    close() {
      closed ??= end()
      return closed
    },
  }
}
