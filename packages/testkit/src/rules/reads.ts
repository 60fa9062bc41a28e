import { CardinalityError, sql, t, type } from '@mortise/core'
import { checkEqual, checkErrorIs, checkRefuses } from '../check/index.ts'
import type { RuleContext } from '../context/index.ts'
import {
  claims,
  interactive,
  manifest,
  type Rule,
  rule,
  secondSchema,
  types,
} from '../rule/index.ts'

export const readRules: readonly Rule[] = [
  rule({
    id: 'QRY-010',
    title: 'Conditions find what they say',
    level: 'MUST',
    law: 6,
    tier: 'core',
    since: '2026.1',
    rationale: 'A comparison with a value of another affinity finds nothing, and says nothing.',
    causes: [
      'an operator is written wrongly',
      'and binds closer than or',
      'a list is bound as one value',
    ],
    async run(context) {
      const { repo, items } = await withItems(context)
      const found = async (where: object) =>
        (await repo.all(items, { where, orderBy: 'id' })).map(({ id }) => id)
      const cases: readonly (readonly [object, readonly number[]])[] = [
        [{}, [1, 2, 3, 4, 5]],
        [{ size: 3 }, [3]],
        [{ title: 'b' }, [2]],
        [{ price: 1.5 }, [3]],
        [{ big: 2n ** 53n + 1n }, [1]],
        [{ done: true }, [2, 4]],
        [{ at: new Date('2024-01-03T00:00:00.5Z') }, [3]],
        [{ note: null }, [1, 3, 5]],
        [{ note: { ne: null } }, [2, 4]],
        [{ size: [1, 5, 99] }, [1, 5]],
        [{ size: { in: [2] } }, [2]],
        [{ size: { in: [] } }, []],
        [{ size: { gt: 2, lte: 4 } }, [3, 4]],
        [{ size: { gte: 4 } }, [4, 5]],
        [{ size: { lt: 2 } }, [1]],
        [{ size: { ne: 3 } }, [1, 2, 4, 5]],
        [{ title: { like: '%b%' } }, [2]],
        [{ title: { like: '_' } }, [1, 2, 3, 4]],
        [{ done: true, size: { gt: 3 } }, [4]],
        [sql`${items.size} = ${2} or ${items.size} = ${4}`, [2, 4]],
        [sql`${items.title} in ${sql.list(['a', "it's"])}`, [1, 5]],
      ]
      for (const [where, ids] of cases) {
        const what = JSON.stringify(where, (_, value) =>
          typeof value === 'bigint' ? `${value}n` : value,
        )
        checkEqual(`the rows where ${what}`, await found(where), ids)
        checkEqual(`the count where ${what}`, await repo.count(items, { where }), ids.length)
        checkEqual(`exists where ${what}`, await repo.exists(items, { where }), ids.length > 0)
      }
    },
  }),
  rule({
    id: 'QRY-011',
    title: 'Order, nulls, limit and offset do what they say',
    level: 'MUST',
    law: 6,
    tier: 'core',
    since: '2026.1',
    rationale: 'Pages that overlap or skip rows are found by users, not by tests.',
    causes: [
      'an offset without a limit needs one here',
      'a limit of 0 means none',
      'nulls first is not written',
    ],
    async run(context) {
      const { repo, items } = await withItems(context)
      const ids = async (options: object) => (await repo.all(items, options)).map(({ id }) => id)
      const cases: readonly (readonly [object, readonly number[]])[] = [
        [{ orderBy: 'id' }, [1, 2, 3, 4, 5]],
        [{ orderBy: { id: 'desc' } }, [5, 4, 3, 2, 1]],
        [{ orderBy: [{ done: 'desc' }, { id: 'desc' }] }, [4, 2, 5, 3, 1]],
        [{ orderBy: [{ note: { direction: 'asc', nulls: 'first' } }, 'id'] }, [1, 3, 5, 2, 4]],
        [{ orderBy: [{ note: { direction: 'asc', nulls: 'last' } }, 'id'] }, [2, 4, 1, 3, 5]],
        [{ orderBy: [{ note: { direction: 'desc', nulls: 'first' } }, 'id'] }, [1, 3, 5, 4, 2]],
        [{ orderBy: [{ note: { direction: 'desc', nulls: 'last' } }, 'id'] }, [4, 2, 1, 3, 5]],
        [{ orderBy: 'id', limit: 2 }, [1, 2]],
        [{ orderBy: 'id', limit: 2, offset: 3 }, [4, 5]],
        [{ orderBy: 'id', offset: 3 }, [4, 5]],
        [{ orderBy: 'id', limit: 0 }, []],
        [{ orderBy: 'id', limit: 9, offset: 9 }, []],
        [{ orderBy: 'id', limit: 9, offset: 0 }, [1, 2, 3, 4, 5]],
      ]
      for (const [options, expected] of cases) {
        checkEqual(`the ids with ${JSON.stringify(options)}`, await ids(options), expected)
      }
    },
  }),
  rule({
    id: 'QRY-012',
    title: 'one, get and select give what was asked, and two rows for one are an error',
    level: 'MUST',
    law: 6,
    tier: 'core',
    since: '2026.1',
    rationale: 'A query that should find one row and finds two is a bug that must be heard.',
    causes: ['columns are given in the table’s order', 'one reads a single row only'],
    async run(context) {
      const { repo, items } = await withItems(context)
      const two = await repo.one(items, { where: { id: 2 }, select: ['price', 'id'] })
      checkEqual('one with select', Object.entries(two ?? {}), [
        ['price', 1],
        ['id', 2],
      ])
      checkEqual('one of none', await repo.one(items, { where: { id: 99 } }), undefined)
      const error = await checkRefuses('one of two rows', () =>
        repo.one(items, { where: { done: true } }),
      )
      checkErrorIs('the error', error, CardinalityError)
      checkEqual('get with select', await repo.get(items, 4, { select: ['title'] }), { title: 'd' })
      checkEqual('get of none', await repo.get(items, 99), undefined)
    },
  }),
  rule({
    id: 'QRY-013',
    title: 'A row of every type comes back through the repo as it went in',
    level: 'MUST',
    law: 3,
    tier: 'core',
    since: '2026.1',
    rationale: 'This is where the driver, its codecs and core’s forms of values meet.',
    causes: [
      'the driver shapes rows itself and leaves out decode',
      'a column is decoded by another’s type',
    ],
    needs: [
      types(
        'boolean',
        'integer',
        'bigint',
        'float',
        'text',
        'bytes',
        'uuid',
        'json',
        'date',
        'timestamp',
      ),
    ],
    async run(context) {
      const repo = context.repo()
      const all = context.define({
        id: t.integer({ primaryKey: true }),
        yes: t.boolean(),
        i: t.integer(),
        big: t.bigint(),
        asText: t.bigint({ as: 'string' }),
        f: t.float(),
        s: t.text(),
        bytes: t.bytes(),
        uuid: t.uuid(),
        json: t.json({ type: type<unknown>(), nullable: true }),
        jsonText: t.json({ as: 'text', nullable: true }),
        day: t.date(),
        at: t.timestamp(),
        exact: t.timestamp({ as: 'string' }),
        ['__proto__']: t.text(),
      })
      await context.build(repo, all)
      const json = { deep: [1, [2, { n: null }]], s: 'é🧱' }
      const base = {
        id: 1,
        yes: true,
        i: -5,
        big: 2n ** 63n - 1n,
        asText: '9007199254740993',
        f: 1 / 3,
        s: 'it’s 🧱',
        bytes: Uint8Array.of(0, 255, 128),
        uuid: '0190B5A2-7C1E-7BCD-8F00-0123456789AB',
        json,
        jsonText: '[1, 2]',
        day: '2024-02-29',
        at: new Date('1969-07-20T20:17:40.123Z'),
        exact: '2024-02-29T23:59:59.999999Z',
      }
      const own = Object.defineProperty({ ...base }, '__proto__', {
        value: 'own',
        enumerable: true,
        configurable: true,
        writable: true,
      }) as never
      await repo.insert(all, own, { returning: false })
      const read = await repo.get(all, 1)
      checkEqual(
        'the properties',
        Object.entries(Object.getOwnPropertyDescriptors(read ?? {})).map(([key, { value }]) => [
          key,
          key === 'jsonText' ? JSON.stringify(JSON.parse(String(value))) : value,
        ]),
        [
          ...Object.entries({ ...base, uuid: base.uuid.toLowerCase(), jsonText: '[1,2]' }),
          ['__proto__', 'own'],
        ],
      )
    },
  }),
  rule({
    id: 'QRY-014',
    title: 'A raw query gives rows with its columns as own properties, in order',
    level: 'MUST',
    law: 3,
    tier: 'core',
    since: '2026.1',
    rationale: 'A column called __proto__ must not become the row’s prototype.',
    causes: [
      'rows pass through objects in the driver',
      'the columns of an earlier execution are kept',
    ],
    async run(context) {
      const repo = context.repo()
      const quote = (name: string) => context.adapter.dialect.quoteIdentifier(name)
      const text = `select 1 as ${quote('b')}, 2 as ${quote('__proto__')}, 3 as ${quote('constructor')}, 4 as ${quote('a')}`
      const { rows, columns } = await repo.query(text)
      checkEqual(
        'the columns',
        columns.map(({ name }) => name),
        ['b', '__proto__', 'constructor', 'a'],
      )
      const own = Object.entries(Object.getOwnPropertyDescriptors(rows[0] ?? {}))
      checkEqual(
        'the properties',
        own.map(([name, { value }]) => [name, Number(value)]),
        [
          ['b', 1],
          ['__proto__', 2],
          ['constructor', 3],
          ['a', 4],
        ],
      )
      const { rows: values } = await repo.query(
        sql`select ${'one'} as one, ${'two'} as two, ${null} as three`,
      )
      checkEqual('values as parameters', values, [{ one: 'one', two: 'two', three: null }])
    },
  }),
  rule({
    id: 'QRY-015',
    title: 'Every row lock of the manifest can be asked for',
    level: 'MUST',
    law: 6,
    tier: 'core',
    since: '2026.1',
    rationale: 'The manifest says so, and queues are built on it.',
    causes: ['rowLocks lists more than the database has'],
    needs: [interactive, manifest('rowLocks', 'is not empty', (modes) => modes.length > 0)],
    async run(context) {
      const { repo, items } = await withItems(context)
      const { rowLocks, skipLocked, noWait } = context.adapter.capabilities
      for (const mode of rowLocks) {
        const locks = [
          { mode },
          ...(skipLocked === 'absent' ? [] : [{ mode, skipLocked: true }]),
          ...(noWait === 'absent' ? [] : [{ mode, noWait: true }]),
        ]
        for (const lock of locks) {
          const rows = await repo.transaction((tx) => tx.all(items, { lock, orderBy: 'id' }))
          checkEqual(`the rows locked by ${JSON.stringify(lock)}`, rows.length, 5)
        }
      }
    },
  }),
  rule({
    id: 'QRY-016',
    title: 'A prefix keeps two tables of one name apart',
    level: 'MUST',
    law: 6,
    tier: 'core',
    since: '2026.1',
    rationale: 'A tenant’s rows in another tenant’s table is the worst bug that there is.',
    causes: [
      'the prefix is left out of some statement',
      'a cached statement is used for another prefix',
    ],
    needs: [claims('prefix'), secondSchema],
    async run(context) {
      const [first = '', second] = context.prefixes
      const prefix = second ?? first
      const base = context.repo()
      await base.checkout(async (held) => {
        const repo = second === undefined ? held : held.withPrefix(first)
        const plain = context.define({ id: t.integer({ primaryKey: true }), v: t.text() })
        const name = plain.id.table.name
        const tables = [second === undefined ? undefined : first, prefix].map((each) => ({
          kind: 'table' as const,
          name,
          prefix: each,
        }))
        for (const table of tables) {
          const { sql: ddl } = context.adapter.dialect.compile({
            kind: 'create_table',
            table,
            columns: [
              { name: 'id', type: { name: 'integer' }, nullable: false },
              { name: 'v', type: { name: 'text' }, nullable: false },
            ],
            primaryKey: ['id'],
          })
          await held.query(ddl)
        }
        const other = held.withPrefix(prefix)
        try {
          for (const [where, v] of [
            [repo, 'first'],
            [other, 'second'],
          ] as const) {
            await where.insertAll(plain, [
              { id: 1, v },
              { id: 2, v },
            ])
            await where.updateAll(plain, { where: { id: 1 }, set: { v: `${v} changed` } })
            await where.deleteAll(plain, { where: { id: 2 } })
          }
          checkEqual('the rows in the first schema', await repo.all(plain), [
            { id: 1, v: 'first changed' },
          ])
          checkEqual('the rows in the second', await other.all(plain), [
            { id: 1, v: 'second changed' },
          ])
          checkEqual('get in the second', await other.get(plain, 1), { id: 1, v: 'second changed' })
          checkEqual('the count in the second', await other.count(plain), 1)
        } finally {
          for (const table of tables) {
            await held.query(context.adapter.dialect.compile({ kind: 'drop_table', table }).sql)
          }
        }
      })
    },
  }),
]

/** Five rows with a value of each common type. */
async function withItems(context: RuleContext) {
  const repo = context.repo()
  const items = context.define({
    id: t.integer({ primaryKey: true }),
    title: t.text({ source: 'the_title' }),
    size: t.integer(),
    price: t.float(),
    big: t.bigint(),
    done: t.boolean(),
    at: t.timestamp(),
    note: t.text({ nullable: true }),
  })
  await context.build(repo, items)
  await repo.insertAll(
    items,
    ['a', 'b', 'c', 'd', "it's"].map((title, i) => ({
      id: i + 1,
      title,
      size: i + 1,
      price: (i + 1) / 2,
      big: 2n ** 53n + BigInt(i) + 1n,
      done: i % 2 === 1,
      at: new Date(Date.UTC(2024, 0, i + 1, 0, 0, 0, 500)),
      note: i % 2 === 1 ? `note ${i}` : null,
    })),
  )
  return { repo, items }
}
