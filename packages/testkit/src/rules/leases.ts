import { sql, t } from '@mortise/core'
import { checkEqual, checkRefuses, checkThat, show } from '../check/index.ts'
import { late, within } from '../context/index.ts'
import { column, insertInto, request, selectFrom } from '../contract/index.ts'
import { interactive, member, type Rule, rule, shared } from '../rule/index.ts'

export const leaseRules: readonly Rule[] = [
  rule({
    id: 'CON-010',
    title: 'A connection that was closed leaves nothing that keeps the process alive',
    level: 'MUST',
    law: 2,
    tier: 'core',
    since: '2026.1',
    rationale: 'A script that is done must end.',
    causes: ['a timer is not cleared by close', 'the socket is not destroyed'],
    async run(context) {
      for (let i = 0; i < 3; i++) {
        const caller = await context.connect()
        await caller.text('select 1')
        await caller.connection.close()
      }
    },
  }),
  rule({
    id: 'CON-011',
    title: 'ping answers on a live session and fails on a closed one',
    level: 'MUST',
    law: 2,
    tier: 'core',
    since: '2026.1',
    rationale: 'The pool asks it whether an idle connection may still be lent.',
    causes: ['ping answers without asking the session'],
    needs: [member('ping')],
    async run(context) {
      const caller = await context.connect()
      await caller.connection.ping?.()
      await caller.text('select 1')
      await caller.connection.ping?.()
      await caller.connection.close()
      await checkRefuses('ping on a closed connection', () => caller.connection.ping?.())
    },
  }),
  rule({
    id: 'LSE-010',
    title: 'reset brings the session back to how it was opened',
    level: 'MUST',
    law: 2,
    tier: 'core',
    since: '2026.1',
    rationale: 'What one borrower left must not meet the next.',
    causes: ['an open transaction survives reset', 'prepared handles are used after it'],
    needs: [member('reset'), interactive],
    async run(context) {
      const caller = await context.connect()
      const table = await context.create(caller, [column('n', 'integer')])
      await caller.transaction({ kind: 'begin' })
      const { operation, values } = insertInto(table, ['n'], [[1]])
      await caller.run(operation, values)
      await caller.connection.reset?.()
      const status = caller.connection.transactionStatus
      checkThat('the status after reset', status === undefined || status === 'idle', {
        expected: 'idle',
        seen: show(status),
      })
      const select = selectFrom(table)
      checkEqual(
        'the rows of the transaction that was open',
        await caller.rows(select.columns, caller.request(select.operation)),
        [],
      )
      await caller.run(operation, values)
      await caller.transaction({ kind: 'begin' })
      await caller.transaction({ kind: 'rollback' })
      checkEqual(
        'the rows written after reset',
        await caller.rows(select.columns, caller.request(select.operation)),
        [[1]],
      )
    },
  }),
  rule({
    id: 'LSE-011',
    title: 'Many calls at once are each given their own answer',
    level: 'MUST',
    law: 4,
    tier: 'core',
    since: '2026.1',
    rationale: 'Under load is when an answer reaches the wrong caller.',
    causes: [
      'state of a call is kept on the connection',
      'two calls share a prepared statement’s buffer',
    ],
    async run(context) {
      const repo = context.repo()
      const rows = context.define({ n: t.integer({ primaryKey: true }), s: t.text() })
      await context.build(repo, rows)
      const made = Array.from({ length: 200 }, (_, n) => ({ n, s: `s${n}` }))
      await repo.insertAll(rows, made)
      const answers = await Promise.allSettled(
        made.map(({ n }) =>
          n % 10 === 0
            ? repo.query('select from where')
            : n % 3 === 0
              ? repo.get(rows, n).then((row) => row?.s)
              : repo
                  .query<{ s: string }>(
                    sql`select ${rows.s} as s from ${rows} where ${rows.n} = ${n}`,
                  )
                  .then((result) => result.rows[0]?.s),
        ),
      )
      for (const [n, answer] of answers.entries()) {
        if (n % 10 === 0) checkEqual(`call ${n}, which is wrong,`, answer.status, 'rejected')
        else
          checkEqual(
            `call ${n}`,
            answer.status === 'fulfilled' ? answer.value : answer.reason,
            `s${n}`,
          )
      }
    },
  }),
  rule({
    id: 'LSE-012',
    title: 'Failing calls of every kind give their connection back',
    level: 'MUST',
    law: 2,
    tier: 'core',
    since: '2026.1',
    rationale: 'A leak shows when the tenth error has taken the tenth connection.',
    causes: [
      'an error leaves a transaction or cursor open',
      'the fate of a harmless error is discard',
    ],
    needs: [interactive],
    async run(context) {
      const repo = context.repo({ pool: { size: 1 } })
      const rows = context.define({ n: t.integer({ primaryKey: true }) })
      await context.build(repo, rows)
      await repo.insertAll(rows, [{ n: 1 }])
      const failing: readonly (readonly [string, () => Promise<unknown>])[] = [
        ['a text that is no SQL', () => repo.query('select from where')],
        ['a duplicate key', () => repo.insertAll(rows, [{ n: 1 }])],
        [
          'a transaction whose function throws',
          () =>
            repo.transaction(async (tx) => {
              await tx.insertAll(rows, [{ n: 2 }])
              throw new Error('given up')
            }),
        ],
        [
          'a transaction whose statement fails',
          () => repo.transaction((tx) => tx.insertAll(rows, [{ n: 1 }])),
        ],
        [
          'a checkout whose function throws',
          () =>
            repo.checkout(async (held) => {
              await held.count(rows)
              throw new Error('given up')
            }),
        ],
      ]
      for (let round = 0; round < 5; round++) {
        for (const [what, call] of failing) {
          await checkRefuses(what, call)
          checkEqual(`the connections in use after ${what}`, repo.stats().pool.inUse, 0)
        }
      }
      checkEqual('the rows', await repo.all(rows), [{ n: 1 }])
    },
  }),
  rule({
    id: 'ISO-010',
    title: 'What is not committed is not seen from another connection',
    level: 'MUST',
    law: 1,
    tier: 'core',
    since: '2026.1',
    rationale: 'A dirty read acts on what never happened.',
    causes: ['both connections are one session', 'a shared cache reads uncommitted pages'],
    needs: [interactive, shared],
    async run(context) {
      const writer = await context.connect()
      const reader = await context.connect()
      const table = await context.create(writer, [column('n', 'integer')])
      const select = selectFrom(table)
      const seen = async () =>
        (await reader.rows(select.columns, reader.request(select.operation))).map(([n]) => n)
      const uncommitted = context.adapter.capabilities.isolationLevels[0] === 'read uncommitted'
      for (const [n, end] of [
        [1, 'rollback'],
        [2, 'commit'],
      ] as const) {
        await writer.transaction({ kind: 'begin' })
        const { operation, values } = insertInto(table, ['n'], [[n]])
        await writer.run(operation, values)
        if (!uncommitted) checkEqual('the rows seen before the end', await seen(), [])
        await writer.transaction({ kind: end })
      }
      checkEqual('the rows seen after a rollback and a commit', await seen(), [2])
    },
  }),
  rule({
    id: 'ISO-011',
    title: 'Two writers lose none of each other’s work, by waiting or by a retryable error',
    level: 'MUST',
    law: 1,
    tier: 'core',
    since: '2026.1',
    rationale: 'Read, add one, write back: the classic way to lose an update.',
    causes: [
      'a lock that is not granted is not `lock_timeout`, or not retryable',
      'a serialization failure is not retryable',
      'the isolation level is not set',
    ],
    needs: [interactive, shared],
    async run(context) {
      const { isolationLevels } = context.adapter.capabilities
      const isolation = (['serializable', 'snapshot', 'repeatable read'] as const).find((level) =>
        isolationLevels.includes(level),
      )
      if (isolation === undefined) {
        context.notApplicable('no isolation level of the manifest forbids lost updates')
      }
      const first = context.repo({ pool: { size: 2 } })
      const second = context.repo({ pool: { size: 2 } })
      const counters = context.define({ id: t.integer({ primaryKey: true }), n: t.integer() })
      await context.build(first, counters)
      await first.insertAll(counters, [{ id: 1, n: 0 }])
      const each = 8
      const add = (repo: typeof first) =>
        repo.transaction(
          async (tx) => {
            const row = await tx.get(counters, 1)
            await tx.updateAll(counters, { where: { id: 1 }, set: { n: (row?.n ?? 0) + 1 } })
          },
          { isolation, retry: 100 },
        )
      await Promise.all(
        Array.from({ length: each * 2 }, (_, i) => add(i % 2 === 0 ? first : second)),
      )
      checkEqual('the counter', (await first.get(counters, 1))?.n, each * 2)
    },
  }),
  rule({
    id: 'ISO-012',
    title: 'A lock that is not granted in time is called so and leaves the connection usable',
    level: 'MUST',
    law: 4,
    tier: 'core',
    since: '2026.1',
    rationale: 'It is the one error where trying again is the right answer.',
    causes: ['the code is not mapped', 'the waiting blocks the event loop'],
    needs: [interactive, shared],
    async run(context) {
      const holder = await context.connect()
      const other = await context.connect()
      const table = await context.create(holder, [column('id', 'integer'), column('n', 'integer')])
      const { operation, values } = insertInto(table, ['id', 'n'], [[1, 0]])
      await holder.run(operation, values)
      const name = context.adapter.dialect.quoteIdentifier(table.table.name)
      await holder.transaction({ kind: 'begin' })
      await holder.text(`update ${name} set n = 1 where id = 1`)
      const write = request(`update ${name} set n = 2 where id = 1`, {
        access: 'write',
        deadline: performance.now() + 100,
      })
      // A driver that waits for nobody throws at once.
      const waiting = (async () => other.connection.execute(write))()
      const ended = await within(3000, () =>
        waiting.then(
          () => 'written',
          (error: unknown) => error,
        ),
      )
      await holder.transaction({ kind: 'rollback' })
      if (ended === late) {
        // Core ends such a call itself, by `cancel` or by closing the connection.
        await waiting.catch(() => {})
        return
      }
      checkThat('a write to a row that another transaction holds', ended !== 'written', {
        expected: 'an error or a wait',
        seen: 'it was written',
      })
      const kind = context.adapter.classifyError(ended)?.kind
      const right =
        kind === 'lock_timeout' ||
        kind === 'statement_timeout' ||
        kind === 'cancelled' ||
        (ended as { code?: unknown } | undefined)?.code === 'TIMEOUT'
      checkThat('the error', right, {
        expected: 'lock_timeout, or the deadline’s own',
        seen: `${show(kind)} for ${show(ended)}`,
      })
      await other.text(`update ${name} set n = 3 where id = 1`)
    },
  }),
]
