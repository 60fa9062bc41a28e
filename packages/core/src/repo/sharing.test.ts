import { describe, expect, it } from 'vitest'
import {
  Deferred,
  ScriptedError,
  type ScriptedResult,
  scripted,
} from '../../test/scripted-connection.ts'
import { defineTable, t } from '../query/index.ts'
import { createRepo } from './create-repo.ts'
import type { Repo } from './repo.ts'

const posts = defineTable('posts', { id: t.id(), title: t.text() })

/** A repo of one connection on which every statement waits for the test. */
function setup(pipelining = 8) {
  const answers: Deferred<ScriptedResult>[] = []
  const database = scripted({ capabilities: { pipelining } })
  database.allow(/select/, () => {
    const answer = new Deferred<ScriptedResult>()
    answers.push(answer)
    return answer
  })
  const repo: Repo = createRepo({ adapter: database.adapter, pool: { size: 1 } })
  const row = { columns: ['id', 'title'], rows: [[1, 'one']] }
  return { repo, database, answers, row }
}

async function sent(answers: readonly unknown[], count: number): Promise<void> {
  for (let turn = 0; turn < 50 && answers.length < count; turn++) await Promise.resolve()
  expect(answers).toHaveLength(count)
}

describe('single statements on a driver that sends without waiting', () => {
  it('share a busy connection, and each gets its own answer', async () => {
    const { repo, answers, row } = setup()
    const first = repo.get(posts, 1)
    await sent(answers, 1)
    const others = [repo.get(posts, 2), repo.get(posts, 3)]
    await sent(answers, 3)
    expect(repo.stats().pool).toMatchObject({ inUse: 1, waiting: 0 })
    for (const answer of answers) answer.resolve(row)
    expect(await Promise.all([first, ...others])).toHaveLength(3)
    expect(repo.stats().pool).toMatchObject({ inUse: 0, idle: 1 })
    await repo.close()
  })

  it('come in together when they waited for the first connection, in the order of their calls', async () => {
    const { repo, database, answers, row } = setup()
    const calls = [1, 2, 3, 4].map((id) => repo.get(posts, id))
    await sent(answers, 4)
    const asked = database.calls.flatMap(({ request }) => request?.parameters ?? [])
    expect(asked).toEqual([1, 2, 3, 4])
    for (const answer of answers) answer.resolve(row)
    await Promise.all(calls)
    await repo.close()
  })

  it('join nobody on a connection that an error left unfit', async () => {
    const { repo, database, answers, row } = setup()
    const first = repo.get(posts, 1)
    await sent(answers, 1)
    const second = repo.get(posts, 2)
    await sent(answers, 2)
    answers[0]?.reject(new ScriptedError({ kind: 'connection_lost' }))
    await expect(first).rejects.toMatchObject({ kind: 'connection_lost' })
    const third = repo.get(posts, 3)
    for (let turn = 0; turn < 50; turn++) await Promise.resolve()
    expect(answers).toHaveLength(2)
    answers[1]?.resolve(row)
    await second
    await sent(answers, 3)
    expect(database.connections).toHaveLength(2)
    answers[2]?.resolve(row)
    await third
    await repo.close()
  })

  it('share no more than the manifest allows', async () => {
    const { repo, answers, row } = setup(2)
    const calls = [1, 2, 3].map((id) => repo.get(posts, id))
    await sent(answers, 2)
    expect(repo.stats().pool.waiting).toBe(1)
    for (const answer of answers) answer.resolve(row)
    await sent(answers, 3)
    answers[2]?.resolve(row)
    await Promise.all(calls)
    await repo.close()
  })

  it('never share where the driver answers one call at a time', async () => {
    const { repo, answers, row } = setup(1)
    const calls = [repo.get(posts, 1), repo.get(posts, 2)]
    await sent(answers, 1)
    expect(repo.stats().pool.waiting).toBe(1)
    answers[0]?.resolve(row)
    await sent(answers, 2)
    answers[1]?.resolve(row)
    await Promise.all(calls)
    await repo.close()
  })

  it('wait behind a transaction that waits for the whole connection', async () => {
    const { repo, database, answers, row } = setup()
    database.allow(/begin|commit/)
    const first = repo.get(posts, 1)
    await sent(answers, 1)
    const order: string[] = []
    const transaction = repo.transaction(() => {
      order.push('transaction')
    })
    const behind = repo.get(posts, 2).then(() => order.push('get'))
    for (let turn = 0; turn < 50; turn++) await Promise.resolve()
    expect(answers).toHaveLength(1)
    answers[0]?.resolve(row)
    await first
    await transaction
    await sent(answers, 2)
    answers[1]?.resolve(row)
    await behind
    expect(order).toEqual(['transaction', 'get'])
    await repo.close()
  })

  it("leave texts of the caller's own, and calls with limits of their own, a connection to themselves", async () => {
    const { repo, answers, row } = setup()
    const first = repo.get(posts, 1)
    await sent(answers, 1)
    const own = [
      repo.query('select set_config(1)'),
      repo.get(posts, 2, { timeoutMs: 60_000 }),
      repo.get(posts, 3, { signal: new AbortController().signal }),
    ]
    for (let turn = 0; turn < 50; turn++) await Promise.resolve()
    expect(answers).toHaveLength(1)
    expect(repo.stats().pool.waiting).toBe(3)
    for (let i = 0; i < 4; i++) {
      await sent(answers, i + 1)
      answers[i]?.resolve(row)
    }
    await Promise.all([first, ...own])
    await repo.close()
  })

  it('never join a connection that a transaction holds', async () => {
    const { repo, database, answers, row } = setup()
    database.allow(/begin|commit/)
    const entered = new Deferred<void>()
    const leave = new Deferred<void>()
    const transaction = repo.transaction(async () => {
      entered.resolve()
      await leave.promise
    })
    await entered.promise
    const call = repo.get(posts, 1)
    for (let turn = 0; turn < 50; turn++) await Promise.resolve()
    expect(answers).toHaveLength(0)
    leave.resolve()
    await transaction
    await sent(answers, 1)
    answers[0]?.resolve(row)
    await call
    await repo.close()
  })
})
