import { checkEqual, checkThat, show } from '../check/index.ts'
import { column, insertInto, selectFrom, shapeOf } from '../contract/index.ts'
import { type Rule, rule } from '../rule/index.ts'
import { digits } from './digits.ts'

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
