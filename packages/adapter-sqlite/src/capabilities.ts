import type { Capabilities } from '@mortise/core/adapter'

/** SQLite 3.53 and later, as both drivers carry it. */
export const capabilities: Capabilities = {
  // SQLITE_MAX_VARIABLE_NUMBER of both builds (https://www.sqlite.org/limits.html).
  maxParameters: 32766,
  // SQLite has no limit of its own; this one is the dialect's.
  maxIdentifierBytes: 1024,
  prefix: 'native',
  transactions: 'interactive',
  savepoints: 'native',
  isolationLevels: ['serializable'],
  readOnlyTransactions: 'native',
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
  streaming: 'exclusive',
  cancel: 'between_rows',
  pipelining: 1,
  scripts: 'native',
  rowLocks: [],
  skipLocked: 'absent',
  noWait: 'absent',
  notices: 'absent',
  sessionChanges: ['pragma', 'attach', 'temp'],
  migrationLocks: [],
}
