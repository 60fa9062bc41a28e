import { sql, t } from '@mortise/core'
import { checkEqual, checkRefuses } from '../check/index.ts'
import type { RuleContext } from '../context/index.ts'
import { column, request, selectFrom } from '../contract/index.ts'
import { claims, manifest, member, type Rule, rule } from '../rule/index.ts'

const atomic = manifest('transactions', 'is not none', (transactions) => transactions !== 'none')

export const batchRules: readonly Rule[] = [
  rule({
    id: 'BAT-010',
    title: 'A batch is answered in order, and is all or nothing',
    level: 'MUST',
    law: 1,
    tier: 'core',
    since: '2026.1',
    rationale: 'On databases over HTTP it is the only transaction there is.',
    causes: ['the statements are sent without a transaction', 'results are in another order'],
    needs: [atomic],
    async run(context) {
      const { repo, rows, read } = await withRows(context)
      const [written, first, second] = await repo.batch([
        sql`insert into ${rows} (n) values (${1}), (${2})`,
        sql<{ v: number }>`select count(*) as v from ${rows}`,
        sql<{ v: string }>`select ${'text'} as v`,
      ])
      checkEqual('affected of the first', written.affected, 2)
      checkEqual('the row of the second', Number(first.rows[0]?.v), 2)
      checkEqual('the row of the third', second.rows, [{ v: 'text' }])
      await checkRefuses('a batch whose last statement fails', () =>
        repo.batch([
          sql`insert into ${rows} (n) values (${3})`,
          sql`insert into ${rows} (n) values (${1})`,
        ]),
      )
      checkEqual('the rows after a failed batch', await read(), [1, 2])
      checkEqual('the results of no batch', await repo.batch([]), [])
    },
  }),
  rule({
    id: 'BAT-011',
    title: 'A batch that is not atomic keeps what came before its error',
    level: 'MUST',
    law: 1,
    tier: 'core',
    since: '2026.1',
    rationale: 'That is what atomic: false asks for.',
    causes: ['the driver’s batch is always a transaction'],
    async run(context) {
      const { repo, rows, read } = await withRows(context)
      await checkRefuses('a batch whose second statement fails', () =>
        repo.batch(
          [
            sql`insert into ${rows} (n) values (${1})`,
            sql`insert into ${rows} (n) values (${1})`,
            sql`insert into ${rows} (n) values (${2})`,
          ],
          { atomic: false },
        ),
      )
      checkEqual('the rows', await read(), [1])
    },
  }),
  rule({
    id: 'BAT-012',
    title: 'A driver’s own batch gives one result a request, all or nothing',
    level: 'MUST',
    law: 1,
    tier: 'core',
    since: '2026.1',
    rationale: 'Core takes result i for request i.',
    causes: ['statements without rows give no result', '`atomic` is ignored'],
    needs: [member('executeBatch'), atomic],
    async run(context) {
      const caller = await context.connect()
      const table = await context.create(caller, [column('n', 'integer', { nullable: false })], {
        primaryKey: ['n'],
      })
      const name = context.adapter.dialect.quoteIdentifier(table.table.name)
      const send = (texts: readonly string[]) =>
        caller.connection.executeBatch?.(
          texts.map((text) => request(text)),
          { atomic: true },
        )
      const results = await send([`insert into ${name} (n) values (1)`, `select n from ${name}`])
      checkEqual(
        'how many rows each request gave',
        results?.map(({ rows }) => rows.length),
        [0, 1],
      )
      await checkRefuses('a batch whose second request fails', () =>
        send([`insert into ${name} (n) values (2)`, `insert into ${name} (n) values (1)`]),
      )
      const select = selectFrom(table)
      const rows = await caller.rows(select.columns, caller.request(select.operation))
      checkEqual('the rows after a failed batch', rows, [[1]])
    },
  }),
  rule({
    id: 'BAT-013',
    title: 'A script runs every statement and stops at the first error',
    level: 'MUST',
    law: 1,
    tier: 'core',
    since: '2026.1',
    rationale: 'A migration file whose second half was dropped looks applied.',
    causes: [
      'only the first statement is run',
      'semicolons in strings and triggers split statements',
      'an error in the middle is swallowed',
    ],
    needs: [claims('scripts')],
    async run(context) {
      const { repo, rows, read } = await withRows(context)
      const name = context.adapter.dialect.quoteIdentifier(rows.n.table.name)
      const results = await repo.script(`
        -- a comment; with a semicolon
        insert into ${name} (n) values (1);
        insert into ${name} (n) values (2);; /* ; */
        select ';' as v, n from ${name} order by n;
        insert into ${name} (n) values (3)
      `)
      checkEqual('the rows', await read(), [1, 2, 3])
      const selected = results.find(({ columns }) => columns.length > 0)
      checkEqual('the rows that a statement of the script gave', selected?.rows, [
        { v: ';', n: 1 },
        { v: ';', n: 2 },
      ])
      await checkRefuses('a script whose second statement fails', () =>
        repo.script(
          `insert into ${name} (n) values (4); insert into ${name} (n) values (1); insert into ${name} (n) values (5)`,
        ),
      )
      const after = await read()
      checkEqual('whether the statement after the error was run', after.includes(5), false)
      await repo.script('')
      checkEqual('the rows after an empty script', await read(), after)
    },
  }),
]

async function withRows(context: RuleContext) {
  const repo = context.repo()
  const rows = context.define({ n: t.integer({ primaryKey: true }) })
  await context.build(repo, rows)
  const read = async () => (await repo.all(rows, { orderBy: 'n' })).map(({ n }) => n)
  return { repo, rows, read }
}
