import { describe, expect, test } from 'vitest'
import { scriptedRepo } from '../../test/scripted-repo.ts'
import { defineTable, t } from '../query/index.ts'
import { postgres } from '../testing/dialects.ts'
import { shared } from './shared.ts'

const pairs = defineTable('pairs', { a: t.integer(), b: t.integer({ dbDefault: true }) })
const ten = Array.from({ length: 10 }, (_, a) => ({ a, b: 0 }))

/** As many rows as the statement inserts. */
function rowsOf(sql: string | undefined): number {
  return sql?.match(/\(\?/g)?.length ?? 0
}

function open(maxParameters = 100) {
  const opened = scriptedRepo({ capabilities: { maxParameters } })
  opened.database
    .allow(/^(begin|commit|rollback|savepoint|release)/)
    .allow(/^insert/, ({ sql }) => ({ affected: rowsOf(sql) }))
  return opened
}

describe('insertAll', () => {
  test('sends nothing for no rows, and checks the options all the same', async () => {
    const { repo, sent } = open()
    expect(await repo.insertAll(pairs, [])).toEqual({ count: 0 })
    expect(await repo.insertAll(pairs, [], { returning: true })).toEqual({ count: 0, rows: [] })
    await expect(repo.insertAll(pairs, [], { conflictTarget: 'a' })).rejects.toMatchObject({
      code: 'CONFLICT_TARGET_UNUSED',
    })
    expect(sent()).toEqual([])
  })

  test('is one statement where the rows fit into one', async () => {
    const { repo, sent } = open()
    expect(await repo.insertAll(pairs, ten.slice(0, 4))).toEqual({ count: 4 })
    expect(sent()).toEqual([
      {
        sql: 'insert into pairs (a, b) values (?, ?), (?, ?), (?, ?), (?, ?)',
        parameters: [0, 0, 1, 0, 2, 0, 3, 0],
      },
    ])
  })

  test('splits at the parameter limit, in one transaction, in the order given', async () => {
    const { repo, sent } = open(8)
    expect(await repo.insertAll(pairs, ten)).toEqual({ count: 10 })
    const statements = sent()
    expect(statements.map(({ sql }) => (sql.startsWith('insert') ? rowsOf(sql) : sql))).toEqual([
      'begin',
      4,
      4,
      2,
      'commit',
    ])
    expect(
      statements.flatMap(({ parameters }) => parameters).filter((_, i) => i % 2 === 0),
    ).toEqual(ten.map(({ a }) => a))
  })

  test('never sends more parameters than the limit, the conflict included', async () => {
    for (const maxParameters of [3, 4, 5, 6, 7, 9, 16, 17]) {
      const { repo, sent } = open(maxParameters)
      const options = {
        onConflict: { set: { b: 7 } },
        conflictTarget: 'a',
        returning: false,
      } as const
      expect(await repo.insertAll(pairs, ten, options)).toEqual({ count: 10 })
      for (const { parameters } of sent()) {
        expect(parameters.length).toBeLessThanOrEqual(maxParameters)
      }
    }
  })

  test('takes any number of rows up to sixteen in one statement, and powers of two beyond', async () => {
    const { repo, sent } = open(1000)
    const lengths: number[][] = []
    for (const count of [1, 3, 15, 16, 17, 20, 63, 127, 128, 300]) {
      await repo.insertAll(
        pairs,
        Array.from({ length: count }, (_, a) => ({ a, b: 0 })),
      )
      lengths.push(
        sent()
          .map(({ sql }) => rowsOf(sql))
          .filter((rows) => rows > 0),
      )
    }
    expect(lengths).toEqual([
      [1],
      [3],
      [15],
      [16],
      [16, 1],
      [16, 4],
      [32, 16, 15],
      [64, 32, 16, 15],
      [128],
      [128, 128, 32, 12],
    ])
  })

  test('refuses a row that no statement can hold, before anything is sent', async () => {
    const { repo, sent } = open(2)
    await expect(
      repo.insertAll(pairs, ten, { onConflict: { set: { b: 7 } }, conflictTarget: 'a' }),
    ).rejects.toMatchObject({
      code: 'TOO_MANY_PARAMETERS',
      message: expect.stringContaining('one row of pairs takes 3 parameters'),
    })
    expect(sent()).toEqual([])
  })

  test('parts rows with different columns, so that each gets its defaults', async () => {
    const { repo, sent } = open()
    const rows = [{ a: 1 }, { a: 2 }, { a: 3, b: 3 }, { a: 4 }]
    expect(await repo.insertAll(pairs, rows)).toEqual({ count: 4 })
    expect(sent()).toEqual([
      { sql: 'begin', parameters: [] },
      { sql: 'insert into pairs (a) values (?), (?)', parameters: [1, 2] },
      { sql: 'insert into pairs (a, b) values (?, ?)', parameters: [3, 3] },
      { sql: 'insert into pairs (a) values (?)', parameters: [4] },
      { sql: 'commit', parameters: [] },
    ])
  })

  test('rolls back when a later statement fails', async () => {
    const { repo, database, sent } = open(4)
    database
      .expect('begin')
      .expect(/^insert/, { affected: 2 })
      .expect(/^insert/, new TypeError('the driver broke'))
    await expect(repo.insertAll(pairs, ten.slice(0, 4))).rejects.toThrow('the driver broke')
    expect(sent().map(({ sql }) => sql)).not.toContain('commit')
  })

  test('sends nothing where the last row is wrong, and names that row', async () => {
    const { repo, sent } = open(4)
    const mistakes = [
      [{}, 'COLUMN_MISSING', 'rows[10]: pairs.a has no value and no default'],
      [{ a: undefined }, 'UNDEFINED_VALUE', 'rows[10]: pairs.a is undefined'],
      [{ a: null }, 'NOT_NULLABLE', 'rows[10]: pairs.a is null'],
      [{ a: 'x' }, 'VALUE_REFUSED', 'rows[10]: pairs.a: takes a safe integer'],
      [{ a: 1, c: 1 }, 'UNKNOWN_COLUMN', 'rows[10]: pairs has no column "c"'],
      [[1, 2], 'ROW_INVALID', 'rows[10] takes an object of values'],
      [undefined, 'ROW_INVALID', 'rows[10] takes an object of values'],
    ] as const
    for (const [row, code, message] of mistakes) {
      await expect(repo.insertAll(pairs, [...ten, row as never])).rejects.toMatchObject({
        code,
        message: expect.stringContaining(message),
      })
    }
    const sparse = [...ten]
    delete sparse[9]
    await expect(repo.insertAll(pairs, sparse as never)).rejects.toMatchObject({
      code: 'ROW_INVALID',
      message: expect.stringContaining('rows[9]'),
    })
    await expect(repo.insertAll(pairs, { a: 1 } as never)).rejects.toMatchObject({
      code: 'ROW_INVALID',
    })
    expect(sent()).toEqual([])
  })

  test('counts the rows that came back where the driver does not count', async () => {
    const { repo, database } = open()
    database.expect(/^insert/, { rows: [[1, 1]], columns: ['a', 'b'] })
    expect(await repo.insertAll(pairs, [{ a: 1, b: 1 }], { returning: true })).toEqual({
      count: 1,
      rows: [{ a: 1, b: 1 }],
    })
    database.expect(/^insert/, { affected: null })
    await expect(repo.insertAll(pairs, [{ a: 1, b: 1 }])).rejects.toMatchObject({
      code: 'ADAPTER_CONTRACT',
    })
  })

  test('goes through the batch of a database that has no other transactions', async () => {
    const { repo, database } = scriptedRepo({
      features: ['batch'],
      capabilities: { maxParameters: 4, transactions: 'batch', isolationLevels: [] },
    })
    database.next('batch', [
      { columns: [], rows: [], affected: 2 },
      { columns: [], rows: [], affected: 1 },
    ])
    expect(await repo.insertAll(pairs, ten.slice(0, 3))).toEqual({ count: 3 })
    const [batch] = database.calls.filter(({ kind }) => kind === 'batch')
    expect(batch?.requests?.map(({ sql }) => rowsOf(sql))).toEqual([2, 1])
  })

  test('is refused where several statements cannot be one', async () => {
    const { repo, sent } = scriptedRepo({
      capabilities: { maxParameters: 4, transactions: 'none', isolationLevels: [] },
    })
    await expect(repo.insertAll(pairs, ten)).rejects.toMatchObject({
      name: 'UnsupportedError',
      capability: 'transactions',
      message: expect.stringContaining('insertAll'),
    })
    expect(sent()).toEqual([])
  })
})

describe('a shared value of insertAll', () => {
  const events = defineTable('events', {
    at: t.timestamp({ as: 'string' }),
    name: t.text(),
    source: t.text({ dbDefault: true }),
  })
  const at = shared('2024-05-01T10:00:00Z')
  const stored = '2024-05-01T10:00:00.000000Z'

  function openNumbered(maxParameters = 100) {
    const opened = scriptedRepo({ capabilities: { maxParameters }, adapter: { dialect: postgres } })
    opened.database
      .allow(/^(begin|commit)/)
      .allow(/^insert/, ({ sql }) => ({ affected: sql?.match(/\(\$/g)?.length ?? 0 }))
    return opened
  }

  test('is sent once where a placeholder may stand twice', async () => {
    const { repo, sent } = openNumbered()
    const rows = ['a', 'b', 'c', 'd'].map((name) => ({ at, name }))
    expect(await repo.insertAll(events, rows)).toEqual({ count: 4 })
    expect(sent()).toEqual([
      {
        sql: 'insert into "events" ("at", "name") values ($1, $2), ($1, $3), ($1, $4), ($1, $5)',
        parameters: [stored, 'a', 'b', 'c', 'd'],
      },
    ])
  })

  test('stands again where placeholders are positional', async () => {
    const { repo, sent } = open()
    await repo.insertAll(events, [
      { at, name: 'a' },
      { at, name: 'b' },
    ])
    expect(sent()[0]).toEqual({
      sql: 'insert into events (at, name) values (?, ?), (?, ?)',
      parameters: [stored, 'a', stored, 'b'],
    })
  })

  test('makes room for more rows in one statement', async () => {
    const { repo, sent } = openNumbered(9)
    const rows = Array.from({ length: 8 }, (_, i) => ({ at, name: `${i}` }))
    expect(await repo.insertAll(events, rows)).toEqual({ count: 8 })
    expect(sent()).toHaveLength(1)
    const all = Array.from({ length: 8 }, () => ({ at, name: shared('x') }))
    await repo.insertAll(events, all)
    for (const { parameters } of sent()) expect(parameters.length).toBeLessThanOrEqual(9)
  })

  test('may fill a statement to the limit alone', async () => {
    const { repo, sent } = openNumbered(2)
    const name = shared('same')
    await repo.insertAll(events, [
      { at, name },
      { at, name },
    ])
    expect(sent()).toMatchObject([{ parameters: [stored, 'same'] }])
  })

  test('keeps its place when several are shared, some are not, and one stands in two columns', async () => {
    const { repo, sent } = openNumbered()
    const [x, y] = [shared('x'), shared('y')]
    const rows = [
      { at, name: x, source: x },
      { at, name: 'own', source: y },
      { at: '2024-05-02T10:00:00Z', name: x, source: y },
    ]
    for (let round = 0; round < 2; round++) {
      await repo.insertAll(events, rows)
      expect(valuesOf(sent())).toEqual([
        [stored, 'x', 'x'],
        [stored, 'own', 'y'],
        ['2024-05-02T10:00:00.000000Z', 'x', 'y'],
      ])
    }
  })

  test('takes another statement than rows of the same columns that share nothing', async () => {
    const { repo, sent } = openNumbered()
    const own = { at: '2024-05-02T10:00:00Z', name: 'own' }
    const orders = [
      [
        { at, name: 'a' },
        { at, name: 'b' },
      ],
      [own, own],
      [{ at, name: 'a' }, own],
      [
        { at: shared(own.at), name: at },
        { at: shared(own.at), name: at },
      ],
      [
        { at, name: 'a' },
        { at, name: 'b' },
      ],
    ]
    for (const rows of orders) {
      await repo.insertAll(events, rows as never)
      expect(valuesOf(sent())).toEqual(
        rows.map((row) =>
          [row.at, row.name].map((value, i) => {
            const plain = typeof value === 'string' ? value : value.value
            return i === 0 ? plain.replace('Z', '.000000Z') : plain
          }),
        ),
      )
    }
  })

  test('is encoded once, and refused with the first row that has it', async () => {
    const { repo } = open()
    let made = 0
    const meta = defineTable('meta', { doc: t.json() })
    const doc = shared({ toJSON: () => ++made } as never)
    await repo.insertAll(meta, [{ doc }, { doc }, { doc }])
    expect(made).toBe(1)
    await expect(
      repo.insertAll(events, [
        { at, name: 'a' },
        { at: shared('never'), name: 'b' },
      ]),
    ).rejects.toMatchObject({ message: expect.stringContaining('rows[1]: events.at: ') })
  })

  test('is a default as well', async () => {
    const now = shared('2024-05-01T10:00:00Z')
    const logs = defineTable('logs', {
      at: t.timestamp({ as: 'string', default: () => now as never }),
      line: t.text(),
    })
    const { repo, sent } = openNumbered()
    await repo.insertAll(logs, [{ line: 'a' }, { line: 'b' }])
    expect(sent()[0]?.parameters).toEqual([stored, 'a', 'b'])
  })
})

describe('rows of insertAll that propose one key', () => {
  const posts = defineTable('posts', {
    id: t.id(),
    slug: t.text({ nullable: true }),
    lang: t.text({ dbDefault: true }),
    title: t.text(),
    cover: t.bytes({ nullable: true }),
    gone: t.boolean({ default: false }),
  })
  const update = { onConflict: 'replace_all_except_primary_key' } as const
  const a = { slug: 'a', lang: 'en', title: '1' }
  const b = { slug: 'b', lang: 'en', title: '2' }

  async function titles(rows: readonly object[], options: object): Promise<unknown[]> {
    const opened = open()
    await opened.repo.insertAll(posts, rows as never, options)
    return opened
      .sent()
      .filter(({ sql }) => sql.startsWith('insert'))
      .flatMap(({ parameters }) => parameters)
      .filter((value) => typeof value === 'string' && /^\d$/.test(value))
  }

  test('are refused with the rows and columns, and no value', async () => {
    const { repo, sent } = open()
    const error = await repo
      .insertAll(posts, [a, b, { ...a, title: '3' }], {
        ...update,
        conflictTarget: ['slug', 'lang'],
      })
      .catch((thrown: Error) => thrown)
    expect(error).toMatchObject({
      code: 'DUPLICATE_KEY_IN_BATCH',
      message:
        "rows[0] and rows[2] of insertAll propose the same slug, lang; send one of them, or pass duplicates: 'first' or 'last'",
    })
    expect(sent()).toEqual([])
  })

  test('are one row where asked for the first or the last', async () => {
    const rows = [a, b, { ...a, title: '3' }, { ...b, title: '4' }, { ...a, title: '5' }]
    const target = { ...update, conflictTarget: 'slug' }
    expect(await titles(rows, { ...target, duplicates: 'first' })).toEqual(['1', '2'])
    expect(await titles(rows, { ...target, duplicates: 'last' })).toEqual(['4', '5'])
  })

  test.each([
    ['null', { slug: null }],
    ['left out, so null', { slug: undefined }],
  ])('are none where the key is %s', async (_name, part) => {
    const { slug: _slug, ...rest } = { ...a, ...part }
    const row = part.slug === null ? { ...rest, slug: null } : rest
    expect(await titles([row, row], { ...update, conflictTarget: 'slug' })).toEqual(['1', '1'])
  })

  test('are none where the database makes a part of the key', async () => {
    const row = { slug: 'a', title: '1' }
    const target = { ...update, conflictTarget: ['slug', 'lang'] }
    expect(await titles([row, row], target)).toEqual(['1', '1'])
    expect(await titles([row, row], { ...update, conflictTarget: 'id' })).toEqual(['1', '1'])
  })

  test('are none outside of a partial index', async () => {
    const rows = [{ ...a, gone: true }, a, { ...a, gone: true, title: '3' }]
    const conflictTarget = { columns: 'slug', where: { gone: false } }
    expect(await titles(rows, { ...update, conflictTarget })).toEqual(['1', '1', '3'])
    await expect(titles([...rows, a], { ...update, conflictTarget })).rejects.toMatchObject({
      message: expect.stringContaining('rows[1] and rows[3]'),
    })
  })

  test('are told apart by whole values', async () => {
    const composite = { ...update, conflictTarget: ['slug', 'lang'] }
    const rows = [
      { slug: 'a"', lang: '","b', title: '1' },
      { slug: 'a', lang: '"","b', title: '2' },
    ]
    expect(await titles(rows, composite)).toEqual(['1', '2'])
    const covers = [Uint8Array.of(1, 2), Uint8Array.of(12), Uint8Array.of(1, 2)]
    const withCovers = covers.map((cover, i) => ({ ...a, cover, title: `${i}` }))
    const target = { ...update, conflictTarget: 'cover' }
    expect(await titles(withCovers.slice(0, 2), target)).toEqual(['0', '1'])
    await expect(titles(withCovers, target)).rejects.toMatchObject({
      message: expect.stringContaining('rows[0] and rows[2]'),
    })
  })

  test('are never taken for the same where a driver value is an object that core does not know', async () => {
    const { repo, database, sent } = scriptedRepo({
      adapter: {
        types: {
          codecs: {
            integer: { ddl: 'integer' },
            text: { ddl: 'text', encode: (text: string) => ({ wrapped: text }) },
          },
        },
      },
    })
    const tags = defineTable('tags', { id: t.id(), name: t.text() })
    database.allow(/^insert/, { affected: 2 })
    await repo.insertAll(tags, [{ name: 'a' }, { name: 'b' }], {
      ...update,
      conflictTarget: 'name',
    })
    expect(sent()).toHaveLength(1)
  })

  test('are the first one to "nothing", on every database', async () => {
    const rows = [a, { ...a, title: '3' }]
    expect(await titles(rows, { onConflict: 'nothing', conflictTarget: 'slug' })).toEqual([
      '1',
      '3',
    ])
  })

  test.each([
    [{}, 'OPTION_UNUSED'],
    [{ onConflict: 'nothing', conflictTarget: 'slug' }, 'OPTION_UNUSED'],
    [{ ...update, conflictTarget: { constraint: 'x' } }, 'OPTION_UNUSED'],
  ])('cannot be chosen from with %j', async (options, code) => {
    for (const duplicates of ['first', 'last']) {
      await expect(titles([a, a], { ...options, duplicates })).rejects.toMatchObject({ code })
    }
    await expect(titles([a, a], { ...options, duplicates: 'both' })).rejects.toMatchObject({
      code: 'OPTION_INVALID',
      message: "duplicates takes 'raise', 'first' or 'last'",
    })
  })
})

/** The rows that statements of `values ($1, …)` insert. */
function valuesOf(
  statements: readonly ({ sql: string; parameters: readonly unknown[] } | undefined)[],
): unknown[][] {
  return statements.flatMap((statement) =>
    statement === undefined
      ? []
      : [...statement.sql.matchAll(/\((\$[^)]*)\)/g)].map(([, row]) =>
          (row as string)
            .split(', ')
            .map((placeholder) => statement.parameters[Number(placeholder.slice(1)) - 1]),
        ),
  )
}
