import { checkEqual, checkThat, RuleFailure, show } from '../check/index.ts'
import {
  column,
  createTable,
  equals,
  insertInto,
  named,
  request,
  selectFrom,
  shapeOf,
  slot,
  typed,
} from '../contract/index.ts'
import { claims, denies, manifest, type Rule, rule } from '../rule/index.ts'

export const resultRules: readonly Rule[] = [
  rule({
    id: 'EXE-010',
    title: 'A result without rows keeps its columns',
    level: 'MUST',
    law: 3,
    tier: 'core',
    since: '2026.1',
    rationale: 'An export of an empty table still has a header.',
    causes: ['columns are taken from the first row'],
    async run(context) {
      const caller = await context.connect()
      const result = await caller.text('select 1 as one, 2 as two where 1 = 0', { access: 'read' })
      checkEqual(
        'the columns of no rows',
        result.columns.map(({ name }) => name),
        ['one', 'two'],
      )
      checkEqual('the rows', result.rows, [])
    },
  }),
  rule({
    id: 'EXE-011',
    title: 'Columns of one name are all there, in their order',
    level: 'MUST',
    law: 3,
    tier: 'core',
    since: '2026.1',
    rationale: 'A join has two columns called id; one that overwrites the other is another’s data.',
    causes: ['the client gives rows as objects', 'columns are kept in a map by name'],
    async run(context) {
      const caller = await context.connect()
      const result = await caller.text('select 1 as a, 2 as b, 3 as a', { access: 'read' })
      checkEqual(
        'the columns',
        result.columns.map(({ name }) => name),
        ['a', 'b', 'a'],
      )
      checkEqual(
        'the rows',
        (result.rows as unknown[][]).map((row) => row.map(Number)),
        [[1, 2, 3]],
      )
    },
  }),
  rule({
    id: 'EXE-012',
    title: 'Columns keep their order and their names, whatever they are called',
    level: 'MUST',
    law: 3,
    tier: 'core',
    since: '2026.1',
    rationale: 'JavaScript sorts integer-like keys first and treats __proto__ as something else.',
    causes: ['rows pass through an object', 'names are changed to lower case'],
    async run(context) {
      const caller = await context.connect()
      const names = [
        'b',
        '2',
        '10',
        '1',
        'A',
        'a',
        '__proto__',
        'constructor',
        'toString',
        'length',
      ]
      const quote = (name: string) => context.adapter.dialect.quoteIdentifier(name)
      const list = names.map((name, i) => `${i} as ${quote(name)}`).join(', ')
      const result = await caller.text(`select ${list}`, { access: 'read' })
      checkEqual(
        'the columns',
        result.columns.map(({ name }) => name),
        names,
      )
      checkEqual(
        'the row',
        (result.rows as unknown[][]).map((row) => row.map(Number)),
        [names.map((_, i) => i)],
      )
    },
  }),
  rule({
    id: 'EXE-013',
    title:
      'Rows of a known shape are arrays, or finished objects with their own properties in order',
    level: 'MUST',
    law: 3,
    tier: 'core',
    since: '2026.1',
    rationale: 'A driver may build the rows itself; then it must build what core would have built.',
    causes: [
      '`shaped` is set and rows are arrays, or the other way round',
      'decode is not called, or is called with null',
      'properties are assigned: __proto__ is set instead of defined',
      'attach is not called',
    ],
    async run(context) {
      const caller = await context.connect()
      const table = await context.create(caller, [
        column('id', 'integer'),
        column('title', 'text'),
        column('__proto__', 'text'),
      ])
      const { operation, values } = insertInto(
        table,
        ['id', 'title', '__proto__'],
        [
          [1, 'one', 'polluted'],
          [2, null, null],
        ],
      )
      await caller.run(operation, values)
      const select = selectFrom(table)
      const attached: object[] = []
      const shape = {
        ...shapeOf(context.adapter, select.columns),
        attach: (row: object) => void attached.push(row),
      }
      const result = await caller.run(select.operation, [], { shape })
      if (!result.shaped) {
        checkThat('rows that are not shaped', result.rows.every(Array.isArray), {
          expected: 'arrays',
          seen: show(result.rows),
        })
        return
      }
      checkEqual(
        'the properties of shaped rows',
        (result.rows as object[]).map((row) =>
          Object.entries(Object.getOwnPropertyDescriptors(row)).map(([key, { value }]) => [
            key,
            value,
          ]),
        ),
        [
          [
            ['id', 1],
            ['title', 'one'],
            ['__proto__', 'polluted'],
          ],
          [
            ['id', 2],
            ['title', null],
            ['__proto__', null],
          ],
        ],
      )
      checkEqual('the rows that metadata was attached to', attached.length, result.rows.length)
    },
  }),
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
  rule({
    id: 'EXE-021',
    title: 'A result stays as it was when later calls are made',
    level: 'MUST',
    law: 4,
    tier: 'core',
    since: '2026.1',
    rationale: 'A driver that reuses its row arrays changes answers that were already given.',
    causes: ['row or column arrays are reused between calls or rows'],
    async run(context) {
      const caller = await context.connect()
      const table = await context.create(caller, [column('n', 'integer'), column('s', 'text')])
      const { operation, values } = insertInto(
        table,
        ['n', 's'],
        [
          [1, 'one'],
          [2, 'two'],
          [3, 'three'],
        ],
      )
      await caller.run(operation, values)
      const select = selectFrom(table)
      const made = caller.request(select.operation)
      const first = await caller.connection.execute(made)
      const kept = structuredClone(first.rows)
      checkEqual('three rows are three arrays', new Set(first.rows).size, 3)
      await caller.connection.execute(made)
      await caller.text('select 9 as n, 10 as s, 11 as t')
      checkEqual('the rows of an earlier result', first.rows, kept)
      checkEqual(
        'the columns of an earlier result',
        first.columns.map(({ name }) => name),
        ['n', 's'],
      )
    },
  }),
  rule({
    id: 'EXE-022',
    title: 'A hundred thousand rows arrive complete and in order',
    level: 'MUST',
    law: 1,
    tier: 'extended',
    since: '2026.1',
    rationale: 'Large results are where buffers fill, chunks split and counters wrap.',
    causes: ['a limit of the client or of its buffer'],
    async run(context) {
      const caller = await context.connect()
      const table = await digits(context, caller)
      const from = ['a', 'b', 'c', 'd', 'e'].map((alias) => `${table} ${alias}`).join(', ')
      const result = await caller.text(
        `select a.n * 10000 + b.n * 1000 + c.n * 100 + d.n * 10 + e.n as v from ${from} order by 1`,
        { access: 'read' },
      )
      checkEqual('how many rows', result.rows.length, 100_000)
      const wrong = (result.rows as unknown[][]).findIndex((row, i) => Number(row[0]) !== i)
      checkEqual('the first row out of order', wrong, -1)
    },
  }),
  rule({
    id: 'EXE-023',
    title: 'A row may have as many columns as the database allows',
    level: 'MUST',
    law: 5,
    tier: 'extended',
    since: '2026.1',
    rationale: 'Generated code for wide rows runs into limits of its own.',
    causes: ['rows are built by a function with one argument a column'],
    async run(context) {
      const caller = await context.connect()
      const tried = [1600, 1000, 500]
      for (const width of tried) {
        const list = Array.from({ length: width }, (_, i) => `${i} as c${i}`).join(', ')
        let rows: readonly unknown[]
        try {
          rows = (await caller.text(`select ${list}`, { access: 'read' })).rows
        } catch {
          continue
        }
        checkEqual(
          `a row of ${width} columns`,
          (rows[0] as unknown[]).map(Number),
          Array.from({ length: width }, (_, i) => i),
        )
        return
      }
      checkThat('the widest row', false, { expected: 'at least 500 columns', seen: 'an error' })
    },
  }),
]

/** The quoted name of a new table with a column `n` that holds the digits. */
export async function digits(
  context: Parameters<Rule['run']>[0],
  caller: Awaited<ReturnType<typeof context.connect>>,
): Promise<string> {
  const table = context.table([column('n', 'integer')])
  await caller.run(createTable(table))
  const rows = Array.from({ length: 10 }, (_, i) => [i])
  const { operation, values } = insertInto(table, ['n'], rows)
  await caller.run(operation, values)
  return context.adapter.dialect.quoteIdentifier(table.table.name)
}
