import type { Capabilities, TypeTable } from '../src/contract/index.ts'

/** Everything there is, so that a test takes away what it is about. */
export const scriptedCapabilities: Capabilities = {
  maxParameters: 100,
  maxIdentifierBytes: 63,
  prefix: 'native',
  transactions: 'interactive',
  savepoints: 'native',
  isolationLevels: ['read committed', 'repeatable read', 'serializable'],
  readOnlyTransactions: 'native',
  deferrableTransactions: 'native',
  ddlTransactions: 'yes',
  errorInTransaction: 'aborts',
  returning: { insert: 'native', update: 'native', delete: 'native' },
  upsert: {
    nothing: 'native',
    update: 'native',
    updateWhere: 'native',
    updateWithoutTarget: 'absent',
    columns: 'native',
    partialIndex: 'native',
    constraint: 'native',
    unsafeFragment: 'native',
  },
  affected: 'matched',
  lastInsertId: 'absent',
  cellDefault: 'native',
  streaming: 'interleaved',
  cancel: 'server',
  pipelining: 1,
  scripts: 'native',
  rowLocks: ['update', 'no key update', 'share', 'key share'],
  skipLocked: 'native',
  noWait: 'native',
  notices: 'native',
  sessionChanges: ['set'],
  migrationLocks: [],
}

/** Every logical type, passed through as its canonical value. */
export const scriptedTypes: TypeTable = {
  codecs: {
    boolean: { ddl: 'boolean' },
    integer: { ddl: 'integer' },
    bigint: { ddl: 'bigint' },
    float: { ddl: 'float' },
    decimal: { ddl: 'decimal' },
    text: { ddl: 'text' },
    bytes: { ddl: 'bytes' },
    uuid: { ddl: 'uuid' },
    json: { ddl: 'json' },
    date: { ddl: 'date' },
    time: { ddl: 'time' },
    timestamp: { ddl: 'timestamp' },
    enum: { ddl: 'enum' },
    array: { ddl: 'array' },
  },
}
