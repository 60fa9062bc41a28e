import { DatabaseSync, type SQLInputValue } from 'node:sqlite'
import {
  type Adapter,
  type Capabilities,
  type Connection,
  defineAdapter,
  type ErrorDescription,
  type Request,
  type Result,
  standardDialect,
  type TypeTable,
  UnsupportedError,
  ValueError,
} from '@mortise/core/adapter'

/**
 * A small, correct adapter over `node:sqlite` in memory, for the testkit's own tests: `connect`,
 * `execute`, `close` and the descriptions, nothing else.
 */
export function tinyAdapter(): Adapter {
  return defineAdapter({
    name: 'tiny',
    capabilities,
    types,
    dialect,
    topology: 'single',
    connect: () => openConnection(new DatabaseSync(':memory:')),
    classifyError,
  })
}

function openConnection(database: DatabaseSync): Connection {
  database.exec("pragma foreign_keys = on; attach ':memory:' as other")
  return {
    get transactionStatus() {
      return database.isTransaction ? ('active' as const) : ('idle' as const)
    },
    execute: (request) => execute(database, request),
    close: () => database.close(),
  }
}

function execute(database: DatabaseSync, { sql, parameters }: Request): Result {
  const statement = database.prepare(sql)
  const rest = sql.slice(statement.sourceSQL.length)
  if (/[^\s;]/.test(rest)) throw new ValueError('one statement a call; use a script for several')
  statement.setReadBigInts(true)
  statement.setReturnArrays(true)
  const columns = statement.columns().map(({ name }) => ({ name }))
  checkCount(sql, parameters)
  if (columns.length > 0) {
    const before = totalChanges(database)
    const rows = statement.all(...(parameters as SQLInputValue[])) as unknown as unknown[][]
    const changes = totalChanges(database) - before
    const writes = /^\s*(insert|update|delete|replace|with)\b/i.test(sql)
    return {
      columns,
      rows: rows.map((row) => row.map(readValue)),
      affected: writes ? changes : null,
    }
  }
  const { changes, lastInsertRowid } = statement.run(...(parameters as SQLInputValue[]))
  const writes = /^\s*(insert|update|delete|replace|with)\b/i.test(sql)
  return {
    columns,
    rows: [],
    affected: writes ? Number(changes) : null,
    ...(writes && { lastInsertId: lastInsertRowid }),
  }
}

/** `node:sqlite` binds NULL for parameters that are missing; the texts of this adapter use `?`. */
function checkCount(sql: string, parameters: readonly unknown[]): void {
  const bare = sql.replace(/'(?:[^']|'')*'|"(?:[^"]|"")*"|--[^\n]*|\/\*[\s\S]*?\*\//g, '')
  const places = bare.match(/\?/g)?.length ?? 0
  if (places !== parameters.length) {
    throw new ValueError(`the text has ${places} places for ${parameters.length} parameters`)
  }
}

function totalChanges(database: DatabaseSync): number {
  return Number(database.prepare('select total_changes() as n').get()?.n)
}

function readValue(value: unknown): unknown {
  if (typeof value !== 'bigint') return value
  const number = Number(value)
  return Number.isSafeInteger(number) ? number : value
}

function refuse(what: string): never {
  throw new ValueError(`${what} cannot be stored exactly`)
}

const asText = { ddl: 'text' }

const types: TypeTable = {
  codecs: {
    boolean: {
      ddl: 'integer',
      encode: (value: boolean) => (value ? 1n : 0n),
      decode: (value: number) => (value === 0 || value === 1 ? value === 1 : refuse('it')),
    },
    integer: {
      ddl: 'integer',
      encode: (value: number) => BigInt(value),
      decode: (value: unknown) => (Number.isSafeInteger(value) ? value : refuse('it')),
    },
    bigint: {
      ddl: 'integer',
      encode: (value: bigint) =>
        BigInt.asIntN(64, value) === value ? value : refuse('an integer beyond 64 bits'),
      decode: (value: number | bigint) =>
        typeof value === 'bigint' || Number.isSafeInteger(value) ? BigInt(value) : refuse('it'),
    },
    float: {
      ddl: 'real',
      encode: (value: number) =>
        Number.isNaN(value) || Object.is(value, -0) ? refuse('NaN or −0') : value,
    },
    decimal: asText,
    text: {
      ddl: 'text',
      encode: (value: string) => (value.includes('\0') ? refuse('a text with NUL') : value),
    },
    bytes: {
      ddl: 'blob',
      decode: (value: Uint8Array) => Uint8Array.from(value),
    },
    uuid: asText,
    json: asText,
    date: asText,
    time: asText,
    timestamp: {
      ddl: 'text',
      encode: (value: string) =>
        value.replace(/(?:\.(\d{1,6}))?Z$/, (_, digits = '') => `.${digits.padEnd(6, '0')}Z`),
      decode: (value: string) => value.replace(/\.?0*Z$/, 'Z'),
    },
  },
}

const dialect = standardDialect({
  name: 'tiny',
  types,
  maxIdentifierBytes: 1000,
  upsert: 'on_conflict',
  returning: true,
  cellDefault: false,
  emptyInsert: 'rowid',
  limitForOffset: '-1',
  begin: ({ readOnly }) => [readOnly ? 'begin' : 'begin immediate'],
  identity: 'integer_primary_key',
  prefixes: 'attached',
  overrides: {
    write: {
      add(out, node, standard) {
        if (node.right.kind === 'slot' && node.right.type?.name === 'decimal') {
          throw new UnsupportedError(
            'types.decimal',
            'decimals are stored as text, which cannot add',
          )
        }
        standard.add(out, node)
      },
    },
  },
})

const capabilities: Capabilities = {
  maxParameters: 32_766,
  maxIdentifierBytes: 1000,
  prefix: 'native',
  transactions: 'interactive',
  savepoints: 'native',
  isolationLevels: ['serializable'],
  readOnlyTransactions: 'absent',
  deferrableTransactions: 'absent',
  ddlTransactions: 'yes',
  errorInTransaction: 'continues',
  returning: { insert: 'native', update: 'native', delete: 'native' },
  upsert: {
    nothing: 'native',
    update: 'native',
    updateWhere: 'native',
    updateWithoutTarget: 'native',
    columns: 'native',
    partialIndex: 'native',
    constraint: 'absent',
    unsafeFragment: 'native',
  },
  affected: 'matched',
  lastInsertId: 'native',
  cellDefault: 'absent',
  streaming: 'absent',
  cancel: 'before_start',
  pipelining: 1,
  scripts: 'absent',
  rowLocks: [],
  skipLocked: 'absent',
  noWait: 'absent',
  notices: 'absent',
  sessionChanges: [],
  migrationLocks: [],
}

const kinds: { readonly [code: number]: ErrorDescription['kind'] } = {
  2067: 'unique_violation',
  1555: 'unique_violation',
  787: 'foreign_key_violation',
  275: 'check_violation',
  1299: 'not_null_violation',
}

function classifyError(error: unknown): ErrorDescription | undefined {
  if (!(error instanceof Error) || !('errcode' in error)) return undefined
  const code = Number(error.errcode)
  return { kind: kinds[code] ?? kindOfMessage(error.message), code: String(code) }
}

/** SQLite has one code for a bad text, a missing table and a table that is there already. */
function kindOfMessage(message: string): ErrorDescription['kind'] {
  if (/^no such (table|column)/.test(message)) return 'undefined_object'
  if (/already exists$/.test(message)) return 'duplicate_object'
  return message.includes('syntax error') ? 'syntax' : 'other'
}
