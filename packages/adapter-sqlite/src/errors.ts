import type { ErrorDescription, ErrorKind } from '@mortise/core/adapter'
import { constraintPlace } from './constraint-place.ts'
import { type NativeError, nativeError } from './native-error.ts'
import { primaryCodeName } from './result-codes.ts'
import { sqlErrorDescription } from './sql-error.ts'

/** What a result code means. The messages are ours: SQLite's may hold values or file names. */
interface Meaning {
  readonly kind: ErrorKind
  readonly message: string
  readonly retryable?: boolean
  readonly fate?: 'discard'
}

/** Meanings by result code; an extended code that is not here means what its primary code does. */
const meanings: { readonly [code: string]: Meaning } = {
  SQLITE_BUSY: {
    kind: 'lock_timeout',
    message: 'the database is locked by another connection and stayed so for busyTimeoutMs',
  },
  SQLITE_BUSY_SNAPSHOT: {
    kind: 'serialization_failure',
    message:
      'another connection wrote after this transaction had begun to read, so it can no longer write; run the whole transaction again',
  },
  SQLITE_LOCKED: {
    kind: 'lock_timeout',
    message: 'a statement on the same connection still uses the table',
    retryable: false,
  },
  SQLITE_PROTOCOL: { kind: 'lock_timeout', message: 'the locks of the WAL could not be obtained' },
  SQLITE_SCHEMA: { kind: 'stale_statement', message: 'the schema changed while the statement ran' },
  SQLITE_ABORT: {
    kind: 'transaction_failed',
    message: 'a rollback on the same connection ended the statement',
  },
  SQLITE_INTERRUPT: { kind: 'cancelled', message: 'the statement was interrupted' },
  SQLITE_READONLY: {
    kind: 'read_only',
    message: 'the transaction, the connection or the file may only be read',
  },
  SQLITE_READONLY_DBMOVED: {
    kind: 'connection_lost',
    message: 'the database file was moved or deleted while it was open',
  },
  SQLITE_TOOBIG: { kind: 'too_large', message: 'a text, a blob or the statement is too big' },
  SQLITE_FULL: { kind: 'resources', message: 'the disk or the database is full' },
  SQLITE_NOMEM: { kind: 'resources', message: 'SQLite ran out of memory' },
  SQLITE_IOERR: {
    kind: 'resources',
    message: 'the disk failed to read or write',
    fate: 'discard',
  },
  SQLITE_NOLFS: { kind: 'resources', message: 'the system cannot hold a file this large' },
  SQLITE_CORRUPT: {
    kind: 'internal',
    message: 'the database file is damaged; see https://www.sqlite.org/recovery.html',
    fate: 'discard',
  },
  SQLITE_NOTADB: {
    kind: 'internal',
    message: 'the file is no SQLite database, or it is encrypted',
    fate: 'discard',
  },
  SQLITE_CANTOPEN: {
    kind: 'connection_refused',
    message: 'the database file cannot be opened; its directory must be there and be accessible',
  },
  SQLITE_PERM: { kind: 'permission', message: 'the file system refused access' },
  SQLITE_AUTH: { kind: 'permission', message: 'SQLite is not allowed to do this' },
  SQLITE_MISMATCH: { kind: 'data', message: 'a value does not have the type of its column' },
  SQLITE_RANGE: { kind: 'other', message: 'there is no such parameter' },
  SQLITE_INTERNAL: { kind: 'internal', message: 'SQLite failed inside' },
  SQLITE_MISUSE: { kind: 'internal', message: 'the driver misused SQLite' },
}

/**
 * What a native error means: SQLite's extended result codes as kinds
 * (https://www.sqlite.org/rescode.html), with constraint, table and columns as far as the message
 * names them. Undefined for what is not SQLite's.
 *
 * `whileCompiling` says that SQLite raised it before any value was bound, so that its message can
 * hold none and is shown.
 */
export function describeError(
  error: unknown,
  whileCompiling: boolean,
): ErrorDescription | undefined {
  const native = nativeError(error)
  if (native === undefined) return describeDriverError(error)
  const primary = primaryCodeName(native.code)
  if (primary === 'SQLITE_CONSTRAINT') return describeConstraint(native)
  if (primary === 'SQLITE_ERROR') {
    return { code: native.code, ...sqlErrorDescription(native.message, whileCompiling) }
  }
  const meaning = meanings[native.code] ?? meanings[primary]
  return meaning === undefined
    ? { kind: 'other', code: native.code }
    : { code: native.code, ...meaning }
}

const failedConstraint = /^(UNIQUE|NOT NULL|CHECK|FOREIGN KEY) constraint failed(?:: (.*))?$/s
const wrongType = /^cannot store \S+ value in \S+ column (.*)$/s

function describeConstraint({ code, message }: NativeError): ErrorDescription {
  const [, constraint, place = ''] = failedConstraint.exec(message) ?? []
  switch (constraint) {
    case 'UNIQUE':
      return { kind: 'unique_violation', code, ...constraintPlace(place) }
    case 'NOT NULL':
      return { kind: 'not_null_violation', code, ...constraintPlace(place) }
    case 'CHECK':
      // The constraint's name, or its expression where it has none.
      return { kind: 'check_violation', code, ...(place === '' ? {} : { constraint: place }) }
    case 'FOREIGN KEY':
      return {
        kind: 'foreign_key_violation',
        code,
        message:
          'a row that is referenced is missing, or a row is still referenced; SQLite does not tell which',
      }
  }
  const column = wrongType.exec(message)?.[1]
  if (column !== undefined) {
    return {
      kind: 'data',
      code,
      message: 'the value does not have the type of its STRICT column',
      ...constraintPlace(column),
    }
  }
  // RAISE() in a trigger has a message of the application's own, which may hold row values.
  return code === 'SQLITE_CONSTRAINT_TRIGGER'
    ? { kind: 'check_violation', code, message: 'a trigger refused the row with RAISE()' }
    : { kind: 'other', code }
}

/** Errors that the drivers raise themselves, without asking SQLite. */
function describeDriverError(error: unknown): ErrorDescription | undefined {
  if (!(error instanceof Error)) return undefined
  const { code } = error as { readonly code?: unknown }
  switch (error.message) {
    case 'The database connection is not open':
    case 'database is not open':
    case 'statement has been finalized':
      return { kind: 'connection_lost', message: 'the connection was closed' }
    case 'The bound string, buffer, or bigint is too big':
      return { kind: 'too_large', message: 'a parameter is too big' }
    case 'SQLite3 can only bind numbers, strings, bigints, buffers, and null':
      return { kind: 'data', message: 'SQLite takes numbers, bigints, strings, bytes and null' }
  }
  if (code === 'ERR_INVALID_ARG_TYPE' || code === 'ERR_INVALID_ARG_VALUE') {
    return { kind: 'data', code, message: 'SQLite takes numbers, bigints, strings, bytes and null' }
  }
  return undefined
}
