import { describe, expect, test } from 'vitest'
import { scriptedRepo } from '../../test/scripted-repo.ts'
import type { Capabilities } from '../contract/index.ts'
import { defineTable, t } from '../query/index.ts'

const posts = defineTable('posts', { id: t.id(), title: t.text() })
const bigs = defineTable('bigs', { id: t.id({ as: 'bigint' }), title: t.text() })
const returning = { insert: 'emulated', update: 'emulated', delete: 'emulated' } as const

function open(capabilities: Partial<Capabilities> = {}) {
  return scriptedRepo({ capabilities: { returning, lastInsertId: 'native', ...capabilities } })
}

const read = { columns: ['id', 'title'], rows: [[7, 'a']] }

describe('a row that is read back', () => {
  test('is inserted and read in one transaction, by the id that was made', async () => {
    const { repo, database, sent } = open()
    database
      .expect('begin')
      .expect('insert into posts (title) values (?)', { affected: 1, lastInsertId: 7 })
      .expect('select id, title from posts where id = ?', read)
      .expect('commit')
    expect(await repo.insert(posts, { title: 'a' })).toEqual({ id: 7, title: 'a' })
    expect(sent()[2]?.parameters).toEqual([7])
  })

  test('has its id in the form of the column, exactly', async () => {
    for (const [table, id, parameter] of [
      [posts, 7n, 7],
      [bigs, 2n ** 60n, 2n ** 60n],
      [bigs, 7, 7n],
    ] as const) {
      const { repo, database, sent } = open()
      database
        .allow(/^(begin|commit)/)
        .expect(/^insert/, { affected: 1, lastInsertId: id })
        .expect(/^select/, { columns: ['id', 'title'], rows: [[parameter, 'a']] })
      await repo.insert(table, { title: 'a' })
      expect(sent()[2]?.parameters).toEqual([parameter])
    }
    const { repo, database } = open()
    database.allow(/^(begin|rollback)/).expect(/^insert/, { affected: 1, lastInsertId: 2n ** 60n })
    await expect(repo.insert(posts, { title: 'a' })).rejects.toMatchObject({
      code: 'VALUE_REFUSED',
      message: expect.stringContaining('the last inserted id: posts.id'),
    })
  })

  test('is not made up where the driver tells no id', async () => {
    const { repo, database } = open()
    database
      .expect('begin')
      .expect(/^insert/, { affected: 1 })
      .expect('rollback')
    await expect(repo.insert(posts, { title: 'a' })).rejects.toMatchObject({
      code: 'ADAPTER_CONTRACT',
    })
    const absent = open({ lastInsertId: 'absent' })
    await expect(absent.repo.insert(posts, { title: 'a' })).rejects.toMatchObject({
      capability: 'returning.insert',
    })
    expect(absent.sent()).toEqual([])
  })

  test('is not read where an update found nothing, unless the database counts changes only', async () => {
    const matched = open()
    matched.database
      .allow(/^(begin|commit)/)
      .expect('update posts set title = ? where id = ?', { affected: 0 })
    expect(await matched.repo.update(posts, 7, { title: 'a' })).toBeUndefined()
    const changed = open({ affected: 'changed' })
    changed.database
      .allow(/^(begin|commit)/)
      .expect(/^update/, { affected: 0 })
      .expect(/^select/, read)
    expect(await changed.repo.update(posts, 7, { title: 'a' })).toEqual({ id: 7, title: 'a' })
  })

  test('is locked before it is deleted, where that can be, and is nobody else’s', async () => {
    const { repo, database } = open()
    database
      .allow(/^(begin|commit)/)
      .expect('select id, title from posts where id = ? for update', read)
      .expect('delete from posts where id = ?', { affected: 0 })
    expect(await repo.delete(posts, 7)).toBeUndefined()
    const unlocked = open({ rowLocks: ['share'] })
    unlocked.database
      .allow(/^(begin|commit)/)
      .expect('select id, title from posts where id = ?', read)
      .expect('delete from posts where id = ?', { affected: 1 })
    expect(await unlocked.repo.delete(posts, 7)).toEqual({ id: 7, title: 'a' })
  })

  test('is one of few in a statement where parameters are few', async () => {
    const { repo, database, sent } = open({ maxParameters: 3 })
    database
      .allow(/^(begin|commit)/)
      .expect('select id from posts for update', {
        columns: ['id'],
        rows: [[1], [2], [3]],
      })
      .allow(/^update/, ({ request }) => ({ affected: (request?.parameters.length ?? 0) - 1 }))
      .allow(/^select/, { columns: ['title'], rows: [['x']] })
    const answer = await repo.updateAll(posts, {
      all: true,
      set: { title: 'x' },
      returning: ['title'],
    })
    expect(answer.count).toBe(3)
    expect(
      sent()
        .filter(({ sql }) => sql.startsWith('update'))
        .map(({ parameters }) => parameters),
    ).toEqual([
      ['x', 1, 2],
      ['x', 3],
    ])
  })
})
