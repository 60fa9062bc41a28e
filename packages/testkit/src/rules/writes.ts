import { t, ValueError } from '@mortise/core'
import { checkEqual, checkRefuses, checkThat, show } from '../check/index.ts'
import type { RuleContext } from '../context/index.ts'
import { column, selectFrom, slot, typed } from '../contract/index.ts'
import { claims, type Rule, rule, types } from '../rule/index.ts'

const quiet = { returning: false } as const

export const writeRules: readonly Rule[] = [
  rule({
    id: 'WRT-010',
    title: 'insert gives the row back as the database stored it',
    level: 'MUST',
    law: 6,
    tier: 'core',
    since: '2026.1',
    rationale: 'Made ids, defaults and generated columns are the database’s to say.',
    causes: ['the proposed values are given back', 'columns of RETURNING come in another order'],
    needs: [claims('returning.insert')],
    async run(context) {
      const { repo, items } = await withItems(context)
      const first = await repo.insert(items, { title: 'one' })
      checkEqual('a row with defaults', first, row(1, 'one', 7, null, 14))
      const second = await repo.insert(items, { title: 'two', size: 3, note: 'n' })
      checkEqual('a row with values', second, row(2, 'two', 3, 'n', 6))
      const third = await repo.insert(items, { title: 'three', note: null })
      checkEqual('a row with an explicit null', third, row(3, 'three', 7, null, 14))
      const own = await repo.insert(items, { id: 77, title: 'own' })
      checkEqual('a row with an id of its own', own, row(77, 'own', 7, null, 14))
      const some = await repo.insert(items, { title: 'some' }, { returning: ['twice', 'title'] })
      checkEqual('two columns of a row', some, { twice: 14, title: 'some' })
    },
  }),
  rule({
    id: 'WRT-011',
    title: 'An insert without values is a row of defaults',
    level: 'MUST',
    law: 6,
    tier: 'core',
    since: '2026.1',
    rationale: 'A ticket counter has nothing to say but "one more".',
    causes: ['an empty column list is written as ()'],
    async run(context) {
      const repo = context.repo()
      const tickets = context.define({ id: t.id(), uses: t.integer({ dbDefault: true }) })
      await context.build(repo, tickets, { defaults: { uses: 5 } })
      await repo.insert(tickets, {}, quiet)
      await repo.insertAll(tickets, [{}, { uses: 6 }, {}])
      checkEqual(
        'the rows',
        (await repo.all(tickets, { orderBy: 'id' })).map(({ uses }) => uses),
        [5, 5, 6, 5],
      )
    },
  }),
  rule({
    id: 'WRT-012',
    title: 'Rows with differing columns get the database’s defaults for what they leave out',
    level: 'MUST',
    law: 6,
    tier: 'core',
    since: '2026.1',
    rationale: 'A column left out is not a null; on a column that may be null nobody notices.',
    causes: [
      'missing cells are sent as NULL',
      'cellDefault is claimed and DEFAULT is refused in a row',
    ],
    async run(context) {
      const { repo, items } = await withItems(context)
      const rows = [
        { title: 'a', size: 1 },
        { title: 'b' },
        { title: 'c', note: 'c' },
        { title: 'd', size: 4, note: null },
        { title: 'e' },
      ]
      const { count } = await repo.insertAll(items, rows)
      checkEqual('the count', count, 5)
      checkEqual(
        'the rows in the order given',
        (await repo.all(items, { orderBy: 'id' })).map(({ title, size, note }) => [
          title,
          size,
          note,
        ]),
        [
          ['a', 1, null],
          ['b', 7, null],
          ['c', 7, 'c'],
          ['d', 4, null],
          ['e', 7, null],
        ],
      )
      checkEqual('the count of no rows', await repo.insertAll(items, []), { count: 0 })
    },
  }),
  rule({
    id: 'WRT-013',
    title: 'More rows than one statement takes are written, all or none',
    level: 'MUST',
    law: 1,
    tier: 'core',
    since: '2026.1',
    rationale: 'The split at the parameter limit must not be seen from outside.',
    causes: ['maxParameters is wrong', 'the statements of one call do not share a transaction'],
    async run(context) {
      const repo = context.repo()
      const rows = context.define({ n: t.integer({ primaryKey: true }), s: t.text() })
      await context.build(repo, rows)
      const most = context.adapter.capabilities.maxParameters
      const many = Math.min(Math.floor(most / 2) + 77, 20_000)
      const made = Array.from({ length: many }, (_, n) => ({ n, s: `row ${n}` }))
      const { count } = await repo.insertAll(rows, made)
      checkEqual('the count', count, many)
      checkEqual('how many rows there are', await repo.count(rows), many)
      await repo.deleteAll(rows, { all: true })
      await checkRefuses('a list whose last row is a duplicate', () =>
        repo.insertAll(rows, [...made, { n: 0, s: 'again' }]),
      )
      checkEqual('how many rows there are after a failed list', await repo.count(rows), 0)
    },
  }),
  rule({
    id: 'WRT-014',
    title: 'Many rows come back in the order in which they were given',
    level: 'MUST',
    law: 4,
    tier: 'core',
    since: '2026.1',
    rationale: 'The caller matches ids to its objects by their place in the list.',
    causes: ['the database sorts what RETURNING gives', 'ids are counted on from the last one'],
    needs: [
      {
        text: '`returning.insert` is native',
        holds: ({ adapter }) => adapter.capabilities.returning.insert === 'native',
        otherwise: ({ adapter }) =>
          `the manifest says returning.insert: ${adapter.capabilities.returning.insert}`,
      },
    ],
    async run(context) {
      const { repo, items } = await withItems(context)
      const titles = Array.from({ length: 300 }, (_, i) => `title ${(i * 7919) % 300}`)
      const written = await repo.insertAll(
        items,
        titles.map((title, i) => (i % 5 === 0 ? { title, size: i } : { title })),
        { returning: ['id', 'title'] },
      )
      checkEqual(
        'the titles given back',
        written.rows.map(({ title }) => title),
        titles,
      )
      const stored = new Map((await repo.all(items)).map(({ id, title }) => [id, title]))
      for (const { id, title } of written.rows) {
        checkEqual(`the title of the row with the id ${id}`, stored.get(id), title)
      }
    },
  }),
  rule({
    id: 'WRT-015',
    title: 'update and delete are about one key, and give its row or undefined',
    level: 'MUST',
    law: 6,
    tier: 'core',
    since: '2026.1',
    rationale: 'A composite key that is compared in part changes other rows.',
    causes: [
      'a part of a composite key is left out',
      'a renamed column is compared by its property',
    ],
    needs: [claims('returning.update'), claims('returning.delete')],
    async run(context) {
      const { repo, places, read } = await withPlaces(context)
      const key = { country: 'at', code: 1 }
      checkEqual('get', await repo.get(places, key), { ...key, title: 'Wien' })
      checkEqual(
        'get of a key that is not there',
        await repo.get(places, { ...key, code: 9 }),
        undefined,
      )
      const changed = await repo.update(places, key, { title: 'Vienna' })
      checkEqual('update', changed, { ...key, title: 'Vienna' })
      checkEqual(
        'update of a key that is not there',
        await repo.update(places, { ...key, code: 9 }, { title: 'x' }),
        undefined,
      )
      checkEqual('the rows after an update', await read(), [
        'at 1 Vienna',
        'at 2 Graz',
        'de 1 Berlin',
      ])
      checkEqual('delete', await repo.delete(places, key), { ...key, title: 'Vienna' })
      checkEqual('delete of a key that is gone', await repo.delete(places, key), undefined)
      checkEqual('the rows after a delete', await read(), ['at 2 Graz', 'de 1 Berlin'])
    },
  }),
  rule({
    id: 'WRT-016',
    title: 'updateAll and deleteAll change what fits, and count it',
    level: 'MUST',
    law: 6,
    tier: 'core',
    since: '2026.1',
    rationale: 'A condition that is dropped changes every row.',
    causes: ['the condition is left out of an update or delete', 'affected is not counted'],
    async run(context) {
      const { repo, items, titles } = await withFive(context)
      checkEqual(
        'updateAll with a condition',
        await repo.updateAll(items, {
          where: { size: { gte: 4 } },
          set: { note: 'big' },
          inc: { size: 10 },
        }),
        { count: 2 },
      )
      checkEqual('the rows', await titles(), ['a 1 -', 'b 2 -', 'c 3 -', 'd 14 big', 'e 15 big'])
      checkEqual(
        'updateAll of no row',
        await repo.updateAll(items, { where: { size: 99 }, set: { note: 'x' } }),
        { count: 0 },
      )
      checkEqual(
        'deleteAll with a condition',
        await repo.deleteAll(items, { where: { note: null, size: { lt: 3 } } }),
        { count: 2 },
      )
      checkEqual('the rows', await titles(), ['c 3 -', 'd 14 big', 'e 15 big'])
      checkEqual(
        'updateAll of all',
        await repo.updateAll(items, { all: true, set: { note: null } }),
        {
          count: 3,
        },
      )
      checkEqual('deleteAll of all', await repo.deleteAll(items, { all: true }), { count: 3 })
      checkEqual('the rows', await titles(), [])
    },
  }),
  rule({
    id: 'WRT-017',
    title: 'Adding to a number is exact in every type of numbers, or refused',
    level: 'MUST',
    law: 3,
    tier: 'core',
    since: '2026.1',
    rationale:
      'A balance kept as text is added as a double: 0.10 and 0.20 make 0.30000000000000004.',
    causes: ['decimals are stored as text and added by the server as floats'],
    needs: [types('integer', 'bigint', 'float')],
    async run(context) {
      const repo = context.repo()
      const sums = context.define({
        id: t.integer({ primaryKey: true }),
        i: t.integer(),
        b: t.bigint(),
        f: t.float(),
      })
      await context.build(repo, sums)
      await repo.insert(sums, { id: 1, i: 40, b: 2n ** 62n, f: 0.25 }, quiet)
      await repo.updateAll(sums, { all: true, inc: { i: 2, b: 2n ** 61n + 1n, f: -1.5 } })
      checkEqual('the sums', await repo.all(sums), [
        { id: 1, i: 42, b: 2n ** 62n + 2n ** 61n + 1n, f: -1.25 },
      ])
      if (context.adapter.types.codecs.decimal === undefined) return
      const accounts = context.define({ id: t.integer({ primaryKey: true }), balance: t.decimal() })
      await context.build(repo, accounts)
      await repo.insertAll(accounts, [
        { id: 1, balance: '0.10' },
        { id: 2, balance: '12345678901234567890.01' },
      ])
      let refused: unknown
      try {
        await repo.updateAll(accounts, { all: true, inc: { balance: 1n } })
      } catch (error) {
        refused = error
      }
      const balances = (await repo.all(accounts, { orderBy: 'id' })).map(({ balance }) => balance)
      checkEqual(
        refused === undefined ? 'the balances' : 'the balances after inc was refused',
        balances,
        refused === undefined
          ? ['1.10', '12345678901234567891.01']
          : ['0.10', '12345678901234567890.01'],
      )
    },
  }),
  rule({
    id: 'WRT-018',
    title: 'updateAll and deleteAll give their rows back when asked',
    level: 'MUST',
    law: 6,
    tier: 'core',
    since: '2026.1',
    rationale: 'A queue is emptied by deleting its rows and taking what came back.',
    causes: ['returning is claimed for inserts and missing for updates or deletes'],
    needs: [claims('returning.update'), claims('returning.delete')],
    async run(context) {
      const { repo, items } = await withFive(context)
      const sorted = (rows: readonly { readonly title: string; readonly size: number }[]) =>
        rows.map(({ title, size }) => `${title} ${size}`).sort()
      const changed = await repo.updateAll(items, {
        where: { title: ['a', 'c'] },
        inc: { size: 10 },
        returning: ['title', 'size'],
      })
      checkEqual('the changed rows', sorted(changed.rows), ['a 11', 'c 13'])
      const gone = await repo.deleteAll(items, {
        where: { size: { lt: 5 } },
        returning: ['title', 'size'],
      })
      checkEqual('the deleted rows', [gone.count, sorted(gone.rows)], [2, ['b 2', 'd 4']])
    },
  }),
  rule({
    id: 'WRT-019',
    title: 'What cannot be stored exactly is refused before anything is sent',
    level: 'MUST',
    law: 3,
    tier: 'core',
    since: '2026.1',
    rationale: 'undefined that becomes NULL, and an integer that wraps, are found months later.',
    causes: ['the type table infers a type for values that have none', 'encode wraps or rounds'],
    async run(context) {
      const repo = context.repo()
      const rows = context.define({ n: t.bigint(), small: t.integer({ bits: 16 }), s: t.text() })
      await context.build(repo, rows)
      const sent = context.sent()
      const { dialect } = context.adapter
      const { sql: text } = dialect.compile({
        kind: 'raw',
        parts: ['select ', { kind: 'slot', slot: 0 }],
      })
      const values = [undefined, Symbol('x'), () => 1, new Date(Number.NaN), 2n ** 63n, '\ud800']
      for (const value of values) {
        const error = await checkRefuses(`the parameter ${show(value)}`, () =>
          repo.query(text, [value]),
        )
        checkThat(`the error of the parameter ${show(value)}`, isRefusal(error), {
          expected: 'a MisuseError or a ValueError',
          seen: show(error),
        })
      }
      for (const wrong of [
        { n: 2n ** 63n, small: 1, s: '' },
        { n: -(2n ** 63n) - 1n, small: 1, s: '' },
        { n: 1n, small: 32_768, s: '' },
        { n: 1n, small: 1.5, s: '' },
        { n: 1n, small: 1, s: '\udc00' },
      ]) {
        const error = await checkRefuses(`the row ${show(wrong)}`, () =>
          repo.insert(rows, wrong, quiet),
        )
        checkThat('the error', isRefusal(error), {
          expected: 'a MisuseError or a ValueError',
          seen: show(error),
        })
      }
      checkEqual('how much was sent', context.sent() - sent, 0)
    },
  }),
  rule({
    id: 'WRT-020',
    title: 'A cell of an insert may be left to its default where the manifest says so',
    level: 'MUST',
    law: 6,
    tier: 'core',
    since: '2026.1',
    rationale: 'One statement then takes rows that leave out different columns.',
    causes: ['cellDefault is claimed and DEFAULT is refused in a row'],
    needs: [claims('cellDefault')],
    async run(context) {
      const caller = await context.connect()
      const columns = [
        column('id', 'integer'),
        column('size', 'integer', { default: { kind: 'literal', value: 7 } }),
      ]
      const table = await context.create(caller, columns)
      const integer = { name: 'integer' as const }
      await caller.run(
        {
          kind: 'insert',
          table: table.table,
          columns: ['id', 'size'],
          rows: [
            [slot(0, integer), slot(1, integer)],
            [slot(2, integer), { kind: 'default' }],
          ],
          primaryKey: [],
        },
        [typed('integer', 1), typed('integer', 5), typed('integer', 2)],
      )
      const select = selectFrom(table)
      checkEqual('the rows', await caller.rows(select.columns, caller.request(select.operation)), [
        [1, 5],
        [2, 7],
      ])
    },
  }),
]

function isRefusal(error: unknown): boolean {
  return error instanceof ValueError || error instanceof TypeError
}

function row(id: number, title: string, size: number, note: string | null, twice: number) {
  return { id, title, size, note, twice }
}

/** A table with every kind of column that the database fills. */
async function withItems(context: RuleContext) {
  const repo = context.repo()
  const items = context.define({
    id: t.id(),
    title: t.text({ source: 'the_title' }),
    size: t.integer({ dbDefault: true }),
    note: t.text({ nullable: true }),
    twice: t.integer({ generated: 'always' }),
  })
  try {
    await context.build(repo, items, {
      defaults: { size: 7 },
      generatedAs: { twice: `${context.adapter.dialect.quoteIdentifier('size')} * 2` },
    })
  } catch (error) {
    if (context.adapter.classifyError(error)?.kind !== 'syntax') throw error
    context.notApplicable('the database has no generated columns')
  }
  return { repo, items }
}

async function withFive(context: RuleContext) {
  const repo = context.repo()
  const items = context.define({
    id: t.id(),
    title: t.text({ source: 'the_title' }),
    size: t.integer(),
    note: t.text({ nullable: true }),
  })
  await context.build(repo, items)
  await repo.insertAll(
    items,
    ['a', 'b', 'c', 'd', 'e'].map((title, i) => ({ title, size: i + 1 })),
  )
  const titles = async () =>
    (await repo.all(items, { orderBy: 'id' })).map(
      ({ title, size, note }) => `${title} ${size} ${note ?? '-'}`,
    )
  return { repo, items, titles }
}

async function withPlaces(context: RuleContext) {
  const repo = context.repo()
  const places = context.define({
    country: t.text({ primaryKey: true, source: 'c_country' }),
    code: t.integer({ primaryKey: true, source: 'c_code' }),
    title: t.text({ source: 'c_title' }),
  })
  await context.build(repo, places)
  await repo.insertAll(places, [
    { country: 'at', code: 1, title: 'Wien' },
    { country: 'at', code: 2, title: 'Graz' },
    { country: 'de', code: 1, title: 'Berlin' },
  ])
  const read = async () =>
    (await repo.all(places, { orderBy: ['country', 'code'] })).map(
      ({ country, code, title }) => `${country} ${code} ${title}`,
    )
  return { repo, places, read }
}
