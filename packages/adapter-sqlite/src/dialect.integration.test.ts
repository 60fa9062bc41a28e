import type { ColumnDefinition, LogicalType, Operation, RawExpression } from '@mortise/core/adapter'
import { describe, expect, it } from 'vitest'
import { dialect } from './dialect.ts'
import { failure, fixtures, places, rows, run } from './testing/fixture.ts'

const table = (name: string, prefix?: string) => ({ kind: 'table', name, prefix }) as const
const column = (name: string, type: LogicalType, parts: Partial<ColumnDefinition> = {}) => ({
  name,
  type,
  nullable: true,
  ...parts,
})
const raw = (sql: string): RawExpression => ({ kind: 'raw', parts: [sql] })

describe.each(places)('the dialect ($driver, $place)', (place) => {
  const fixture = fixtures()

  const setUp = async () => {
    const database = fixture(place)
    const connection = await database.connect()
    const send = (operation: Operation, values: readonly unknown[] = []) => {
      const { sql, slots } = dialect.compile(operation)
      return run(
        connection,
        sql,
        slots.map((slot) => values[slot]),
      )
    }
    return { database, connection, send }
  }

  it('makes STRICT tables of every type', async () => {
    const { database, connection, send } = await setUp()
    await send({
      kind: 'create_table',
      table: table('t'),
      columns: [
        column('id', { name: 'integer' }, { nullable: false, identity: 'byDefault' }),
        column('flag', { name: 'boolean' }, { default: { kind: 'literal', value: true } }),
        column('mood', { name: 'enum', values: ['ok', "it's"] }),
        column('big', { name: 'bigint' }),
        column('ratio', { name: 'float' }),
        column('price', { name: 'decimal', precision: 10, scale: 2 }),
        column('title', { name: 'text', length: 5 }, { nullable: false }),
        column('data', { name: 'bytes' }),
        column('uid', { name: 'uuid' }),
        column('meta', { name: 'json' }),
        column('day', { name: 'date' }),
        column('at', { name: 'time' }),
        column('made', { name: 'timestamp' }, { default: raw('current_timestamp') }),
        column('twice', { name: 'integer' }, { generatedAs: raw('id * 2') }),
      ],
      primaryKey: ['id'],
    })
    expect(await rows(connection, "select strict from pragma_table_list('t')")).toEqual([[1]])
    await run(connection, "insert into t (title, mood) values ('a', 'it''s')")
    expect(
      await rows(connection, 'select id, flag, mood, twice, made = datetime(made) from t'),
    ).toEqual([[1, 1, "it's", 2, 1]])
    for (const [sql, kind] of [
      ["insert into t (title, flag) values ('a', 2)", 'check_violation'],
      ["insert into t (title, mood) values ('a', 'bad')", 'check_violation'],
      ["insert into t (title, ratio) values ('a', 'x')", 'data'],
      ['insert into t (mood) values (null)', 'not_null_violation'],
    ] as const) {
      expect(await failure(database, () => run(connection, sql)), sql).toMatchObject({ kind })
    }
  })

  it('makes keys, checks and indexes, and drops what it made', async () => {
    const { database, connection, send } = await setUp()
    await send({
      kind: 'create_table',
      table: table('parent'),
      columns: [column('a', { name: 'integer' }), column('b', { name: 'text' })],
      primaryKey: ['a', 'b'],
    })
    await send({
      kind: 'create_table',
      table: table('child'),
      columns: [column('a', { name: 'integer' }), column('b', { name: 'text' })],
      primaryKey: [],
      unique: [{ name: 'one of each', columns: ['a', 'b'] }],
      checks: [{ name: 'a > 0', expression: raw('a > 0') }],
      foreignKeys: [
        {
          columns: ['a', 'b'],
          references: table('parent'),
          referencedColumns: ['a', 'b'],
          deferred: true,
        },
      ],
    })
    await send({
      kind: 'create_index',
      name: 'live',
      table: table('child', 'main'),
      columns: ['a'],
      unique: true,
      where: {
        kind: 'compare',
        operator: '>',
        left: { kind: 'column', name: 'a' },
        right: { kind: 'literal', value: 5 },
      },
    })
    expect(
      await failure(database, () => run(connection, "insert into child values (0, 'x')")),
    ).toMatchObject({ kind: 'check_violation', constraint: 'a > 0' })
    expect(
      await failure(database, () => run(connection, "insert into child values (1, 'x')")),
    ).toMatchObject({ kind: 'foreign_key_violation' })
    await send({ kind: 'drop_table', table: table('child') })
    await send({ kind: 'drop_table', table: table('child'), ifExists: true })
  })

  it('upserts by column, by partial index and without a target', async () => {
    const { connection, send } = await setUp()
    await run(connection, 'create table t (id integer primary key, a text, n integer) strict')
    await run(connection, 'create unique index i on t (a) where n > 5')
    const insert = (onConflict: Extract<Operation, { kind: 'insert' }>['onConflict']) =>
      send(
        {
          kind: 'insert',
          table: table('t'),
          columns: ['id', 'a', 'n'],
          rows: [
            [
              { kind: 'slot', slot: 0 },
              { kind: 'slot', slot: 1 },
              { kind: 'slot', slot: 2 },
            ],
          ],
          onConflict,
          returning: ['id', 'n'],
          primaryKey: ['id'],
        },
        [1n, 'x', 7n],
      )
    const more = [
      {
        column: 'n',
        value: {
          kind: 'add',
          left: { kind: 'column', name: 'n' },
          right: { kind: 'excluded', name: 'n' },
        },
      },
    ] as const
    expect((await insert(undefined)).rows).toEqual([[1, 7]])
    expect((await insert({ kind: 'nothing' })).rows).toEqual([])
    const byId = { kind: 'columns', columns: ['id'] } as const
    expect((await insert({ kind: 'update', target: byId, set: more })).rows).toEqual([[1, 14]])
    expect((await insert({ kind: 'update', set: more })).rows).toEqual([[1, 21]])
    const partial = {
      kind: 'columns',
      columns: ['a'],
      where: {
        kind: 'compare',
        operator: '>',
        left: { kind: 'column', name: 'n' },
        right: { kind: 'literal', value: 5 },
      },
    } as const
    expect((await insert({ kind: 'nothing', target: partial })).rows).toEqual([])
  })

  it('qualifies names by an attached database', async () => {
    const { connection, send } = await setUp()
    await run(connection, 'create temp table t (a integer)')
    await send(
      {
        kind: 'insert',
        table: table('t', 'temp'),
        columns: ['a'],
        rows: [[{ kind: 'slot', slot: 0 }]],
        primaryKey: [],
      },
      [5n],
    )
    const { rows } = await send({
      kind: 'select',
      table: table('t', 'temp'),
      columns: [{ kind: 'column', name: 'a' }],
      offset: { kind: 'literal', value: 0 },
    })
    expect(rows).toEqual([[5]])
  })

  it('holds names of as many bytes as the manifest says, and no more', async () => {
    const { database, connection } = await setUp()
    const { maxIdentifierBytes } = database.adapter.capabilities
    const longest = 'ä'.repeat(maxIdentifierBytes / 2)
    await run(connection, `create table ${dialect.quoteIdentifier(longest)} (a)`)
    expect(await rows(connection, 'select name from sqlite_schema')).toEqual([[longest]])
    expect(() => dialect.quoteIdentifier(`${longest}a`)).toThrow('bytes')
  })

  it('refuses to calculate with decimals', () => {
    expect(() =>
      dialect.compile({
        kind: 'update',
        table: table('t'),
        set: [
          {
            column: 'price',
            value: {
              kind: 'add',
              left: { kind: 'column', name: 'price' },
              right: { kind: 'slot', slot: 0, type: { name: 'decimal' } },
            },
          },
        ],
      }),
    ).toThrow('REAL')
  })
})
