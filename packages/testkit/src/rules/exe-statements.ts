import { checkEqual, checkThat, RuleFailure, show } from '../check/index.ts'
import {
  column,
  equals,
  insertInto,
  named,
  request,
  selectFrom,
  slot,
  typed,
} from '../contract/index.ts'
import { claims, denies, manifest, type Rule, rule } from '../rule/index.ts'

export const statementRules: readonly Rule[] = [
  rule({
    id: 'EXE-014',
    title: 'Two statements in one text are both executed or both refused',
    level: 'MUST',
    law: 1,
    tier: 'core',
    since: '2026.1',
    rationale: 'A client that prepares the first and drops the rest loses a write without a word.',
    causes: ['the client’s prepare ignores what follows the first statement'],
    async run(context) {
      const caller = await context.connect()
      const table = await context.create(caller, [column('n', 'integer')])
      const name = context.adapter.dialect.quoteIdentifier(table.table.name)
      let refused = false
      try {
        await caller.text(`insert into ${name} (n) values (1); insert into ${name} (n) values (2)`)
      } catch {
        refused = true
      }
      const rows = (
        (await caller.text(`select n from ${name} order by n`)).rows as unknown[][]
      ).map((row) => row.map(Number))
      checkEqual(
        `the rows after two inserts in one text that was ${refused ? 'refused' : 'executed'}`,
        rows,
        refused ? [] : [[1], [2]],
      )
    },
  }),
  rule({
    id: 'EXE-015',
    title: 'A text without a statement is answered or refused, and does no harm',
    level: 'MUST',
    law: 2,
    tier: 'core',
    since: '2026.1',
    rationale: 'An empty file or a commented-out query must not wedge the connection.',
    causes: [
      'the client gives no statement for an empty text, and the driver uses it all the same',
    ],
    async run(context) {
      const caller = await context.connect()
      for (const sql of ['', ' \n ', '-- nothing', '/* nothing */', ';']) {
        try {
          const result = await caller.text(sql)
          checkEqual(`the rows of ${show(sql)}`, result.rows, [])
        } catch (error) {
          if (error instanceof RuleFailure) throw error
          checkThat(`the error of ${show(sql)}`, !/undefined|null/.test(String(error)), {
            expected: 'an error that says what is wrong',
            seen: show(error),
          })
        }
        await caller.text('select 1')
      }
    },
  }),
  rule({
    id: 'EXE-016',
    title: 'affected counts an update as the manifest says: rows matched, or rows changed',
    level: 'MUST',
    law: 6,
    tier: 'core',
    since: '2026.1',
    rationale: 'Optimistic locking asks whether a row matched; MySQL answers whether one changed.',
    causes: ['the manifest’s `affected` is wrong', 'a client flag changes the meaning'],
    async run(context) {
      const caller = await context.connect()
      const table = await context.create(caller, [column('id', 'integer'), column('v', 'integer')])
      const insert = insertInto(
        table,
        ['id', 'v'],
        [
          [1, 5],
          [2, 5],
          [3, 6],
        ],
      )
      await caller.run(insert.operation, insert.values)
      const update = await caller.run(
        {
          kind: 'update',
          table: table.table,
          set: [{ column: 'v', value: slot(0, { name: 'integer' }) }],
          where: {
            kind: 'compare',
            operator: '<',
            left: named('id'),
            right: slot(1, { name: 'integer' }),
          },
        },
        [typed('integer', 5), typed('integer', 4)],
      )
      const expected = context.adapter.capabilities.affected === 'matched' ? 3 : 1
      checkEqual('affected of an update of 3 rows, 1 of them new', update.affected, expected)
      const none = await caller.run(
        { kind: 'delete', table: table.table, where: equals('id', 0) },
        [typed('integer', 99)],
      )
      checkEqual('affected of a delete of no row', none.affected, 0)
    },
  }),
  rule({
    id: 'EXE-017',
    title: 'affected is right for an insert that returns rows',
    level: 'MUST',
    law: 6,
    tier: 'core',
    since: '2026.1',
    rationale: 'Counts and rows are both answers of one statement; neither may be missing.',
    causes: ['the count is taken only when the statement has no columns'],
    needs: [claims('returning.insert')],
    async run(context) {
      const caller = await context.connect()
      const table = await context.create(caller, [column('id', 'integer'), column('v', 'text')])
      const { operation, values } = insertInto(
        table,
        ['id', 'v'],
        [
          [2, 'two'],
          [1, 'one'],
        ],
        { returning: ['v', 'id'] },
      )
      const result = await caller.run(operation, values)
      checkEqual('affected', result.affected, 2)
      checkEqual(
        'the returned columns',
        result.columns.map(({ name }) => name),
        ['v', 'id'],
      )
      checkEqual('how many rows were returned', result.rows.length, 2)
    },
  }),
  rule({
    id: 'EXE-018',
    title: 'lastInsertId is the id that the database made',
    level: 'MUST',
    law: 6,
    tier: 'core',
    since: '2026.1',
    rationale: 'Where there is no RETURNING it is the only way to the row that was written.',
    causes: ['the id of an earlier statement is reported', 'the id passes through a number'],
    needs: [claims('lastInsertId')],
    async run(context) {
      const caller = await context.connect()
      const table = await context.create(
        caller,
        [column('id', 'bigint', { nullable: false, identity: 'byDefault' }), column('v', 'text')],
        { primaryKey: ['id'] },
      )
      const far = insertInto(table, ['id', 'v'], [[9_007_199_254_740_994n, 'far']])
      await caller.run(far.operation, far.values)
      const { operation, values } = insertInto(table, ['v'], [['next']])
      const { lastInsertId } = await caller.run(operation, values)
      const select = selectFrom(table, ['id'], { where: equals('v', 0) })
      const rows = await caller.rows(
        select.columns,
        caller.request(select.operation, [typed('text', 'next')]),
      )
      checkEqual('lastInsertId', String(lastInsertId), String(rows[0]?.[0]))
    },
  }),
  rule({
    id: 'EXE-019',
    title: 'No id is reported where the manifest says that there is none',
    level: 'MUST',
    law: 6,
    tier: 'core',
    since: '2026.1',
    rationale: 'A zero that looks like an id is worse than none.',
    causes: ['the client’s default is passed on'],
    needs: [denies('lastInsertId')],
    async run(context) {
      const caller = await context.connect()
      const table = await context.create(caller, [column('v', 'text')])
      const { operation, values } = insertInto(table, ['v'], [['one']])
      checkEqual('lastInsertId', (await caller.run(operation, values)).lastInsertId, undefined)
    },
  }),
  rule({
    id: 'EXE-020',
    title: 'Calls in flight together are answered in order, and an error hits its own',
    level: 'MUST',
    law: 4,
    tier: 'core',
    since: '2026.1',
    rationale: 'An answer that reaches the wrong call is somebody else’s data.',
    causes: ['answers are matched by anything but their order', 'an error ends the whole pipeline'],
    needs: [manifest('pipelining', 'is more than 1', (most) => most > 1)],
    async run(context) {
      const { connection } = await context.connect()
      const many = Math.min(context.adapter.capabilities.pipelining, 50)
      const broken = Math.floor(many / 2)
      const answers = await Promise.allSettled(
        Array.from({ length: many }, async (_, i) =>
          connection.execute(request(i === broken ? 'select from where' : `select ${i} as v`)),
        ),
      )
      for (const [i, answer] of answers.entries()) {
        if (i === broken) checkEqual(`call ${i}, which is wrong,`, answer.status, 'rejected')
        else if (answer.status === 'rejected') {
          throw new RuleFailure(`call ${i} of ${many}`, 'its answer', show(answer.reason))
        } else checkEqual(`call ${i} of ${many}`, Number((answer.value.rows[0] as unknown[])[0]), i)
      }
    },
  }),
]
