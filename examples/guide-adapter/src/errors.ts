import type { ErrorDescription, ErrorKind } from '@mortise/core/adapter'

/** SQLite's result codes by what they mean (https://www.sqlite.org/rescode.html). */
const codes: { readonly [kind in ErrorKind]?: readonly number[] } = {
  unique_violation: [1555, 2067, 2579],
  foreign_key_violation: [787],
  not_null_violation: [1299],
  check_violation: [275, 1811],
  data: [20, 3091],
  serialization_failure: [517],
  lock_timeout: [5, 6],
  stale_statement: [17],
  read_only: [8],
  permission: [3, 23],
  too_large: [18],
  resources: [7, 10, 13],
  connection_refused: [14, 26],
  internal: [2, 11, 21],
}

type NativeError = Error & { code?: string; errcode: number; errstr: string }

/** What an error of `node:sqlite` means; undefined for every other error. */
export function classifyError(error: unknown): ErrorDescription | undefined {
  if (!(error instanceof Error)) return undefined
  // `errstr` is SQLite's text for the code. Unlike the message it never holds a value.
  const { code, errcode, errstr, message } = error as NativeError
  if (code === 'ERR_INVALID_STATE') return { kind: 'connection_lost', code, message }
  if (code?.startsWith('ERR_INVALID_ARG_')) return { kind: 'data', code }
  if (code !== 'ERR_SQLITE_ERROR') return undefined
  const kind = kindOf(errcode) ?? kindOf(errcode & 0xff)
  const description = kind === undefined ? byMessage(message) : { kind, message: errstr }
  return { ...description, ...placeOf(message), code: String(errcode) }
}

function kindOf(code: number): ErrorKind | undefined {
  return (Object.keys(codes) as ErrorKind[]).find((kind) => codes[kind]?.includes(code))
}

/** SQLite has one code for all that it does not compile. These messages hold names only. */
function byMessage(message: string): ErrorDescription {
  if (/^no such /.test(message)) return { kind: 'undefined_object', message }
  if (/ already exists$/.test(message)) return { kind: 'duplicate_object', message }
  if (/syntax error$|^incomplete input$/.test(message)) return { kind: 'syntax', message }
  return { kind: 'other' }
}

/** Where a constraint failed, if the names are plain enough for one reading. */
function placeOf(message: string): Partial<ErrorDescription> {
  const [, check] = /^CHECK constraint failed: (\w+)$/.exec(message) ?? []
  if (check !== undefined) return { constraint: check }
  const [, table, columns] = /failed: (\w+)\.(\w+(?:, \1\.\w+)*)$/.exec(message) ?? []
  if (table === undefined || columns === undefined) return {}
  return { table, columns: columns.split(`, ${table}.`) }
}
