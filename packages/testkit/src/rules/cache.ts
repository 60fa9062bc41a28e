import { DatabaseError, sql, t } from '@mortise/core'
import { checkEqual, checkRefuses, checkThat, show } from '../check/index.ts'
import { ddlOf, raw, request, typed } from '../contract/index.ts'
import { interactive, member, type Rule, rule, shared, types } from '../rule/index.ts'

/** The rows of a raw query, where one database's integers are numbers and another's are bigints. */
function asNumbers({ rows }: { readonly rows: readonly object[] }): object[] {
  return rows.map((row) =>
    Object.fromEntries(
      Object.entries(row).map(([name, value]) => [
        name,
        typeof value === 'bigint' ? Number(value) : value,
      ]),
    ),
  )
}

export const cacheRules: readonly Rule[] = [
  rule({
    id: 'CCH-010',
    title: 'What a statement gives does not depend on the cache’s size',
    level: 'MUST',
    law: 5,
    tier: 'core',
    since: '2026.1',
    rationale: 'The cache is there for speed alone.',
    causes: [
      'a prepared statement keeps its last parameters',
      'an evicted statement’s handle is still used',
    ],
    async run(context) {
      for (const size of [0, 1, 2, 256]) {
        const repo = context.repo({ statementCache: { size } })
        const rows = context.define({
          n: t.integer({ primaryKey: true }),
          s: t.text({ nullable: true }),
        })
        await context.build(repo, rows)
        for (let i = 0; i < 30; i++) {
          const s = i % 3 === 0 ? null : `s${i}`
          await repo.insert(rows, { n: i, s }, { returning: false })
          const read = await repo.query(
            sql`select ${rows.s} as s from ${rows} where ${rows.n} = ${i}`,
          )
          checkEqual(`row ${i} with a cache of ${size}`, read.rows, [{ s }])
          await repo.query(`select ${i % 5} as v`)
          await repo.updateAll(rows, { where: { n: i }, set: { s: `t${i}` } })
          checkEqual(`the changed row ${i} with a cache of ${size}`, await repo.get(rows, i), {
            n: i,
            s: `t${i}`,
          })
        }
        checkEqual(`the count with a cache of ${size}`, await repo.count(rows), 30)
      }
    },
  }),
  rule({
    id: 'CCH-011',
    title: 'A cached statement survives a change of its table',
    level: 'MUST',
    law: 7,
    tier: 'core',
    since: '2026.1',
    rationale: 'A migration on a running system must not break every connection for ever.',
    causes: [
      'the database’s error for a stale plan is not `stale_statement`',
      'columns are remembered from the first execution',
    ],
    async run(context) {
      const repo = context.repo({ pool: { size: 1 } })
      const rows = context.define({ n: t.integer({ primaryKey: true }) })
      await context.build(repo, rows)
      await repo.insert(rows, { n: 1 }, { returning: false })
      const name = context.adapter.dialect.quoteIdentifier(rows.n.table.name)
      const text = `select * from ${name}`
      for (let i = 0; i < 3; i++)
        checkEqual('the rows', asNumbers(await repo.query(text)), [{ n: 1 }])
      await repo.query(`alter table ${name} add column added integer default 5`)
      for (let i = 0; i < 3; i++) {
        const result = await repo.query(text)
        const { columns } = result
        checkEqual('the rows after a column was added', asNumbers(result), [{ n: 1, added: 5 }])
        checkEqual(
          'the columns after a column was added',
          columns.map((each) => each.name),
          ['n', 'added'],
        )
      }
      await repo.query(`drop table ${name}`)
      const gone = await checkRefuses('a select from a table that is gone', () => repo.query(text))
      checkEqual('the kind of the error', (gone as DatabaseError).kind, 'undefined_object')
      await repo.query(
        `create table ${name} (s ${ddlOf(context.adapter, { name: 'text' })}, n integer)`,
      )
      await repo.query(`insert into ${name} (s, n) values ('again', 2)`)
      for (let i = 0; i < 3; i++) {
        checkEqual('the rows of the table made again', (await repo.query(text)).rows, [
          { s: 'again', n: 2 },
        ])
      }
    },
  }),
  rule({
    id: 'CCH-012',
    title: 'A statement that could not be prepared is not remembered',
    level: 'MUST',
    law: 7,
    tier: 'core',
    since: '2026.1',
    rationale: 'The table is there a moment later; the error must not be.',
    causes: ['a failed prepare leaves a handle'],
    async run(context) {
      const repo = context.repo({ pool: { size: 1 } })
      const rows = context.define({ n: t.integer({ primaryKey: true }) })
      for (let i = 0; i < 3; i++) {
        await checkRefuses('a count of a table that is not there', () => repo.count(rows))
      }
      await context.build(repo, rows)
      for (let i = 0; i < 3; i++) {
        checkEqual('the count once the table is there', await repo.count(rows), 0)
      }
    },
  }),
  rule({
    id: 'CCH-013',
    title: 'A cached statement that failed once works again',
    level: 'MUST',
    law: 7,
    tier: 'core',
    since: '2026.1',
    rationale: 'One duplicate key must not spoil the insert statement.',
    causes: ['a failed statement is not reset', 'its parameters stay bound'],
    async run(context) {
      const repo = context.repo({ pool: { size: 1 } })
      const rows = context.define({
        n: t.integer({ primaryKey: true }),
        s: t.text({ nullable: true }),
      })
      await context.build(repo, rows)
      for (let i = 0; i < 5; i++) {
        await repo.insert(rows, { n: i, s: `s${i}` }, { returning: false })
        await checkRefuses('a duplicate key', () =>
          repo.insert(rows, { n: 0, s: 'x' }, { returning: false }),
        )
        await repo.insert(rows, { n: 100 + i, s: null }, { returning: false })
      }
      checkEqual(
        'the rows',
        (await repo.all(rows, { orderBy: 'n' })).map(({ s }) => s),
        ['s0', 's1', 's2', 's3', 's4', null, null, null, null, null],
      )
    },
  }),
  rule({
    id: 'CCH-014',
    title:
      'A statement handle takes new values each time, and a new handle takes the old one’s place',
    level: 'MUST',
    law: 7,
    tier: 'core',
    since: '2026.1',
    rationale:
      'Core hands a statement out again for as long as it is cached, and a new one after that.',
    causes: ['the handle is keyed by its text in the driver', 'an id is used for two texts'],
    needs: [types('integer', 'text')],
    async run(context) {
      const caller = await context.connect()
      const { operation, values } = raw(
        'select ',
        typed('integer', 0),
        ' as n, ',
        typed('text', ''),
        ' as s',
      )
      const { sql: text } = context.adapter.dialect.compile(operation)
      const ntypes = values.map(({ type }) => type)
      for (let round = 0; round < 3; round++) {
        const statement = { id: round + 1, sql: text, types: ntypes, handle: undefined as unknown }
        for (const [n, s] of [
          [1, 'one'],
          [2, null],
          [-3, ''],
        ] as const) {
          const made = caller.request(operation, [typed('integer', n), typed('text', s)], {
            statement,
          })
          const rows = await caller.rows(
            [
              { name: 'n', type: { name: 'integer' } },
              { name: 's', type: { name: 'text' } },
            ],
            made,
          )
          checkEqual(`the row of execution ${n} with handle ${round + 1}`, rows, [[n, s]])
        }
        if (statement.handle !== undefined) await caller.connection.deallocate?.(statement)
      }
    },
  }),
  rule({
    id: 'CCH-015',
    title: 'A deallocated statement is gone and nothing else is',
    level: 'MUST',
    law: 5,
    tier: 'core',
    since: '2026.1',
    rationale: 'Statements that stay on the server are memory that grows until it is restarted.',
    causes: [
      'deallocate ends the wrong statement',
      'deallocate in a transaction fails the transaction',
    ],
    needs: [member('deallocate')],
    async run(context) {
      const caller = await context.connect()
      const statementOf = (id: number) => ({
        id,
        sql: `select ${id} as v`,
        types: [],
        handle: undefined as unknown,
      })
      const kept = statementOf(1)
      await caller.connection.execute(request(kept.sql, { statement: kept, access: 'read' }))
      for (let id = 2; id <= 40; id++) {
        const statement = statementOf(id)
        const { rows } = await caller.connection.execute(
          request(statement.sql, { statement, access: 'read' }),
        )
        checkEqual(`the row of statement ${id}`, Number((rows[0] as unknown[])[0]), id)
        if (statement.handle !== undefined) await caller.connection.deallocate?.(statement)
        const again = await caller.connection.execute(
          request(kept.sql, { statement: kept, access: 'read' }),
        )
        checkEqual(
          'the row of the statement that was kept',
          Number((again.rows[0] as unknown[])[0]),
          1,
        )
      }
    },
  }),
  rule({
    id: 'CCH-016',
    title: 'A change of the table inside a transaction is seen, or is a retryable error',
    level: 'MUST',
    law: 7,
    tier: 'core',
    since: '2026.1',
    rationale:
      'Healing there would run half a transaction anew; hiding it would read wrong columns.',
    causes: ['the statement is prepared again although the transaction has failed'],
    needs: [interactive],
    async run(context) {
      if (context.adapter.capabilities.ddlTransactions !== 'yes') {
        context.notApplicable('the database has no DDL in transactions')
      }
      const repo = context.repo({ pool: { size: 1 } })
      const rows = context.define({ n: t.integer({ primaryKey: true }) })
      await context.build(repo, rows)
      await repo.insert(rows, { n: 1 }, { returning: false })
      const name = context.adapter.dialect.quoteIdentifier(rows.n.table.name)
      const text = `select * from ${name}`
      await repo.query(text)
      try {
        await repo.transaction(async (tx) => {
          await tx.query(text)
          await tx.query(`alter table ${name} add column added integer default 5`)
          checkEqual('the rows inside', (await tx.query(text)).rows, [{ n: 1, added: 5 }])
        })
      } catch (error) {
        if (!(error instanceof DatabaseError)) throw error
        checkThat('the error', error.kind === 'stale_statement' && error.retryable, {
          expected: 'a stale_statement that may be retried',
          seen: show(error),
        })
      }
      await repo.query(text)
    },
  }),
  rule({
    id: 'CCH-017',
    title: 'A change by another connection heals on this one',
    level: 'MUST',
    law: 7,
    tier: 'core',
    since: '2026.1',
    rationale: 'Migrations run elsewhere; every pool of the fleet holds plans from before.',
    causes: ['the database’s error for a stale plan is not `stale_statement`'],
    needs: [shared],
    async run(context) {
      const repo = context.repo({ pool: { size: 2 } })
      const rows = context.define({ n: t.integer({ primaryKey: true }) })
      await context.build(repo, rows)
      await repo.insert(rows, { n: 1 }, { returning: false })
      const name = context.adapter.dialect.quoteIdentifier(rows.n.table.name)
      const read = () => repo.query(`select * from ${name}`)
      for (let i = 0; i < 3; i++) {
        await Promise.all([read(), read(), repo.all(rows), repo.all(rows)])
      }
      const other = await context.connect()
      await other.text(`alter table ${name} add column added integer default 5`)
      for (let i = 0; i < 3; i++) {
        for (const result of await Promise.all([read(), read()])) {
          checkEqual('the rows after another connection added a column', asNumbers(result), [
            { n: 1, added: 5 },
          ])
        }
        checkEqual('the rows by their table', await repo.all(rows), [{ n: 1 }])
      }
    },
  }),
  rule({
    id: 'CCH-018',
    title: 'One text with differing types of parameters is not confused',
    level: 'MUST',
    law: 3,
    tier: 'core',
    since: '2026.1',
    rationale: 'The encoding of a value follows from the value, never from whether the cache hit.',
    causes: ['the statement is prepared for the first types', 'the key leaves out the types'],
    needs: [types('integer', 'text', 'float')],
    async run(context) {
      const repo = context.repo({ pool: { size: 1 } })
      const { sql: text } = context.adapter.dialect.compile({
        kind: 'raw',
        parts: ['select ', { kind: 'slot', slot: 0 }, ' as v'],
      })
      for (let i = 0; i < 3; i++) {
        for (const value of [1, 'one', 1.5, null, '2', 2]) {
          let seen: unknown
          try {
            seen = (await repo.query<{ v: unknown }>(text, [value])).rows[0]?.v
          } catch {
            continue
          }
          checkThat(
            `the parameter ${show(value)} in round ${i + 1}`,
            seen === value || String(seen) === String(value),
            { expected: show(value), seen: show(seen) },
          )
        }
      }
    },
  }),
]
