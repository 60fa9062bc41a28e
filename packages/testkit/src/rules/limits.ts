import { sql, TimeoutError, t } from '@mortise/core'
import { checkEqual, checkErrorIs, checkRefuses, checkThat } from '../check/index.ts'
import { request } from '../contract/index.ts'
import { manifest, member, type Rule, rule } from '../rule/index.ts'
import { digits } from './digits.ts'

const stops = manifest(
  'cancel',
  'is `server` or `between_rows`',
  (value) => value !== 'before_start',
)

export const limitRules: readonly Rule[] = [
  rule({
    id: 'CAN-010',
    title: 'A deadline stops a statement that is running',
    level: 'MUST',
    law: 9,
    tier: 'core',
    since: '2026.1',
    rationale: 'One runaway report must not hold a connection for ever.',
    causes: [
      'the deadline is looked at before the start only',
      'cancel claims more than the driver does',
    ],
    needs: [stops],
    async run(context) {
      const repo = context.repo({ pool: { size: 1 } })
      const rows = context.define({ n: t.integer({ primaryKey: true }) })
      await context.build(repo, rows)
      await repo.insertAll(
        rows,
        Array.from({ length: 10 }, (_, n) => ({ n })),
      )
      const long = sql`select a.n as v from ${rows} a, ${rows} b, ${rows} c, ${rows} d, ${rows} e, ${rows} f`
      for (let i = 0; i < 2; i++) {
        const error = await checkRefuses('a million rows in 20 ms', () =>
          repo.query(long, { timeoutMs: 20 }),
        )
        checkErrorIs('the error', error, TimeoutError)
        const next = await repo.query(`select ${i + 1} as v`)
        checkEqual('the row of the next call', next.rows, [{ v: i + 1 }])
      }
      checkEqual('the count afterwards', await repo.count(rows), 10)
    },
  }),
  rule({
    id: 'CAN-011',
    title: 'A deadline that has passed stops a statement at the driver',
    level: 'MUST',
    law: 9,
    tier: 'core',
    since: '2026.1',
    rationale: 'The time may have gone while the call was on its way.',
    causes: ['request.deadline is on another clock than performance.now()'],
    needs: [manifest('cancel', 'is `between_rows`', (value) => value === 'between_rows')],
    async run(context) {
      const caller = await context.connect()
      const table = await digits(context, caller)
      const from = ['a', 'b', 'c', 'd', 'e'].map((alias) => `${table} ${alias}`).join(', ')
      const text = `select a.n from ${from}`
      await checkRefuses('a hundred thousand rows after their deadline', () =>
        caller.text(text, { access: 'read', deadline: performance.now() - 1 }),
      )
      const later = await caller.text('select 7 as v', {
        access: 'read',
        deadline: performance.now() + 60_000,
      })
      checkEqual('a row before its deadline', Number((later.rows[0] as unknown[])[0]), 7)
    },
  }),
  rule({
    id: 'CAN-012',
    title: 'An aborted call ends on the server, and the next one is not hit',
    level: 'MUST',
    law: 9,
    tier: 'core',
    since: '2026.1',
    rationale: 'A late cancel that reaches the next statement fails somebody else’s work.',
    causes: ['cancel settles before the server has dealt with it'],
    needs: [manifest('cancel', 'is `server`', (value) => value === 'server')],
    async run(context) {
      const repo = context.repo({ pool: { size: 1 } })
      const rows = context.define({ n: t.integer({ primaryKey: true }) })
      await context.build(repo, rows)
      await repo.insertAll(
        rows,
        Array.from({ length: 10 }, (_, n) => ({ n })),
      )
      const tables = 'abcdefg'.split('').map((alias) => sql`${rows} ${sql.unsafe(alias)}`)
      const long = sql`select count(*) from ${sql.join(tables)}`
      for (let i = 0; i < 5; i++) {
        const abort = new AbortController()
        const reason = new Error('gone')
        const call = repo.query(long, { signal: abort.signal })
        setTimeout(() => abort.abort(reason), 10)
        const error = await checkRefuses('a query that was aborted', () => call)
        checkEqual('the error’s cause', (error as Error).cause, reason)
        const answers = await Promise.all([1, 2, 3].map((v) => repo.query(`select ${v} as v`)))
        checkEqual(
          'the calls after it',
          answers.map(({ rows: [row] }) => row),
          [{ v: 1 }, { v: 2 }, { v: 3 }],
        )
      }
    },
  }),
  rule({
    id: 'CAN-013',
    title: 'cancel of a call that is over settles and hits nothing',
    level: 'MUST',
    law: 9,
    tier: 'core',
    since: '2026.1',
    rationale: 'The answer and the cancel may cross on their way.',
    causes: ['cancel waits for a call that has ended', 'it stops whatever runs next'],
    needs: [member('cancel')],
    async run(context) {
      const caller = await context.connect()
      for (let i = 0; i < 10; i++) {
        const made = request(`select ${i} as v`, { access: 'read' })
        await caller.connection.execute(made)
        await caller.connection.cancel?.(made)
        const { rows } = await caller.text(`select ${i + 100} as v`, { access: 'read' })
        checkEqual(
          'the row of the call after a late cancel',
          Number((rows[0] as unknown[])[0]),
          i + 100,
        )
      }
      checkThat('the session', caller.connection.transactionStatus !== 'failed', {
        expected: 'as it was',
        seen: 'failed',
      })
    },
  }),
]
