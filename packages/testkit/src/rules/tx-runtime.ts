import { DatabaseError, TransactionError, t } from '@mortise/core'
import { checkEqual, checkErrorIs, checkRefuses, checkThat, show } from '../check/index.ts'
import type { RuleContext } from '../context/index.ts'
import { claims, interactive, type Rule, rule, types } from '../rule/index.ts'

/** RETURNING is another rule's subject. */
const quiet = { returning: false } as const

export const transactionRuntimeRules: readonly Rule[] = [
  rule({
    id: 'TX-030',
    title: 'A transaction commits what its function did, and rolls back when it throws',
    level: 'MUST',
    law: 1,
    tier: 'core',
    since: '2026.1',
    rationale: 'This is what applications use transactions by.',
    causes: ['begin, commit and rollback reach another connection', 'autocommit is on'],
    needs: [interactive, types('integer')],
    async run(context) {
      const { repo, rows, read } = await withRows(context)
      await repo.transaction(async (tx) => {
        await tx.insert(rows, { n: 1 }, quiet)
        checkEqual('the rows inside', await read(), [1])
      })
      const bug = new Error('the function failed')
      const error = await checkRefuses('a transaction whose function throws', () =>
        repo.transaction(async (tx) => {
          await tx.insert(rows, { n: 2 }, quiet)
          throw bug
        }),
      )
      checkThat('what the transaction rejected with', error === bug, {
        expected: 'the function’s own error',
        seen: show(error),
      })
      checkEqual('the rows after a commit and a rollback', await read(), [1])
    },
  }),
  rule({
    id: 'TX-031',
    title: 'A nested transaction that throws undoes itself alone',
    level: 'MUST',
    law: 1,
    tier: 'core',
    since: '2026.1',
    rationale: 'The caller caught the error and goes on; what it did itself must stay.',
    causes: ['savepoints are no-ops', 'the savepoint is not released and its name is used again'],
    needs: [interactive, claims('savepoints'), types('integer')],
    async run(context) {
      const { repo, rows, read } = await withRows(context)
      await repo.transaction(async (tx) => {
        await tx.insert(rows, { n: 1 }, quiet)
        for (const n of [2, 3, 4]) {
          await tx
            .transaction(async (inner) => {
              await inner.insert(rows, { n }, quiet)
              await inner.transaction((innermost) => innermost.insert(rows, { n: n * 10 }, quiet))
              if (n === 3) throw new Error('only this one')
            })
            .catch(() => {})
        }
      })
      checkEqual('the committed rows', await read(), [1, 2, 4, 20, 40])
    },
  }),
  rule({
    id: 'TX-032',
    title: 'A failed statement that the function swallows still rolls the transaction back',
    level: 'MUST',
    law: 1,
    tier: 'core',
    since: '2026.1',
    rationale:
      'On PostgreSQL the database insists on it; elsewhere half the work would be committed.',
    causes: ['a COMMIT that the server answered with a rollback counts as success'],
    needs: [interactive, types('integer')],
    async run(context) {
      const { repo, rows, read } = await withRows(context)
      await repo.insert(rows, { n: 1 }, quiet)
      const error = await checkRefuses('a transaction that swallowed an error', () =>
        repo.transaction(async (tx) => {
          await tx.insert(rows, { n: 2 }, quiet)
          await tx.insert(rows, { n: 1 }, quiet).catch(() => {})
        }),
      )
      checkThat('the error', error instanceof TransactionError || error instanceof DatabaseError, {
        expected: 'a TransactionError or DatabaseError',
        seen: show(error),
      })
      checkEqual('the rows', await read(), [1])
    },
  }),
  rule({
    id: 'TX-033',
    title: 'A deferred constraint rejects the transaction, and the next one works',
    level: 'MUST',
    law: 2,
    tier: 'core',
    since: '2026.1',
    rationale: 'A connection that goes back with the failed transaction open spoils its next user.',
    causes: ['a failed commit is not rolled back', 'the error of commit is not the database’s'],
    needs: [interactive, types('integer')],
    async run(context) {
      const { repo, rows, read } = await withRows(context)
      const children = context.define({ n: t.integer() })
      try {
        await context.build(repo, children, {
          foreignKeys: [
            {
              columns: ['n'],
              references: { kind: 'table', name: rows.n.table.name },
              referencedColumns: ['n'],
              deferred: true,
            },
          ],
        })
      } catch {
        context.notApplicable('the database has no deferred foreign keys')
      }
      const error = await checkRefuses('a transaction that breaks a deferred foreign key', () =>
        repo.transaction(async (tx) => {
          await tx.insert(rows, { n: 1 }, quiet)
          await tx.insert(children, { n: 99 }, quiet)
        }),
      )
      checkErrorIs('the error', error, DatabaseError)
      checkEqual('the kind of the error', error.kind, 'foreign_key_violation')
      checkEqual('the rows', await read(), [])
      await repo.transaction((tx) => tx.insert(rows, { n: 5 }, quiet))
      checkEqual('the rows of the next transaction', await read(), [5])
    },
  }),
  rule({
    id: 'TX-034',
    title: 'What a transaction set is gone for the next borrower of its connection',
    level: 'MUST',
    law: 2,
    tier: 'core',
    since: '2026.1',
    rationale: 'Isolation and read-only belong to one transaction, not to a connection.',
    causes: [
      'the mode is set for the session',
      'a transaction is left open when its function throws',
    ],
    needs: [interactive, claims('readOnlyTransactions'), types('integer')],
    async run(context) {
      const { repo, rows, read } = await withRows(context, 1)
      await repo.transaction((tx) => tx.count(rows), { readOnly: true })
      await repo.insert(rows, { n: 1 }, quiet)
      await repo
        .transaction(
          () => {
            throw new Error('given up')
          },
          { readOnly: true },
        )
        .catch(() => {})
      await repo.insert(rows, { n: 2 }, quiet)
      await repo.transaction((tx) => tx.insert(rows, { n: 3 }, quiet))
      checkEqual('the rows written after read-only transactions', await read(), [1, 2, 3])
    },
  }),
]

/** A repo with a table of unique integers, and a way to read them. */
async function withRows(context: RuleContext, size?: number) {
  const repo = context.repo(size === undefined ? {} : { pool: { size } })
  const rows = context.define({ n: t.integer({ primaryKey: true }) })
  await context.build(repo, rows)
  const read = async (): Promise<number[]> =>
    (await repo.all(rows, { orderBy: 'n' })).map(({ n }) => n)
  return { repo, rows, read }
}
