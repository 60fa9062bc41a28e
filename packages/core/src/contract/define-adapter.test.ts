import { describe, expect, it } from 'vitest'
import { MisuseError } from '../errors/index.ts'
import { sqlite, sqliteDescription } from '../testing/dialects.ts'
import type { Adapter } from './adapter.ts'
import type { MigrationLock } from './administration.ts'
import type { Capabilities } from './capabilities.ts'
import { defineAdapter } from './define-adapter.ts'

const capabilities: Capabilities = {
  maxParameters: 32_766,
  maxIdentifierBytes: 1000,
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
  streaming: 'emulated',
  cancel: 'before_start',
  pipelining: 1,
  scripts: 'absent',
  rowLocks: [],
  skipLocked: 'absent',
  noWait: 'absent',
  notices: 'absent',
  sessionChanges: [],
  migrationLocks: ['row'],
}

const lock: MigrationLock = {
  scope: 'lease',
  tryAcquire: () => true,
  verify: () => true,
  release: () => undefined,
}

const definition: Adapter = {
  name: 'example',
  capabilities,
  dialect: sqlite,
  types: sqliteDescription.types,
  topology: 'pool',
  connect: () => {
    throw new Error('not here')
  },
  classifyError: () => undefined,
  migrationLocks: { row: lock },
}

function define(changes: object): () => Adapter {
  return () => defineAdapter({ ...definition, ...changes })
}

function claim(changes: Partial<Capabilities>, rest: object = {}): () => Adapter {
  return define({ capabilities: { ...capabilities, ...changes }, ...rest })
}

const batchOnly: Partial<Capabilities> = {
  transactions: 'batch',
  isolationLevels: [],
  savepoints: 'absent',
  readOnlyTransactions: 'absent',
}

describe('defineAdapter', () => {
  it('gives a frozen copy with the same parts', () => {
    const adapter = defineAdapter(definition)
    expect(adapter).toEqual(definition)
    expect(adapter).not.toBe(definition)
    expect(adapter.dialect).toBe(definition.dialect)
    expect(adapter.connect).toBe(definition.connect)
    expect(Object.isFrozen(adapter)).toBe(true)
    expect(Object.isFrozen(adapter.capabilities.upsert)).toBe(true)
    expect(Object.isFrozen(adapter.capabilities.isolationLevels)).toBe(true)
    expect(Object.isFrozen(definition.capabilities)).toBe(false)
  })

  it('takes an adapter apart and together again', () => {
    const renamed = defineAdapter({ ...defineAdapter(definition), name: 'renamed' })
    expect(renamed.name).toBe('renamed')
    expect(defineAdapter({ ...definition, storage: undefined } as never)).toEqual(definition)
  })

  it.each([undefined, null, 'adapter', [definition], new (class {})()])('refuses %o', (wrong) => {
    expect(() => defineAdapter(wrong as never)).toThrow('defined by a plain object')
  })

  it('throws a MisuseError with a code and the name of the adapter', () => {
    expect(define({ connect: undefined })).toThrow(MisuseError)
    expect(define({ connect: undefined })).toThrow(
      expect.objectContaining({
        code: 'ADAPTER_INVALID',
        message: 'the adapter "example" is not complete: connect is missing; give a function',
      }),
    )
  })
})

describe('the parts of an adapter', () => {
  it.each<[object, string]>([
    [{ name: '' }, 'name is missing'],
    [{ capabilites: {} }, 'capabilites is no part of an adapter; did you mean "capabilities"?'],
    [{ capabilities: undefined }, 'capabilities is missing'],
    [{ classifyError: 'no' }, 'classifyError is wrong; give a function'],
    [{ topology: 'ring' }, 'topology is wrong; give "pool"'],
    [{ topology: undefined }, 'topology is missing'],
    [{ dialect: {} }, 'dialect.quoteIdentifier is missing'],
    [{ dialect: { ...sqlite } }, 'dialect.quoteIdentifier is missing'],
    [{ types: { integer: {} } }, 'types.codecs is missing'],
    [{ types: { codecs: { int: { ddl: 'int' } } } }, 'types.codecs.int is no logical type'],
    [{ types: { codecs: { text: {} } } }, 'types.codecs.text.ddl is missing'],
    [
      { types: { codecs: { text: { ddl: 'text', encode: 1 } } } },
      'types.codecs.text.encode is wrong',
    ],
    [{ types: { codecs: {}, infer: {} } }, 'types.infer is wrong'],
    [{ callOptions: { plan: 'auto' } }, 'callOptions.plan is wrong; give a function'],
    [{ callOptions: { signal: () => {} } }, 'callOptions.signal is an option of every database'],
    [{ storage: { create: () => 'created' } }, 'storage.drop is missing'],
    [{ inspect: true }, 'inspect is wrong'],
    [{ bulkLoad: true }, 'bulkLoad is wrong'],
    [
      { migrationLocks: { row: { ...lock, verify: undefined } } },
      'migrationLocks.row.verify is missing',
    ],
    [{ migrationLocks: { row: { ...lock, scope: 'row' } } }, 'migrationLocks.row.scope is wrong'],
    [{ migrationLocks: { row: { ...lock, holder: 1 } } }, 'migrationLocks.row.holder is wrong'],
  ])('are named when they are wrong: %#', (changes, message) => {
    expect(define(changes)).toThrow(message)
  })

  it.each<[object, string]>([
    [{ name: undefined }, 'dialect.name is missing'],
    [{ ping: '' }, 'dialect.ping is wrong'],
    [{ cursor: { ...sqlite.cursor, open: undefined } }, 'dialect.cursor.open is missing'],
    [{ cursor: { ...sqlite.cursor, within: 'statement' } }, 'dialect.cursor.within is wrong'],
    [{ cursor: { ...sqlite.cursor, hidden: -1 } }, 'dialect.cursor.hidden is wrong'],
  ])('include a whole dialect: %#', (changes, message) => {
    const whole = {
      name: 'd',
      ping: 'select 1',
      quoteIdentifier: () => '',
      quoteLiteral: () => '',
      compile: () => ({ sql: '', slots: [] }),
      transaction: () => [],
      cursor: sqlite.cursor,
    }
    expect(define({ dialect: whole })).not.toThrow()
    expect(define({ dialect: { ...whole, ...changes } })).toThrow(message)
  })
})

describe('the manifest', () => {
  it('needs every entry', () => {
    for (const key of Object.keys(capabilities)) {
      const { [key as keyof Capabilities]: _, ...rest } = capabilities
      expect(define({ capabilities: rest })).toThrow(`capabilities.${key} is missing; give `)
    }
    const { insert: _, ...rest } = capabilities.returning
    expect(claim({ returning: rest as never })).toThrow('capabilities.returning.insert is missing')
  })

  it.each<[object, string]>([
    [
      { pipelinning: 1 },
      'capabilities.pipelinning is no part of the manifest; did you mean "pipelining"?',
    ],
    [
      { upsert: { ...capabilities.upsert, index: 'native' } },
      'capabilities.upsert.index is no part',
    ],
    [
      { savepoints: true },
      'capabilities.savepoints is wrong; give "native" or "emulated" or "absent"',
    ],
    [{ streaming: 'native' }, 'capabilities.streaming is wrong'],
    [{ maxParameters: 0 }, 'capabilities.maxParameters is wrong; give a whole number from 1'],
    [{ maxParameters: Number.POSITIVE_INFINITY }, 'capabilities.maxParameters is wrong'],
    [{ maxIdentifierBytes: 63.5 }, 'capabilities.maxIdentifierBytes is wrong'],
    [{ pipelining: 0 }, 'capabilities.pipelining is wrong'],
    [{ isolationLevels: ['strict'] }, 'capabilities.isolationLevels is wrong'],
    [{ isolationLevels: ['serializable', 'serializable'] }, 'each at most once'],
    [{ rowLocks: ['exclusive'] }, 'capabilities.rowLocks is wrong'],
    [{ sessionChanges: [''] }, 'capabilities.sessionChanges is wrong'],
    [{ migrationLocks: 'row' }, 'capabilities.migrationLocks is wrong'],
    [{ returning: 'native' }, 'capabilities.returning is wrong; give an object'],
  ])('refuses what it does not know: %#', (changes, message) => {
    expect(define({ capabilities: { ...capabilities, ...changes } })).toThrow(message)
  })

  it.each<[Partial<Capabilities>, string]>([
    [{ isolationLevels: [] }, 'capabilities.isolationLevels is empty'],
    [
      { ...batchOnly, isolationLevels: ['serializable'] },
      'capabilities.isolationLevels names levels',
    ],
    [{ ...batchOnly, savepoints: 'emulated' }, 'capabilities.savepoints is "emulated"'],
    [{ ...batchOnly, readOnlyTransactions: 'native' }, 'capabilities.readOnlyTransactions is'],
    [{ ...batchOnly, deferrableTransactions: 'native' }, 'capabilities.deferrableTransactions is'],
    [{ ...batchOnly, transactions: 'none' }, 'capabilities.ddlTransactions is "yes"'],
    [{ skipLocked: 'native' }, 'capabilities.skipLocked is "native", but rowLocks is empty'],
    [{ noWait: 'native' }, 'capabilities.noWait is "native", but rowLocks is empty'],
    [{ maxIdentifierBytes: 63 }, 'the dialect refuses names beyond 1000'],
    [{ migrationLocks: [] }, 'does not name the lock "row"'],
    [{ migrationLocks: ['row', 'advisory'] }, 'migrationLocks.advisory is missing'],
  ])('agrees with itself and the other parts: %#', (changes, message) => {
    expect(claim(changes)).toThrow(message)
  })

  it.each<[Partial<Capabilities['upsert']>, string]>([
    [{ update: 'absent' }, 'upsert.updateWhere is "native", but upsert.update is "absent"'],
    [
      { update: 'absent', updateWhere: 'absent', updateWithoutTarget: 'native' },
      'upsert.updateWithoutTarget is',
    ],
    [{ columns: 'absent' }, 'upsert.partialIndex is "native", but upsert.columns is "absent"'],
    [
      { nothing: 'absent', update: 'absent', updateWhere: 'absent', updateWithoutTarget: 'absent' },
      'there are no upserts to have a target',
    ],
  ])('has upserts that agree with each other: %#', (changes, message) => {
    expect(claim({ upsert: { ...capabilities.upsert, ...changes } })).toThrow(message)
  })

  it('needs a cursor to emulate streams, and a transaction where the cursor lives in one', () => {
    const { cursor: _, ...withoutCursor } = sqliteDescription
    const none = sqlite.extend({ ...withoutCursor, cursor: undefined as never })
    expect(define({ dialect: none })).toThrow('dialect.cursor is missing')
    expect(claim({ streaming: 'absent' }, { dialect: none })).not.toThrow()
    const declared = sqlite.extend({ cursor: 'declare' })
    expect(claim(batchOnly, { dialect: declared })).toThrow('by a cursor within a transaction')
    expect(claim(batchOnly)).not.toThrow()
  })

  it('needs a session or a transaction for what is tied to one', () => {
    const stateless = { topology: 'stateless' }
    const tied = (scope: MigrationLock['scope']) => ({
      migrationLocks: { row: { ...lock, scope } },
    })
    expect(define(stateless)).toThrow('capabilities.transactions is "interactive"')
    expect(claim(batchOnly, stateless)).not.toThrow()
    expect(claim(batchOnly, { ...stateless, ...tied('session') })).toThrow(
      'migrationLocks.row is tied',
    )
    expect(claim(batchOnly, tied('transaction'))).toThrow('migrationLocks.row is tied')
    expect(define(tied('transaction'))).not.toThrow()
  })
})
