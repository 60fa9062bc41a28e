import { resultCodeName } from './result-codes.ts'

/** An error of SQLite itself, whichever driver raised it. */
export interface NativeError {
  /** The extended result code's name. */
  readonly code: string
  readonly message: string
}

const unnamedByBetterSqlite3 = /^UNKNOWN_SQLITE_ERROR_([0-9]+)$/

/**
 * Reads SQLite's result code from what a driver threw: better-sqlite3 gives its name as `code`,
 * node:sqlite its number as `errcode`. Undefined for everything else.
 */
export function nativeError(error: unknown): NativeError | undefined {
  if (!(error instanceof Error)) return undefined
  const { code, errcode } = error as { readonly code?: unknown; readonly errcode?: unknown }
  if (code === 'ERR_SQLITE_ERROR' && typeof errcode === 'number') {
    return { code: resultCodeName(errcode), message: error.message }
  }
  if (typeof code !== 'string') return undefined
  if (code.startsWith('SQLITE_')) return { code, message: error.message }
  const unnamed = unnamedByBetterSqlite3.exec(code)?.[1]
  return unnamed === undefined
    ? undefined
    : { code: resultCodeName(Number(unnamed)), message: error.message }
}

/**
 * Whether the statement was refused because another connection holds a lock that it will give back,
 * so that the same statement may be tried again. `SQLITE_BUSY_SNAPSHOT` is not: the transaction's
 * snapshot is out of date for good (https://www.sqlite.org/rescode.html#busy_snapshot).
 */
export function isBusy(error: unknown): boolean {
  const code = nativeError(error)?.code
  return code === 'SQLITE_BUSY' || code === 'SQLITE_BUSY_RECOVERY' || code === 'SQLITE_BUSY_TIMEOUT'
}

/** Raised where a driver refuses to open a file with an error of its own that has no result code. */
export class CannotOpenError extends Error {
  override readonly name = 'CannotOpenError'
  readonly code = 'SQLITE_CANTOPEN'
}
