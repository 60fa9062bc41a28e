import { describe, expect, it } from 'vitest'
import { flush } from '../../test/fake-clock.ts'
import { rejection, scopeRepo } from '../../test/scope-harness.ts'
import { Deferred, type ScriptedCall, ScriptedError } from '../../test/scripted-connection.ts'

const stale = () => new ScriptedError({ kind: 'stale_statement', code: '0A000' })

function prepare(call: ScriptedCall): object {
  const statement = call.request?.statement
  if (statement !== undefined) statement.handle ??= `handle ${statement.id}`
  return {}
}

const handles = (calls: readonly ScriptedCall[]) =>
  calls.flatMap(({ request }) => request?.statement?.id ?? [])

describe.each([
  ['later', false],
  ['at once', true],
])('a stale statement on a driver that answers %s', (_name, sync) => {
  it('is prepared anew and run once more, without the caller knowing', async () => {
    const { repo, database } = scopeRepo({ sync })
    database.expect('select', prepare).expect('select', stale()).allow(/./, prepare)
    await repo.query('select')
    await repo.query('select')
    expect(handles(database.calls)).toEqual([1, 1, 2])
    expect(repo.stats().statements.heals).toBe(1)
    expect(database.log('deallocate')).toHaveLength(1)
  })

  it('is healed once, not for ever', async () => {
    const { repo, database, sent } = scopeRepo({ sync })
    database.allow('select', stale)
    expect(await rejection(repo.query('select'))).toMatchObject({
      kind: 'stale_statement',
      retryable: true,
    })
    expect(sent()).toEqual(['select', 'select'])
  })

  it('is healed in a checkout', async () => {
    const { repo, database, sent } = scopeRepo({ sync })
    database.expect('select', stale()).allow(/./, prepare)
    await repo.checkout((held) => held.query('select'))
    expect(sent()).toEqual(['select', 'select'])
  })

  it('fails its transaction, which may be run again as a whole', async () => {
    const { repo, database, sent } = scopeRepo({ sync })
    database.expect('begin').expect('select', stale()).allow(/./, prepare)
    await repo.transaction((tx) => tx.query('select'), {
      retry: { attempts: 2, minDelayMs: 0, maxDelayMs: 0 },
    })
    expect(sent()).toEqual(['begin', 'select', 'rollback', 'begin', 'select', 'commit'])
    expect(repo.stats().statements.heals).toBe(0)
  })
})

it('is not healed with calls in flight behind it, which would come before it then', async () => {
  const { repo, database, sent } = scopeRepo({ capabilities: { pipelining: 4 } })
  const answers = [new Deferred<object>(), new Deferred<object>()]
  database.expect('select', answers[0]).expect('behind', answers[1])
  await repo.checkout(async (held) => {
    const select = rejection(held.query('select'))
    const behind = held.query('behind')
    answers[0]?.reject(stale())
    expect(await select).toMatchObject({ kind: 'stale_statement', retryable: true })
    answers[1]?.resolve({})
    await behind
  })
  expect(sent()).toEqual(['select', 'behind'])
})

it('is healed with calls waiting behind it, which are sent after it', async () => {
  const { repo, database, sent } = scopeRepo()
  database.expect('select', stale()).allow(/./, prepare)
  await repo.checkout((held) => Promise.all([held.query('select'), held.query('behind')]))
  expect(sent()).toEqual(['select', 'select', 'behind'])
})

it('is not healed for a caller who has gone', async () => {
  const { repo, database, sent } = scopeRepo()
  const answer = new Deferred<object>()
  database.expect('select', answer)
  const controller = new AbortController()
  const done = rejection(repo.query('select', [], { signal: controller.signal }))
  await flush()
  answer.reject(stale())
  controller.abort()
  expect(await done).toMatchObject({ code: 'ABORTED' })
  expect(sent()).toEqual(['select'])
})
