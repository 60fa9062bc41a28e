import { defineTable, jsonNull, type Repo, sql, t } from '@mortise/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { databases, openRepo } from './databases.ts'

const things = defineTable('things', {
  id: t.id({ as: 'bigint' }),
  flag: t.boolean({ nullable: true }),
  small: t.integer({ bits: 16, nullable: true }),
  whole: t.integer({ nullable: true }),
  big: t.bigint({ nullable: true }),
  bigText: t.bigint({ as: 'string', nullable: true }),
  ratio: t.float({ nullable: true }),
  price: t.decimal({ nullable: true }),
  scaled: t.decimal({ precision: 10, scale: 2, nullable: true }),
  name: t.text({ nullable: true }),
  blob: t.bytes({ nullable: true }),
  uuid: t.uuid({ nullable: true }),
  doc: t.json({ nullable: true }),
  docText: t.json({ as: 'text', nullable: true }),
  day: t.date({ nullable: true }),
  time: t.time({ nullable: true }),
  at: t.timestamp({ nullable: true }),
  exactAt: t.timestamp({ as: 'string', nullable: true }),
  kind: t.enum(['a', 'b', ''], { nullable: true }),
})

const schema = `
  create table things (
    id integer primary key, flag integer, small integer, whole integer, big integer, bigText integer,
    ratio real, price text, scaled text, name text, blob blob, uuid text, doc text, docText text,
    day text, time text, at text, exactAt text, kind text
  ) strict;
  create table loose (id integer primary key, name, n);
`

const nothing = {
  flag: null,
  small: null,
  whole: null,
  big: null,
  bigText: null,
  ratio: null,
  price: null,
  scaled: null,
  name: null,
  blob: null,
  uuid: null,
  doc: null,
  docText: null,
  day: null,
  time: null,
  at: null,
  exactAt: null,
  kind: null,
}

/** Values by column that are read as they are written. */
const values = {
  flag: [true, false],
  small: [-32768, 0, 32767],
  whole: [Number.MIN_SAFE_INTEGER, -1, 0, Number.MAX_SAFE_INTEGER],
  big: [-(2n ** 63n), 0n, 2n ** 63n - 1n],
  bigText: ['-9223372036854775808', '0', '9223372036854775807'],
  ratio: [0, 1, -1.5, 5e-324, 1.7976931348623157e308, 2 ** 53 + 2, Number.POSITIVE_INFINITY],
  price: ['0', '-0.10', '123456789012345678901234567890.123456789'],
  scaled: ['0.00', '12345678.90', '-1.05'],
  name: ['', 'a\0b', '😀', "it's", '0012'],
  blob: [new Uint8Array(), Uint8Array.of(0, 255, 128)],
  uuid: ['00000000-0000-0000-0000-000000000000', '6ba7b810-9dad-11d1-80b4-00c04fd430c8'],
  doc: [{}, [], { a: [1, 'x', null, { b: true }] }, 'text', 0, false, { ['__proto__']: 1 }],
  docText: ['{"a": 12345678901234567890.5 }', '[]', 'null'],
  day: ['2024-02-29', '0001-01-01', '9999-12-31'],
  time: ['00:00:00', '23:59:59.999999', '10:00:00.250000'],
  at: [new Date(0), new Date('2024-05-01T10:00:00.123Z'), new Date(-1)],
  exactAt: ['2024-05-01T10:00:00.123456Z', '1969-12-31T23:59:59.999999Z'],
  kind: ['a', ''],
} as const

// biome-ignore lint/suspicious/noExplicitAny: values of every column are given to one call
type Any = any

describe.each(databases)('typed columns on %s', (_name, adapter) => {
  const open = (): Promise<Repo> => openRepo(adapter(), schema)

  test.each(Object.entries(values))(
    '%s is read as it was written, in every way',
    async (column, list) => {
      const repo = await open()
      for (const [i, value] of list.entries()) {
        const id = BigInt(i)
        const row = { id, ...nothing, [column]: value }
        expect(await repo.insert(things, { id, [column]: value } as Any)).toEqual(row)
        expect(await repo.get(things, id)).toEqual(row)
        expect(await repo.update(things, id, { [column]: value } as Any)).toEqual(row)
        expect(
          (
            await repo.insertAll(things, [row as Any], {
              onConflict: 'replace_all',
              conflictTarget: 'id',
              returning: true,
            })
          ).rows,
        ).toEqual([row])
        const where = { [column]: { eq: value } } as Any
        expect((await repo.all(things, { where })).map((found) => found.id)).toEqual([id])
        expect(await repo.updateAll(things, { where, set: { [column]: null } as Any })).toEqual({
          count: 1,
        })
        expect(await repo.get(things, id)).toEqual({ id, ...nothing })
      }
    },
  )

  test('a row of all columns goes around, whatever it holds', async () => {
    const repo = await open()
    const row = fc.record(
      Object.fromEntries(
        Object.entries(values).map(([column, list]) => [
          column,
          fc.option(fc.constantFrom(...(list as readonly unknown[]))),
        ]),
      ),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(row, { minLength: 1, maxLength: 5 }), async (rows) => {
        const { rows: written } = await repo.insertAll(things, rows as Any, { returning: true })
        expect(written.map(({ id: _id, ...rest }) => rest)).toEqual(rows)
        const ids = written.map(({ id }) => id)
        expect(await repo.all(things, { where: { id: ids }, orderBy: 'id' })).toEqual(written)
      }),
      { numRuns: 100 },
    )
  })

  test("JSON's null is a document, and null is SQL's", async () => {
    const repo = await open()
    await repo.insertAll(things, [
      { id: 1n, doc: jsonNull, docText: 'null' },
      { id: 2n, doc: null, docText: null },
    ])
    const { rows } = await repo.query(sql`select doc, docText from ${things} order by id`)
    expect(rows).toEqual([
      { doc: 'null', docText: 'null' },
      { doc: null, docText: null },
    ])
    expect(await repo.count(things, { where: { doc: { eq: jsonNull } } })).toBe(1)
    expect(await repo.count(things, { where: { doc: null } })).toBe(1)
  })

  test.each<[string, unknown]>([
    ['flag', 1],
    ['small', 40_000],
    ['whole', 1.5],
    ['whole', 2 ** 53],
    ['whole', -0],
    ['whole', '1'],
    ['big', 2n ** 63n],
    ['ratio', Number.NaN],
    ['ratio', -0],
    ['price', '1e5'],
    ['price', 1.5],
    ['scaled', '1.234'],
    ['name', '\ud800'],
    ['name', 5],
    ['blob', 'text'],
    ['uuid', 'no'],
    ['doc', { a: Number.NaN }],
    ['doc', { a: 1n }],
    ['docText', '{'],
    ['day', '2023-02-29'],
    ['time', '24:00:00'],
    ['at', new Date(Number.NaN)],
    ['exactAt', 'yesterday'],
    ['kind', 'c'],
  ])(
    '%s refuses what it cannot hold exactly (%s), naming the column and not the value',
    async (column, value) => {
      const repo = await open()
      await repo.insert(things, { id: 1n })
      const shown =
        typeof value === 'bigint' || typeof value === 'number' ? String(value) : undefined
      for (const call of [
        () => repo.insert(things, { [column]: value } as Any),
        () => repo.insertAll(things, [{ [column]: value } as Any]),
        () => repo.update(things, 1n, { [column]: value } as Any),
        () => repo.updateAll(things, { all: true, set: { [column]: value } as Any }),
        () => repo.all(things, { where: { [column]: { eq: value } } as Any }),
      ]) {
        const error = await call().then(
          () => undefined,
          (thrown: Error) => thrown,
        )
        expect(error).toMatchObject({ name: 'ValueError', code: 'VALUE_REFUSED' })
        expect(error?.message).toContain(`things.${column}`)
        if (shown !== undefined && shown.length > 4) expect(error?.message).not.toContain(shown)
      }
      expect(await repo.all(things)).toEqual([{ id: 1n, ...nothing }])
    },
  )

  test('a stored value that does not fit its column raises an error that names the place', async () => {
    const repo = await open()
    const stored: readonly (readonly [string, unknown])[] = [
      ['flag', 2],
      ['whole', 2n ** 60n],
      ['price', 'dear'],
      ['uuid', 'none'],
      ['doc', '{'],
      ['doc', '{"n": 12345678901234567890}'],
      ['day', 'today'],
      ['time', 'noon'],
      ['at', 'then'],
      ['kind', 'z'],
    ]
    for (const [column, value] of stored) {
      await repo.query(sql`delete from ${things}`)
      await repo.query(
        sql`insert into ${things} (id, ${sql.id(column)}) values (1, ${value as Any})`,
      )
      for (const call of [
        () => repo.get(things, 1n),
        () => repo.all(things),
        () => repo.update(things, 1n, { name: 'x' }),
        () => repo.deleteAll(things, { where: { id: 1n }, returning: true }),
      ]) {
        await expect(call()).rejects.toMatchObject({
          name: 'ValueError',
          message: expect.stringMatching(new RegExp(`things\\.${column}:|"${column}"`)),
        })
      }
      await repo.query(sql`delete from ${things}`)
    }
  })

  test('a raw integer that no number can hold raises an error that names the option', async () => {
    const repo = await open()
    await repo.query(sql`insert into loose values (1, 'a', ${2n ** 60n})`)
    await expect(repo.query(sql`select n from loose`)).rejects.toMatchObject({
      name: 'ValueError',
      message: expect.stringMatching(/n.*integers: 'bigint'/s),
    })
    expect(
      (await repo.query(sql`select n from loose`, { integers: 'bigint' } as Any)).rows,
    ).toEqual([{ n: 2n ** 60n }])
    expect((await repo.query(sql`select id, name from loose`)).rows).toEqual([{ id: 1, name: 'a' }])
  })
})
