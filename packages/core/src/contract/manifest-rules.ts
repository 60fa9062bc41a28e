import type { Adapter } from './adapter.ts'
import type { Flaw } from './check-manifest.ts'
import { StandardDialect } from './standard-dialect/index.ts'

type AnyAdapter = Pick<Adapter, 'capabilities' | 'dialect' | 'topology' | 'migrationLocks'>

/** The first claim of a manifest that contradicts another claim or the adapter's other parts. */
export function contradiction(adapter: AnyAdapter): Flaw | undefined {
  return (
    transactionFlaw(adapter) ??
    sessionFlaw(adapter) ??
    upsertFlaw(adapter) ??
    lockFlaw(adapter) ??
    streamingFlaw(adapter) ??
    dialectFlaw(adapter) ??
    migrationLockFlaw(adapter)
  )
}

function transactionFlaw({ capabilities }: AnyAdapter): Flaw | undefined {
  const interactive = capabilities.transactions === 'interactive'
  if (interactive && capabilities.isolationLevels.length === 0)
    return {
      part: 'capabilities.isolationLevels',
      problem: 'is empty, but transactions are "interactive"',
      remedy: 'name at least the default level',
    }
  if (!interactive && capabilities.isolationLevels.length > 0)
    return {
      part: 'capabilities.isolationLevels',
      problem: `names levels, but transactions are "${capabilities.transactions}"`,
      remedy: 'give []',
    }
  if (capabilities.transactions === 'none' && capabilities.ddlTransactions === 'yes')
    return {
      part: 'capabilities.ddlTransactions',
      problem: 'is "yes", but transactions are "none"',
      remedy: 'declare "no"',
    }
  for (const part of ['savepoints', 'readOnlyTransactions', 'deferrableTransactions'] as const)
    if (!interactive && capabilities[part] !== 'absent')
      return {
        part: `capabilities.${part}`,
        problem: `is "${capabilities[part]}", but transactions are "${capabilities.transactions}"`,
        remedy: 'declare "absent"',
      }
  return undefined
}

function sessionFlaw({ capabilities, topology, migrationLocks }: AnyAdapter): Flaw | undefined {
  if (topology !== 'stateless') return undefined
  if (capabilities.transactions === 'interactive')
    return {
      part: 'capabilities.transactions',
      problem: 'is "interactive", but a "stateless" topology has no sessions to hold one',
      remedy: 'declare "batch" or "none"',
    }
  const lock = Object.entries(migrationLocks ?? {}).find(([, { scope }]) => scope === 'session')
  return (
    lock && {
      part: `migrationLocks.${lock[0]}`,
      problem: 'is tied to a session, and a "stateless" topology has none',
      remedy: 'give a lock with the scope "lease"',
    }
  )
}

function upsertFlaw({ capabilities: { upsert } }: AnyAdapter): Flaw | undefined {
  const { nothing, update } = upsert
  for (const part of ['updateWhere', 'updateWithoutTarget'] as const)
    if (update === 'absent' && upsert[part] !== 'absent')
      return {
        part: `capabilities.upsert.${part}`,
        problem: `is "${upsert[part]}", but upsert.update is "absent"`,
        remedy: 'declare "absent"',
      }
  for (const part of ['columns', 'partialIndex', 'constraint', 'unsafeFragment'] as const)
    if (nothing === 'absent' && update === 'absent' && upsert[part] !== 'absent')
      return {
        part: `capabilities.upsert.${part}`,
        problem: `is "${upsert[part]}", but there are no upserts to have a target`,
        remedy: 'declare "absent"',
      }
  if (upsert.columns === 'absent' && upsert.partialIndex !== 'absent')
    return {
      part: 'capabilities.upsert.partialIndex',
      problem: `is "${upsert.partialIndex}", but upsert.columns is "absent"`,
      remedy: 'declare "absent"',
    }
  return undefined
}

function lockFlaw({ capabilities }: AnyAdapter): Flaw | undefined {
  for (const part of ['skipLocked', 'noWait'] as const)
    if (capabilities.rowLocks.length === 0 && capabilities[part] !== 'absent')
      return {
        part: `capabilities.${part}`,
        problem: `is "${capabilities[part]}", but rowLocks is empty`,
        remedy: 'declare "absent"',
      }
  return undefined
}

function streamingFlaw({ capabilities, dialect }: AnyAdapter): Flaw | undefined {
  if (capabilities.streaming !== 'emulated') return undefined
  if (!dialect.cursor)
    return {
      part: 'dialect.cursor',
      problem: 'is missing, but capabilities.streaming is "emulated"',
      remedy: 'give the dialect a cursor or declare streaming "absent"',
    }
  if (dialect.cursor.within === 'transaction' && capabilities.transactions !== 'interactive')
    return {
      part: 'capabilities.streaming',
      problem: `is "emulated" by a cursor within a transaction, but transactions are "${capabilities.transactions}"`,
      remedy: 'declare streaming "absent"',
    }
  return undefined
}

function dialectFlaw({ capabilities, dialect }: AnyAdapter): Flaw | undefined {
  if (!(dialect instanceof StandardDialect)) return undefined
  const { maxIdentifierBytes } = dialect
  return maxIdentifierBytes === capabilities.maxIdentifierBytes
    ? undefined
    : {
        part: 'capabilities.maxIdentifierBytes',
        problem: `is ${capabilities.maxIdentifierBytes}, but the dialect refuses names beyond ${maxIdentifierBytes}`,
        remedy: 'give standardDialect and the manifest the same number',
      }
}

function migrationLockFlaw({ capabilities, migrationLocks }: AnyAdapter): Flaw | undefined {
  const declared = capabilities.migrationLocks
  const given = Object.keys(migrationLocks ?? {})
  const missing = declared.find((name) => !given.includes(name))
  if (missing !== undefined)
    return {
      part: `migrationLocks.${missing}`,
      problem: 'is missing, but capabilities.migrationLocks names it',
      remedy: 'give the lock or take its name out of the manifest',
    }
  const undeclared = given.find((name) => !declared.includes(name))
  if (undeclared !== undefined)
    return {
      part: 'capabilities.migrationLocks',
      problem: `does not name the lock "${undeclared}"`,
      remedy: 'add it, the default first',
    }
  const inTransaction = Object.entries(migrationLocks ?? {}).find(
    ([, { scope }]) => scope === 'transaction',
  )
  if (inTransaction && capabilities.transactions !== 'interactive')
    return {
      part: `migrationLocks.${inTransaction[0]}`,
      problem: `is tied to a transaction, but transactions are "${capabilities.transactions}"`,
      remedy: 'give a lock with another scope',
    }
  return undefined
}
