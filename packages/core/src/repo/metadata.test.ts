import { inspect } from 'node:util'
import { describe, expect, test } from 'vitest'
import { scriptedRepo } from '../../test/scripted-repo.ts'
import { defineTable, t } from '../query/index.ts'
import { metadataOf } from './metadata.ts'

const posts = defineTable('posts', { id: t.id(), title: t.text() }, { prefix: 'blog' })

const found = {
  columns: ['id', 'title'],
  rows: [
    [1, 'a'],
    [2, 'b'],
  ],
  affected: 2,
}

function open() {
  const opened = scriptedRepo()
  opened.database
    .allow(/^select id from/, { columns: ['id'], rows: [[1]] })
    .allow(/^(select|insert|update|delete)/, found)
  return opened
}

async function oneRow(): Promise<{ id: number; title: string }> {
  const [row] = await open().repo.all(posts)
  if (row === undefined) throw new Error('the script has rows')
  return row
}

describe('metadataOf', () => {
  test('tells what every loaded row of a table shares', async () => {
    const row = await oneRow()
    expect(metadataOf(row)).toEqual({
      table: posts,
      source: 'posts',
      prefix: 'blog',
      state: 'loaded',
    })
    expect(Object.isFrozen(metadataOf(row))).toBe(true)
  })

  test('is one object for the rows of all calls on a table in one schema', async () => {
    const { repo } = open()
    const values = { title: 'a' }
    const rows = [
      ...(await repo.all(posts)),
      await repo.get(posts, 1),
      ...(await repo.all(posts, { select: ['id'] })),
      await repo.insert(posts, values),
      ...(await repo.insertAll(posts, [values], { returning: true })).rows,
      await repo.update(posts, 1, values),
      await repo.delete(posts, 1),
      ...(await repo.updateAll(posts, { all: true, set: values, returning: true })).rows,
      ...(await repo.deleteAll(posts, { all: true, returning: true })).rows,
    ]
    expect(rows.length).toBeGreaterThan(12)
    expect(new Set(rows.map((row) => metadataOf(row as object))).size).toBe(1)
    const [other] = await repo.withPrefix('t').all(posts)
    expect(metadataOf(other as object)).toMatchObject({ prefix: 't' })
  })

  test('is undefined for rows of raw queries, for copies and for anything else', async () => {
    const { repo } = open()
    const { rows } = await repo.query('select *')
    const row = await oneRow()
    for (const other of [rows[0] as object, { ...row }, structuredClone(row), {}, [], () => {}]) {
      expect(metadataOf(other)).toBeUndefined()
    }
  })

  test('leaves the row a plain object to every check', async () => {
    const row = await oneRow()
    const plain = { id: 1, title: 'a' }
    expect(row).toEqual(plain)
    expect(row).toStrictEqual(plain)
    expect(Object.getPrototypeOf(row)).toBe(Object.prototype)
    expect(Object.keys(row)).toEqual(['id', 'title'])
    expect(JSON.stringify(row)).toBe('{"id":1,"title":"a"}')
    expect({ ...row }).toEqual(plain)
    expect(Reflect.ownKeys({ ...row })).toEqual(['id', 'title'])
    expect(structuredClone(row)).toEqual(plain)
    expect(Object.assign({}, row)).toEqual(plain)
    expect(inspect(row)).toBe("{ id: 1, title: 'a' }")
    const properties: string[] = []
    for (const property in row) properties.push(property)
    expect(properties).toEqual(['id', 'title'])
  })

  test('survives that the row is changed or frozen', async () => {
    const row = await oneRow()
    row.title = 'changed'
    Object.freeze(row)
    expect(metadataOf(row)?.source).toBe('posts')
  })

  test('cannot be given by an object of input', () => {
    const input = JSON.parse('{"mortise.metadata": {"state": "loaded"}}')
    expect(metadataOf(input)).toBeUndefined()
  })
})
