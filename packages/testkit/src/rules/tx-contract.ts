import { checkEqual, checkRefuses, checkThat, RuleFailure, show } from '../check/index.ts'
import {
  type Caller,
  column,
  createTable,
  insertInto,
  selectFrom,
  type TestTable,
} from '../contract/index.ts'
import { claims, interactive, manifest, member, type Rule, rule } from '../rule/index.ts'

const integers = [column('n', 'integer', { nullable: false })]

export const transactionContractRules: readonly Rule[] = [
  rule({
    id: 'TX-010',
    title: 'transactionStatus says where the session stands',
    level: 'MUST',
    law: 2,
    tier: 'core',
    since: '2026.1',
    rationale: 'Core lends a connection again because this says that no transaction is open.',
    causes: ['the status is what was asked for, not what the database answered'],
    needs: [interactive, member('transactionStatus')],
    async run(context) {
      const caller = await context.connect()
      const table = await context.create(caller, integers, { primaryKey: ['n'] })
      const status = () => caller.connection.transactionStatus
      const { errorInTransaction } = context.adapter.capabilities
      checkEqual('the status of a new connection', status(), 'idle')
      for (const end of ['commit', 'rollback'] as const) {
        await caller.transaction({ kind: 'begin' })
        checkEqual('the status after begin', status(), 'active')
        await insert(caller, table, end === 'commit' ? 1 : 2)
        checkEqual('the status after a statement', status(), 'active')
        await caller.transaction({ kind: end })
        checkEqual(`the status after ${end}`, status(), 'idle')
      }
      await caller.transaction({ kind: 'begin' })
      await checkRefuses('a duplicate key', () => insert(caller, table, 1))
      const failed = status()
      const right =
        errorInTransaction === 'aborts'
          ? failed === 'failed'
          : errorInTransaction === 'continues'
            ? failed === 'active'
            : failed !== 'idle'
      checkThat('the status after a failed statement', right, {
        expected: `what errorInTransaction: ${errorInTransaction} means`,
        seen: show(failed),
      })
      await caller.transaction({ kind: 'rollback' })
      checkEqual('the status after rolling back a failed transaction', status(), 'idle')
    },
  }),
  rule({
    id: 'TX-011',
    title: 'A failed statement does to its transaction what the manifest says',
    level: 'MUST',
    law: 6,
    tier: 'core',
    since: '2026.1',
    rationale: 'Whether onError: "continue" may be offered hangs on it.',
    causes: ['errorInTransaction is wrong'],
    needs: [
      interactive,
      manifest('errorInTransaction', 'is not `varies`', (value) => value !== 'varies'),
    ],
    async run(context) {
      const caller = await context.connect()
      const table = await context.create(caller, integers, { primaryKey: ['n'] })
      const { errorInTransaction } = context.adapter.capabilities
      await caller.transaction({ kind: 'begin' })
      await insert(caller, table, 1)
      await checkRefuses('a duplicate key', () => insert(caller, table, 1))
      let after: unknown
      try {
        await insert(caller, table, 2)
      } catch (error) {
        after = error
      }
      if (errorInTransaction === 'aborts') {
        const kind = context.adapter.classifyError(after)?.kind
        checkEqual(
          'the kind of the error of a statement after a failed one',
          kind,
          'transaction_failed',
        )
        await caller.transaction({ kind: 'rollback' })
        checkEqual('the rows', await numbers(caller, table), [])
        return
      }
      if (after !== undefined) {
        throw new RuleFailure('a statement after a failed one', 'no error', show(after))
      }
      await caller.transaction({ kind: 'commit' })
      checkEqual('the rows', await numbers(caller, table), [1, 2])
    },
  }),
  rule({
    id: 'TX-012',
    title: 'A savepoint undoes what came after it and nothing else',
    level: 'MUST',
    law: 1,
    tier: 'core',
    since: '2026.1',
    rationale:
      'A nested transaction is a savepoint; one that does nothing keeps what was rolled back.',
    causes: [
      'savepoints are no-ops',
      'the name is not quoted',
      'rollback to a savepoint ends the transaction',
    ],
    needs: [interactive, claims('savepoints')],
    async run(context) {
      const caller = await context.connect()
      const table = await context.create(caller, integers)
      const name = 'sp "odd" 1'
      await caller.transaction({ kind: 'begin' })
      await insert(caller, table, 1)
      await caller.transaction({ kind: 'savepoint', name })
      await insert(caller, table, 2)
      await caller.transaction({ kind: 'savepoint', name: 'inner' })
      await insert(caller, table, 3)
      await caller.transaction({ kind: 'rollback_to', name: 'inner' })
      checkEqual(
        'the rows after rolling back to the inner savepoint',
        await numbers(caller, table),
        [1, 2],
      )
      await insert(caller, table, 4)
      await caller.transaction({ kind: 'release', name: 'inner' })
      await caller.transaction({ kind: 'rollback_to', name })
      checkEqual(
        'the rows after rolling back to the outer savepoint',
        await numbers(caller, table),
        [1],
      )
      await insert(caller, table, 5)
      await caller.transaction({ kind: 'release', name })
      await caller.transaction({ kind: 'savepoint', name })
      await insert(caller, table, 6)
      await caller.transaction({ kind: 'release', name })
      await caller.transaction({ kind: 'commit' })
      checkEqual('the committed rows', await numbers(caller, table), [1, 5, 6])
    },
  }),
  rule({
    id: 'TX-013',
    title: 'A savepoint contains a failed statement',
    level: 'MUST',
    law: 1,
    tier: 'core',
    since: '2026.1',
    rationale: 'It is the only way to try something inside a transaction on PostgreSQL.',
    causes: [
      'the savepoint is released instead of rolled back to',
      'a failed transaction is not recovered by it',
    ],
    needs: [interactive, claims('savepoints')],
    async run(context) {
      const caller = await context.connect()
      const table = await context.create(caller, integers, { primaryKey: ['n'] })
      await caller.transaction({ kind: 'begin' })
      await insert(caller, table, 1)
      await caller.transaction({ kind: 'savepoint', name: 'attempt' })
      await insert(caller, table, 2)
      await checkRefuses('a duplicate key', () => insert(caller, table, 1))
      await caller.transaction({ kind: 'rollback_to', name: 'attempt' })
      await insert(caller, table, 3)
      await caller.transaction({ kind: 'commit' })
      checkEqual('the committed rows', await numbers(caller, table), [1, 3])
    },
  }),
  rule({
    id: 'TX-014',
    title: 'A deferred constraint that fails at commit is an error and leaves no transaction open',
    level: 'MUST',
    law: 1,
    tier: 'core',
    since: '2026.1',
    rationale: 'A COMMIT that fails must not look like one that worked, nor hold the connection.',
    causes: ['the error of commit is swallowed', 'SQLite keeps the transaction open: roll it back'],
    needs: [interactive],
    async run(context) {
      const caller = await context.connect()
      const parent = await context.create(caller, integers, { primaryKey: ['n'] })
      const child = context.table(integers)
      await caller.definition(
        createTable(child, {
          foreignKeys: [
            {
              columns: ['n'],
              references: parent.table,
              referencedColumns: ['n'],
              deferred: true,
            },
          ],
        }),
        'the database has no deferred foreign keys',
      )
      await caller.transaction({ kind: 'begin' })
      await insert(caller, parent, 1)
      try {
        await insert(caller, child, 2)
      } catch {
        await caller.transaction({ kind: 'rollback' })
        context.notApplicable('the database checks foreign keys at once')
      }
      const error = await checkRefuses('a commit that breaks a deferred foreign key', () =>
        caller.transaction({ kind: 'commit' }),
      )
      checkEqual(
        'the kind of the error of commit',
        context.adapter.classifyError(error)?.kind,
        'foreign_key_violation',
      )
      const status = caller.connection.transactionStatus
      if (status !== 'idle') await endQuietly(caller)
      checkEqual('the rows of the parent', await numbers(caller, parent), [])
      checkEqual('the rows of the child', await numbers(caller, child), [])
    },
  }),
  rule({
    id: 'TX-015',
    title: 'Every isolation level of the manifest begins a transaction',
    level: 'MUST',
    law: 6,
    tier: 'core',
    since: '2026.1',
    rationale: 'A level that is silently replaced by another is a promise broken.',
    causes: ['the level is not written, or not where the database reads it'],
    needs: [interactive],
    async run(context) {
      const caller = await context.connect()
      const table = await context.create(caller, integers)
      for (const isolation of context.adapter.capabilities.isolationLevels) {
        await caller.transaction({ kind: 'begin', isolation })
        await insert(caller, table, 1)
        await caller.transaction({ kind: 'rollback' })
        checkEqual(`the rows after a rollback at ${isolation}`, await numbers(caller, table), [])
      }
    },
  }),
  rule({
    id: 'TX-016',
    title: 'A read-only transaction refuses to write, and only it',
    level: 'MUST',
    law: 2,
    tier: 'core',
    since: '2026.1',
    rationale:
      'Read-only that leaks makes the next borrower’s write fail; one that is ignored, writes.',
    causes: ['readOnly is not written into begin', 'it is set for the session and not taken back'],
    needs: [interactive, claims('readOnlyTransactions')],
    async run(context) {
      const caller = await context.connect()
      const table = await context.create(caller, integers)
      for (const end of ['commit', 'rollback'] as const) {
        await caller.transaction({ kind: 'begin', readOnly: true })
        checkEqual('reading in a read-only transaction', await numbers(caller, table), [])
        const error = await checkRefuses('an insert in a read-only transaction', () =>
          insert(caller, table, 1),
        )
        checkEqual('the kind of the error', context.adapter.classifyError(error)?.kind, 'read_only')
        const failed = context.adapter.capabilities.errorInTransaction === 'aborts'
        await caller.transaction({ kind: failed ? 'rollback' : end })
      }
      await insert(caller, table, 2)
      await caller.transaction({ kind: 'begin' })
      await insert(caller, table, 3)
      await caller.transaction({ kind: 'commit' })
      checkEqual('the rows written after it', await numbers(caller, table), [2, 3])
    },
  }),
  rule({
    id: 'TX-017',
    title: 'DDL in a transaction does what the manifest says',
    level: 'MUST',
    law: 6,
    tier: 'core',
    since: '2026.1',
    rationale: 'A migrator that believes in a rollback leaves half a schema behind.',
    causes: ['ddlTransactions is wrong'],
    needs: [interactive],
    async run(context) {
      const caller = await context.connect()
      const table = await context.create(caller, integers)
      const made = context.table(integers)
      await caller.transaction({ kind: 'begin' })
      await insert(caller, table, 1)
      let refused = false
      try {
        await caller.run(createTable(made))
      } catch {
        refused = true
      }
      await endQuietly(caller)
      const kept = (await numbers(caller, table)).length === 1
      const there = await exists(caller, made)
      const seen = refused ? 'no' : kept || there ? 'implicit_commit' : 'yes'
      checkEqual(
        'what a create table inside a transaction that was rolled back shows',
        seen,
        context.adapter.capabilities.ddlTransactions,
      )
    },
  }),
]

async function insert(caller: Caller, table: TestTable, n: number): Promise<unknown> {
  const { operation, values } = insertInto(table, ['n'], [[n]])
  return await caller.run(operation, values)
}

async function numbers(caller: Caller, table: TestTable): Promise<unknown[]> {
  const select = selectFrom(table)
  const rows = await caller.rows(select.columns, caller.request(select.operation))
  return rows.map(([n]) => n)
}

async function exists(caller: Caller, table: TestTable): Promise<boolean> {
  try {
    await caller.run(selectFrom(table).operation)
    return true
  } catch {
    return false
  }
}

/** A rollback where there may be nothing to roll back. */
async function endQuietly(caller: Caller): Promise<void> {
  try {
    await caller.transaction({ kind: 'rollback' })
  } catch {
    // The DDL ended the transaction.
  }
}
