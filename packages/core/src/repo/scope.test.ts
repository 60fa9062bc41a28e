import { AsyncLocalStorage } from 'node:async_hooks'
import { getEventListeners } from 'node:events'
import { describe, expect, it, vi } from 'vitest'
import { flush } from '../../test/fake-clock.ts'
import { fakeTime, rejection, scopeRepo } from '../../test/scope-harness.ts'
import { Deferred, ScriptedError } from '../../test/scripted-connection.ts'
import { defineTable, sql, t } from '../query/index.ts'
import type { Repo } from './repo.ts'

const unique = () => new ScriptedError({ kind: 'unique_violation', code: '23505' })
const failedBefore = () => new ScriptedError({ kind: 'transaction_failed', code: '25P02' })

describe('the order of calls in a scope', () => {
  it('is the order they were made in, one at a time where the driver does not pipeline', async () => {
    const { repo, database, sent } = scopeRepo()
    const first = new Deferred<object>()
    database.allow('one', first).allow(/./)
    const done = repo.transaction((tx) =>
      Promise.all([tx.query('one'), repo.query('two'), tx.query('three')]),
    )
    await flush()
    expect(sent()).toEqual(['begin', 'one'])
    first.resolve({})
    await done
    expect(sent()).toEqual(['begin', 'one', 'two', 'three', 'commit'])
  })

  it('fills the pipeline and no more', async () => {
    const { repo, database, sent } = scopeRepo({ capabilities: { pipelining: 2 } })
    const answers = [new Deferred<object>(), new Deferred<object>(), new Deferred<object>()]
    database.expect('begin').expect('a', answers[0]).expect('b', answers[1]).expect('c', answers[2])
    database.allow(/./)
    const done = repo.transaction((tx) => Promise.all(['a', 'b', 'c'].map((sql) => tx.query(sql))))
    await flush()
    expect(sent()).toEqual(['begin', 'a', 'b'])
    answers[0]?.resolve({})
    await flush()
    expect(sent()).toEqual(['begin', 'a', 'b', 'c'])
    answers[1]?.resolve({})
    answers[2]?.resolve({})
    await done
  })

  it('is kept for any number of calls on a driver that answers at once', async () => {
    const { repo, database, sent } = scopeRepo({ sync: true })
    database.allow(/./)
    await repo.transaction(async (tx) => {
      void tx.transaction(() => flush())
      await Promise.all(Array.from({ length: 20_000 }, (_, i) => tx.query(`${i}`)))
    })
    expect(sent()).toHaveLength(20_004)
  })

  it('is kept for floating calls: they are waited for before the commit', async () => {
    const { repo, database, sent } = scopeRepo()
    database.allow(/./)
    await repo.transaction(async (tx) => {
      void tx.query('one')
      void tx.transaction((inner) => inner.query('two'))
      void tx.query('three')
    })
    expect(sent()).toEqual([
      'begin',
      'one',
      'savepoint mortise_1',
      'two',
      'release mortise_1',
      'three',
      'commit',
    ])
  })

  it('has one open child: siblings and calls on the parent queue behind it', async () => {
    const { repo, database, sent } = scopeRepo({ capabilities: { pipelining: 4 } })
    database.allow(/./)
    await repo.transaction((tx) =>
      Promise.all([
        tx.query('before'),
        tx.transaction(async (inner) => {
          await inner.query('first')
          await flush()
        }),
        tx.query('between'),
        tx.transaction((inner) => inner.query('second')),
        tx.query('after'),
      ]),
    )
    expect(sent()).toEqual([
      'begin',
      'before',
      'savepoint mortise_1',
      'first',
      'release mortise_1',
      'between',
      'savepoint mortise_1',
      'second',
      'release mortise_1',
      'after',
      'commit',
    ])
  })

  it('keeps the caller’s own asynchronous context for a call that had to wait', async () => {
    const { repo, database } = scopeRepo()
    const request = new AsyncLocalStorage<string>()
    const seen: unknown[] = []
    database.allow(/^call/, () => {
      seen.push(request.getStore())
      return {}
    })
    database.allow(/./)
    await repo.transaction(async (tx) => {
      await Promise.all(
        ['a', 'b', 'c'].map((name) => request.run(name, () => tx.query(`call ${name}`))),
      )
      await Promise.all(
        ['d', 'e'].map((name) =>
          request.run(name, () => repo.transaction(() => void seen.push(request.getStore()))),
        ),
      )
    })
    expect(seen).toEqual(['a', 'b', 'c', 'd', 'e'])
  })
})

describe('a failed scope', () => {
  it('lets the call that failed be the first to reject', async () => {
    const { repo, database } = scopeRepo()
    database.allow('bad', unique()).allow(/./)
    for (const before of [[], ['before']]) {
      const together = repo.transaction((tx) =>
        Promise.all([...before, 'bad', 'behind', 'last'].map((sql) => tx.query(sql))),
      )
      expect(await rejection(together)).toMatchObject({ kind: 'unique_violation' })
    }
  })

  it('sends nothing more, and says why', async () => {
    const { repo, database, sent } = scopeRepo()
    database.allow('bad', unique()).allow(/./)
    await rejection(
      repo.transaction(async (tx) => {
        const calls = ['bad', 'queued'].map((sql) => rejection(tx.query(sql)))
        const nested = rejection(tx.transaction(() => expect.fail('it ran')))
        const [first, queued] = await Promise.all(calls)
        for (const error of [queued, await nested, await rejection(tx.query('later'))]) {
          expect(error).toMatchObject({ kind: 'transaction_failed' })
          expect(error?.cause).toBe(first)
        }
      }),
    )
    expect(sent()).toEqual(['begin', 'bad', 'rollback'])
  })

  it('is contained by a nested transaction', async () => {
    const { repo, database, sent } = scopeRepo()
    database.allow('bad', unique()).allow(/./)
    await repo.transaction(async (tx) => {
      await rejection(tx.transaction((inner) => inner.query('bad')))
      await tx.query('good')
    })
    expect(sent()).toEqual([
      'begin',
      'savepoint mortise_1',
      'bad',
      'rollback to mortise_1',
      'release mortise_1',
      'good',
      'commit',
    ])
  })

  it('answers calls in the same pipeline with the first error as the cause', async () => {
    const { repo, database } = scopeRepo(
      { capabilities: { pipelining: 4 } },
      { timeoutMs: Number.POSITIVE_INFINITY },
    )
    const answers = [new Deferred<object>(), new Deferred<object>(), new Deferred<object>()]
    database.expect('begin').expect('bad', answers[0])
    database.expect('behind', answers[1]).expect('last', answers[2]).allow(/./)
    const { signal } = new AbortController()
    await rejection(
      repo.transaction(async (tx) => {
        // The limits of a call must not change when its failure is seen.
        const bad = rejection(tx.query('bad', [], { signal }))
        const behind = ['behind', 'last'].map((sql) => rejection(tx.query(sql)))
        answers[0]?.reject(unique())
        answers[1]?.reject(failedBefore())
        answers[2]?.reject(failedBefore())
        const first = await bad
        expect(first).toMatchObject({ kind: 'unique_violation' })
        for (const error of await Promise.all(behind)) {
          expect(error).toMatchObject({ kind: 'transaction_failed', cause: first })
        }
      }),
    )
  })

  it('gives nobody a success that will be rolled back', async () => {
    const { repo, database } = scopeRepo({
      capabilities: { pipelining: 4, errorInTransaction: 'continues' },
    })
    database.allow('bad', unique()).allow(/./)
    await rejection(
      repo.transaction(async (tx) => {
        const [bad, behind] = ['bad', 'behind'].map((sql) => rejection(tx.query(sql)))
        expect(await behind).toMatchObject({ kind: 'transaction_failed', cause: await bad })
      }),
    )
  })

  it('fails its open child with it', async () => {
    const { repo, database, sent } = scopeRepo()
    database.allow(/./)
    const begun = Promise.withResolvers<void>()
    const failed = Promise.withResolvers<void>()
    const done = repo.transaction((tx) =>
      Promise.allSettled([
        tx.transaction(async (inner) => {
          await inner.query('first')
          begun.resolve()
          await failed.promise
          expect(await rejection(inner.query('second'))).toMatchObject({
            kind: 'transaction_failed',
            cause: { value: 'value' },
          })
        }),
        (async () => {
          await begun.promise
          try {
            tx.rollback('value')
          } finally {
            failed.resolve()
          }
        })(),
      ]),
    )
    expect(await rejection(done)).toMatchObject({ value: 'value' })
    expect(sent()).not.toContain('second')
    expect(sent()).toEqual([
      'begin',
      'savepoint mortise_1',
      'first',
      'rollback to mortise_1',
      'release mortise_1',
      'rollback',
    ])
  })

  it('is failed by a SAVEPOINT that fails', async () => {
    const { repo, database, sent } = scopeRepo()
    database.allow('savepoint mortise_1', unique()).allow(/./)
    const error = await rejection(
      repo.transaction(async (tx) => {
        await rejection(tx.transaction(() => expect.fail('it ran')))
      }),
    )
    expect(error).toMatchObject({
      kind: 'transaction_failed',
      cause: { kind: 'unique_violation' },
    })
    expect(sent()).toEqual(['begin', 'savepoint mortise_1', 'rollback'])
  })

  it('is failed by a nested one that cannot be undone', async () => {
    const { repo, database, sent } = scopeRepo()
    database.allow('rollback to mortise_1', unique()).allow(/./)
    const thrown = new Error('mine')
    const error = await rejection(
      repo.transaction(async (tx) => {
        await expect(tx.transaction(() => Promise.reject(thrown))).rejects.toBe(thrown)
        expect(await rejection(tx.query('next'))).toMatchObject({ kind: 'transaction_failed' })
      }),
    )
    expect(error).toMatchObject({ kind: 'transaction_failed' })
    expect(sent()).toEqual(['begin', 'savepoint mortise_1', 'rollback to mortise_1'])
    expect(database.open).toHaveLength(0)
  })

  it('is failed by a nested one that lost the connection, with that as the cause', async () => {
    const { repo, database, sent } = scopeRepo()
    database.allow('lost', new ScriptedError({ kind: 'connection_lost' })).allow(/./)
    await rejection(
      repo.transaction(async (tx) => {
        const lost = await rejection(tx.transaction((inner) => inner.query('lost')))
        expect((await rejection(tx.query('next'))).cause).toBe(lost)
      }),
    )
    expect(sent()).toEqual(['begin', 'savepoint mortise_1', 'lost'])
  })

  it('is failed by a nested one in which the database rolled everything back', async () => {
    const { repo, database, sent } = scopeRepo()
    database.allow('bad', unique()).allow(/./)
    database.adapter.classifyError = (error) => {
      const [connection] = database.connections
      if (connection !== undefined) connection.transactionStatus = 'idle'
      return error instanceof ScriptedError ? error.description : undefined
    }
    await rejection(
      repo.transaction(async (tx) => {
        await rejection(tx.transaction((inner) => inner.query('bad')))
        expect(await rejection(tx.query('next'))).toMatchObject({ kind: 'transaction_failed' })
      }),
    )
    expect(sent()).toEqual(['begin', 'savepoint mortise_1', 'bad'])
  })
})

describe('a scope that is given up with another one open in it', () => {
  /** A transaction with a nested one, given up while the answer to `held` is outstanding. */
  async function giveUpDuring(held: string, end: 'resolve' | 'reject' = 'resolve') {
    const { repo, database, sent } = scopeRepo()
    const answer = new Deferred<object>()
    database.allow(held, answer).allow(/./)
    const controller = new AbortController()
    const inner = Promise.withResolvers<unknown>()
    const done = rejection(
      repo.transaction(
        async (tx) => {
          const nested = tx.transaction(async () => {
            if (end === 'reject') throw new Error('inner')
          })
          inner.resolve(await rejection(nested).catch(() => 'released'))
          await new Promise(() => {})
        },
        { signal: controller.signal },
      ),
    )
    await flush()
    expect(sent().at(-1)).toBe(held)
    controller.abort()
    await flush()
    expect(sent().at(-1)).toBe(held)
    answer.resolve({})
    expect(await done).toMatchObject({ code: 'ABORTED' })
    await inner.promise
    await flush()
    return { sent: sent(), open: database.open.length }
  }

  it('waits for the SAVEPOINT that is under way, and sends nothing after its ROLLBACK', async () => {
    const { sent, open } = await giveUpDuring('savepoint mortise_1')
    expect(sent).toEqual(['begin', 'savepoint mortise_1', 'rollback'])
    expect(open).toBe(1)
  })

  it('waits for the RELEASE that is under way', async () => {
    const { sent } = await giveUpDuring('release mortise_1')
    expect(sent).toEqual(['begin', 'savepoint mortise_1', 'release mortise_1', 'rollback'])
  })

  it('waits for the ROLLBACK TO that is under way, with what belongs to it', async () => {
    const { sent } = await giveUpDuring('rollback to mortise_1', 'reject')
    expect(sent).toEqual([
      'begin',
      'savepoint mortise_1',
      'rollback to mortise_1',
      'release mortise_1',
      'rollback',
    ])
  })

  it('sends nothing between a ROLLBACK TO and the RELEASE behind it', async () => {
    const { repo, database, sent } = scopeRepo()
    const answers = [new Deferred<object>(), new Deferred<object>()]
    database.allow('rollback to mortise_1', answers[0]).allow('release mortise_1', answers[1])
    database.allow(/./)
    const done = repo.transaction(async (tx) => {
      tx.transaction(() => Promise.reject(new Error('inner'))).catch(() => {})
      await flush()
      throw new Error('outer')
    })
    await flush()
    await flush()
    answers[0]?.resolve({})
    await flush()
    expect(sent().at(-1)).toBe('release mortise_1')
    answers[1]?.resolve({})
    expect((await rejection(done)).message).toBe('outer')
    expect(sent().at(-1)).toBe('rollback')
  })

  it.each(['returns', 'throws'])('has undone it, when the inner function %s later', async (end) => {
    const { repo, database, sent } = scopeRepo()
    database.allow(/./)
    const begun = Promise.withResolvers<void>()
    const later = Promise.withResolvers<void>()
    let inner: Promise<unknown> | undefined
    const done = repo.transaction(async (tx) => {
      inner = rejection(
        tx.transaction(async (nested) => {
          await nested.query('first')
          begun.resolve()
          await later.promise
          if (end === 'throws') throw new Error('inner')
        }),
      )
      await begun.promise
      throw new Error('outer')
    })
    expect(await rejection(done)).toMatchObject({ message: 'outer' })
    // The connection serves somebody else, when the inner function comes to its end.
    const answer = new Deferred<object>()
    database.expect('somebody else', answer)
    const other = repo.query('somebody else')
    later.resolve()
    const error = await inner
    if (end === 'throws') expect(error).toMatchObject({ message: 'inner' })
    else expect(error).toMatchObject({ cause: { message: 'outer' } })
    await flush()
    answer.resolve({})
    await other
    expect(sent()).toEqual(['begin', 'savepoint mortise_1', 'first', 'rollback', 'somebody else'])
  })

  it('undoes a transaction that was still open when the checkout around it failed', async () => {
    const { repo, database } = scopeRepo({ features: [] })
    database.allow(/./)
    const later = Promise.withResolvers<void>()
    let floating: Promise<unknown> | undefined
    const error = await rejection(
      repo.checkout(async (held) => {
        const begun = Promise.withResolvers<void>()
        floating = rejection(
          held.transaction(async (tx) => {
            await tx.query('first')
            begun.resolve()
            await later.promise
          }),
        )
        await begun.promise
        throw new Error('mine')
      }),
    )
    expect(error.message).toBe('mine')
    await repo.query('somebody else')
    later.resolve()
    expect(await floating).toMatchObject({ kind: 'transaction_failed' })
    expect(database.log('execute')).toEqual([
      '#1 execute begin',
      '#1 execute first',
      '#1 execute rollback',
      '#1 execute somebody else',
    ])
  })

  it('undoes a transaction whose BEGIN was under way when the checkout failed', async () => {
    const { repo, database, sent } = scopeRepo({ features: [] })
    const answer = new Deferred<object>()
    database.allow('begin', answer).allow(/./)
    let floating: Promise<unknown> | undefined
    const done = rejection(
      repo.checkout(async (held) => {
        floating = rejection(held.transaction(() => expect.fail('it ran')))
        await flush()
        throw new Error('mine')
      }),
    )
    await flush()
    await flush()
    answer.resolve({})
    expect((await done).message).toBe('mine')
    await floating
    await repo.query('somebody else')
    expect(sent()).toEqual(['begin', 'rollback', 'somebody else'])
  })
})

/** Follows the texts as a database would; gives what was wrong. */
function complaint(texts: readonly string[]): string | undefined {
  const open: string[] = []
  for (const text of texts) {
    const [, savepoint = ''] = /(mortise_\d+)$/.exec(text) ?? []
    const place = open.indexOf(savepoint)
    if (text === 'begin' && open.length > 0) return 'begun twice'
    if (text === 'begin') open.push(text)
    else if (open.length === 0) return `${text} outside of the transaction`
    else if (text.startsWith('savepoint')) open.push(savepoint)
    else if (savepoint !== '' && place < 0) return `${text}, which is not open`
    else if (text.startsWith('rollback to')) open.splice(place + 1)
    else if (text.startsWith('release')) open.splice(place)
    else if (text === 'commit' && open.length > 1) return 'committed inside a savepoint'
    else if (text === 'commit' || text === 'rollback') open.length = 0
  }
  return open.length === 0 ? undefined : 'left open'
}

describe('a signal that fires at any moment', () => {
  it.each([1, 4])('ends the transaction in good order, with %i in flight', async (pipelining) => {
    let committed = 0
    for (let moment = 0; moment < 150; moment++) {
      const { repo, database, sent } = scopeRepo({ capabilities: { pipelining } })
      database.allow(/./)
      const outer = new AbortController()
      const inner = new AbortController()
      const done = repo.transaction(
        async (tx) => {
          await tx.query('one')
          const nested = tx.transaction(
            async (first) => {
              await Promise.all([first.query('two'), first.transaction((it) => it.query('three'))])
            },
            { signal: inner.signal },
          )
          await Promise.allSettled([tx.query('four'), nested, tx.query('five')])
          await tx.transaction((second) => second.query('six'))
        },
        { signal: outer.signal },
      )
      const outcome = done.then(
        () => 'commit',
        () => 'rollback',
      )
      for (let i = 0; i < moment; i++) await undefined
      const controller = moment % 2 === 0 ? outer : inner
      controller.abort()
      const end = await outcome
      await flush()
      if (sent().length > 0) expect([moment, complaint(sent())]).toEqual([moment, undefined])
      if (database.open.length > 0 && sent().length > 0) expect(sent().at(-1)).toBe(end)
      if (end === 'commit') committed++
      expect(repo.stats().pool.inUse).toBe(0)
    }
    // The moments reach from before the first call to behind the last one.
    expect(committed).toBeGreaterThan(5)
    expect(committed).toBeLessThan(140)
  })
})

describe('a function that throws at any moment', () => {
  it.each([
    ['transaction', 1],
    ['transaction', 4],
    ['checkout', 1],
    ['checkout', 4],
  ] as const)('leaves nothing of its %s behind, with %i in flight', async (kind, pipelining) => {
    for (let moment = 0; moment < 120; moment++) {
      const { repo, database, sent } = scopeRepo({ features: [], capabilities: { pipelining } })
      database.allow(/./)
      const floating: Promise<unknown>[] = []
      const fn = async (scope: Repo) => {
        floating.push(
          scope.transaction(async (tx) => {
            await tx.query('one')
            await Promise.all([
              tx.query('two'),
              tx.transaction((it) => it.query('three')),
              tx.query('four'),
            ])
          }),
          scope.transaction((tx) => tx.query('five')),
        )
        for (const each of floating) each.catch(() => {})
        for (let i = 0; i < moment; i++) await undefined
        throw new Error('mine')
      }
      const done = rejection(kind === 'transaction' ? repo.transaction(fn) : repo.checkout(fn))
      expect((await done).message).toBe('mine')
      expect([moment, complaint(sent())]).toEqual([moment, undefined])
      const before = sent().length
      await Promise.allSettled(floating)
      await flush()
      expect(sent()).toHaveLength(before)
      expect(repo.stats().pool).toMatchObject({ inUse: 0, size: 1 })
    }
  })
})

describe('a rollback() at any moment', () => {
  it('is followed by nothing but what undoes', async () => {
    const outcomes = new Set<string>()
    for (let moment = 0; moment < 120; moment++) {
      const { repo, database, sent } = scopeRepo()
      database.allow(/./)
      let handle: Repo | undefined
      const outcome = repo
        .transaction(async (tx) => {
          handle = tx
          await tx.query('one')
          await Promise.allSettled([
            tx.query('two'),
            tx.transaction((it) => Promise.all([it.query('three'), it.query('four')])),
            tx.query('five'),
          ])
        })
        .then(
          () => 'committed',
          ({ value }) => value,
        )
      for (let i = 0; i < moment; i++) await undefined
      const before = sent().length
      try {
        handle?.rollback('rolled back')
      } catch {}
      const end = await outcome
      outcomes.add(end)
      if (end === 'committed') continue
      const behind = sent().slice(before)
      expect([moment, behind.filter((text) => !/^(rollback|release)/.test(text))]).toEqual([
        moment,
        [],
      ])
    }
    expect([...outcomes].sort()).toEqual(['committed', 'rolled back'])
  })
})

describe('a connection that is lost at any moment', () => {
  it('gets nothing more, and only a COMMIT that was sent is unknown', async () => {
    const outcomes = new Set<string>()
    for (let moment = 0; moment < 120; moment++) {
      const { repo, database, sent } = scopeRepo()
      let lost = false
      database.allow('commit', async () => {
        for (let i = 0; i < 8; i++) await undefined
        if (lost) throw new ScriptedError({ kind: 'connection_lost' })
        return {}
      })
      database.allow(/./)
      const outcome = repo
        .transaction(async (tx) => {
          await tx.query('one')
          await Promise.allSettled([tx.query('two'), tx.transaction((it) => it.query('three'))])
          await tx.query('four')
        })
        .then(
          () => 'committed',
          ({ kind }) => kind,
        )
      for (let i = 0; i < moment; i++) await undefined
      const before = sent().length
      const [connection] = database.open
      lost = connection !== undefined
      connection?.lose()
      const end = await outcome
      outcomes.add(end)
      if (end === 'committed') continue
      expect([moment, sent().length]).toEqual([moment, before])
      expect([moment, end === 'commit_unknown']).toEqual([moment, sent().at(-1) === 'commit'])
      expect(database.open).toHaveLength(0)
    }
    expect([...outcomes].sort()).toEqual([
      ...['commit_unknown', 'committed', 'connection_lost', 'transaction_failed'],
    ])
  })
})

describe('a call on the wrong scope', () => {
  it('throws at once on an ancestor’s handle, from inside its child', async () => {
    const { repo, database, sent } = scopeRepo()
    database.allow(/./)
    await repo.transaction((tx) =>
      tx.transaction(async () => {
        for (const call of [
          tx.query('x'),
          tx.transaction(() => 1),
          tx.checkout(() => 1),
          tx.batch([sql`x`]),
          tx.script('x'),
        ]) {
          expect(await rejection(call)).toMatchObject({ code: 'SCOPE_CHILD_OPEN' })
        }
        expect(() => tx.stream(sql`x`)).toThrow(
          expect.objectContaining({ code: 'SCOPE_CHILD_OPEN' }),
        )
        expect(() => tx.rollback()).toThrow(expect.objectContaining({ code: 'SCOPE_CHILD_OPEN' }))
        expect(() => tx.afterCommit(() => {})).toThrow(
          expect.objectContaining({ code: 'SCOPE_CHILD_OPEN' }),
        )
      }),
    )
    expect(sent()).not.toContain('x')
  })

  it('throws at once on a scope that has ended, by its handle and by its context', async () => {
    const { repo, database, sent } = scopeRepo()
    database.allow(/./)
    const ended: (() => Promise<unknown>)[] = []
    for (const open of [
      (fn: (held: Repo) => void) => repo.transaction(fn),
      (fn: (held: Repo) => void) => repo.checkout(fn),
    ]) {
      await open((held) => {
        for (const call of [() => held.query('x'), () => repo.query('x')]) {
          ended.push(AsyncLocalStorage.bind(call))
        }
        ended.push(AsyncLocalStorage.bind(() => repo.transaction(() => 1)))
      })
    }
    for (const call of ended) {
      expect(await rejection(call())).toMatchObject({ code: 'SCOPE_ENDED' })
    }
    expect(sent()).toEqual(['begin', 'commit'])
  })

  it('is on the parent again when the child has ended', async () => {
    const { repo, database, sent } = scopeRepo()
    database.allow(/./)
    await repo.transaction(async (tx) => {
      const late = await tx.transaction(async () => AsyncLocalStorage.bind(() => tx.query('late')))
      await late()
    })
    expect(sent().slice(-2)).toEqual(['late', 'commit'])
  })

  it('takes a connection of its own within outside()', async () => {
    const { repo, database } = scopeRepo({}, { pool: { size: 2 } })
    database.allow(/./)
    await repo.transaction(async (tx) => {
      await repo.outside(async (out) => {
        expect(repo.inTransaction()).toBe(false)
        await repo.query('one')
        await out.query('two')
        await tx.query('three')
      })
      expect(repo.inTransaction()).toBe(true)
    })
    expect(database.log('execute')).toEqual([
      '#1 execute begin',
      '#2 execute one',
      '#2 execute two',
      '#1 execute three',
      '#1 execute commit',
    ])
  })
})

describe('a call that waits for its turn', () => {
  it('is not sent when it is aborted there, and the scope goes on', async () => {
    const { repo, database, sent } = scopeRepo()
    const answer = new Deferred<object>()
    database.allow('slow', answer).allow(/./)
    const controller = new AbortController()
    const { signal } = controller
    await repo.transaction(async (tx) => {
      const slow = tx.query('slow')
      const waiting = [
        rejection(tx.query('aborted', [], { signal })),
        rejection(tx.transaction(() => expect.fail('it ran'), { signal })),
      ]
      const behind = tx.query('behind')
      controller.abort(new Error('enough'))
      for (const error of await Promise.all(waiting)) {
        expect(error).toMatchObject({ code: 'ABORTED', cause: { message: 'enough' } })
      }
      expect(getEventListeners(signal, 'abort')).toEqual([])
      answer.resolve({})
      await Promise.all([slow, behind])
    })
    expect(sent()).toEqual(['begin', 'slow', 'behind', 'commit'])
  })

  it('leaves no listener on its signal when its turn comes', async () => {
    const { repo, database } = scopeRepo()
    database.allow('bad', unique()).allow(/./)
    const { signal } = new AbortController()
    await rejection(
      repo.transaction((tx) =>
        Promise.all(['one', 'two', 'bad', 'never'].map((text) => tx.query(text, [], { signal }))),
      ),
    )
    expect(getEventListeners(signal, 'abort')).toEqual([])
  })

  it('is not sent when its timeoutMs is over, and the scope goes on', async () => {
    fakeTime()
    const { repo, database, sent } = scopeRepo()
    const answer = new Deferred<object>()
    database.allow('slow', answer).allow(/./)
    const done = repo.transaction(async (tx) => {
      const slow = tx.query('slow')
      const waiting = [
        rejection(tx.query('late', [], { timeoutMs: 100 })),
        rejection(tx.transaction(() => expect.fail('it ran'), { timeoutMs: 100 })),
      ]
      await vi.advanceTimersByTimeAsync(100)
      for (const error of await Promise.all(waiting)) {
        expect(error).toMatchObject({ code: 'TIMEOUT', phase: 'queue' })
      }
      answer.resolve({})
      await slow
    })
    await done
    expect(sent()).toEqual(['begin', 'slow', 'commit'])
  })

  it('does not wait for itself for ever', async () => {
    fakeTime()
    const { repo, database } = scopeRepo({}, { timeoutMs: 500 })
    database.allow(/./)
    const outside = AsyncLocalStorage.snapshot()
    const done = repo.transaction((tx) =>
      tx.transaction(async () => {
        // From another context, where nobody can see that it comes from the child.
        const error = await rejection(outside(() => tx.query('own child')))
        expect(error).toMatchObject({ code: 'TIMEOUT', phase: 'queue' })
      }),
    )
    await vi.advanceTimersByTimeAsync(1000)
    await done
  })

  it('waits as long as there is progress', async () => {
    fakeTime()
    const { repo, database } = scopeRepo({}, { timeoutMs: 500 })
    database.allow('slow', () => new Promise((resolve) => setTimeout(() => resolve({}), 300)))
    database.allow(/./)
    const done = repo.transaction((tx) =>
      Promise.all([
        ...Array.from({ length: 5 }, () => tx.query('slow')),
        tx.transaction((inner) =>
          Promise.all(Array.from({ length: 5 }, () => inner.query('slow'))),
        ),
        tx.query('slow'),
      ]),
    )
    await vi.advanceTimersByTimeAsync(11 * 300)
    await done
  })
})

describe('a checkout', () => {
  it('holds one connection for what is called in it', async () => {
    const { repo, database } = scopeRepo({}, { pool: { size: 2 } })
    database.allow(/./)
    await repo.checkout(async (held) => {
      await held.query('one')
      await repo.query('two')
      expect(repo.inTransaction()).toBe(false)
      await held.transaction((tx) => tx.query('three'))
    })
    expect(database.log('execute')).toEqual(
      ['one', 'two', 'begin', 'three', 'commit'].map((sql) => `#1 execute ${sql}`),
    )
  })

  it('is the scope around it where there is one', async () => {
    const { repo, database, sent } = scopeRepo()
    database.allow(/./)
    await repo.transaction((tx) =>
      tx.checkout(async (held) => {
        expect(held.inTransaction()).toBe(true)
        await held.transaction((inner) => inner.query('one'))
        await rejection(held.transaction(async () => repo.rollback()))
      }),
    )
    expect(sent()[1]).toBe('savepoint mortise_1')
  })

  it('goes on after a failed statement, and not after its connection was lost', async () => {
    const { repo, database, sent } = scopeRepo()
    database.allow('bad', unique())
    database.allow('lost', new ScriptedError({ kind: 'connection_lost' })).allow(/./)
    await repo.checkout(async (held) => {
      await rejection(held.query('bad'))
      await held.query('good')
      await rejection(held.query('lost'))
      expect(await rejection(held.query('next'))).toMatchObject({ kind: 'connection_lost' })
      expect(await rejection(held.transaction(() => 1))).toMatchObject({ kind: 'connection_lost' })
    })
    expect(sent()).toEqual(['bad', 'good', 'lost'])
    expect(database.open).toHaveLength(0)
  })

  it('sends nothing when the connection was lost between two calls', async () => {
    const { repo, database, sent } = scopeRepo()
    database.allow(/./)
    await repo.checkout(async (held) => {
      await held.query('one')
      database.connections[0]?.lose()
      expect(await rejection(held.query('two'))).toMatchObject({ kind: 'connection_lost' })
    })
    expect(sent()).toEqual(['one'])
  })

  it('waits no longer for its function when it is given up', async () => {
    const { repo, database } = scopeRepo()
    database.allow(/./)
    const controller = new AbortController()
    const done = rejection(
      repo.checkout(
        async (held) => {
          await held.query('one')
          await new Promise(() => {})
        },
        { signal: controller.signal },
      ),
    )
    await flush()
    controller.abort()
    expect(await done).toMatchObject({ code: 'ABORTED' })
    expect(repo.stats().pool.inUse).toBe(0)
  })

  it('discards a connection that an error left unfit, however the function ends', async () => {
    const { repo, database } = scopeRepo()
    database.allow('strange', new Error('strange'))
    await repo.checkout((held) => rejection(held.query('strange')))
    expect(database.open).toHaveLength(0)
  })

  it('resets a session that a statement changed', async () => {
    const { repo, database } = scopeRepo()
    database.allow('set x', { sessionChanged: true })
    await repo.checkout((held) => held.query('set x'))
    expect(database.log('reset', 'close')).toEqual(['#1 reset'])
  })
})

describe('the stack of an error', () => {
  const posts = defineTable('posts', { id: t.id(), title: t.text() })

  it.each<[string, boolean]>([
    ['at once', true],
    ['later', false],
  ])('names the function that called, on a driver that answers %s', async (_name, sync) => {
    const { repo, database } = scopeRepo({ sync })
    database.allow(/bad|insert|commit/, unique).allow(/begin|before|rollback/)
    const on = (handle: Repo) => ({
      async query() {
        await handle.query('bad')
      },
      async insert() {
        await handle.insert(posts, { title: 'x' })
      },
      async insertAll() {
        await handle.insertAll(posts, [{ title: 'x' }])
      },
      async transaction() {
        await handle.transaction(() => 1)
      },
    })
    const names = ['query', 'insert', 'insertAll', 'transaction'] as const
    for (const name of names) {
      expect((await rejection(on(repo)[name]())).stack).toContain(`Object.${name}`)
    }
    for (const name of names.slice(0, -1)) {
      await rejection(
        repo.transaction(async (tx) => {
          const calls = [tx.query('before'), on(tx)[name](), on(tx)[name]()].map((call) =>
            call.then(
              () => undefined,
              (error: Error) => error.stack,
            ),
          )
          const [, queued, refused] = await Promise.all(calls)
          expect(queued).toContain(`Object.${name}`)
          expect(refused).toContain(`Object.${name}`)
        }),
      )
    }
  })

  it('names the function that called also where time or a signal ended the call', async () => {
    fakeTime()
    const { repo, database } = scopeRepo()
    database.allow('slow', () => new Deferred<object>()).allow(/./)
    const never = () => new Promise(() => {})
    async function theCaller(call: () => Promise<unknown>) {
      return await call()
    }
    for (const ends of ['deadline', 'signal']) {
      for (const call of [
        (limits: object) => repo.query('slow', [], limits),
        (limits: object) => repo.transaction(never, limits),
        (limits: object) => repo.checkout(never, limits),
        (limits: object) => repo.outside((out) => out.query('slow', [], limits)),
      ]) {
        const controller = new AbortController()
        const limits = ends === 'deadline' ? { timeoutMs: 100 } : { signal: controller.signal }
        const done = rejection(theCaller(() => call(limits)))
        await vi.advanceTimersByTimeAsync(50)
        if (ends === 'signal') controller.abort()
        await vi.advanceTimersByTimeAsync(5000)
        expect((await done).stack).toContain('theCaller')
      }
    }
    await repo.transaction(async (tx) => {
      const controller = new AbortController()
      const slow = tx.transaction(() => new Promise((resolve) => setTimeout(resolve, 1000)))
      const queued = [{ timeoutMs: 100 }, { signal: controller.signal }].map((limits) =>
        rejection(theCaller(() => tx.query('x', [], limits))),
      )
      setTimeout(() => controller.abort(), 50)
      await vi.advanceTimersByTimeAsync(1000)
      for (const error of await Promise.all(queued)) expect(error.stack).toContain('theCaller')
      await slow
    })
  })
})

describe('secrets', () => {
  it('stay out of messages, stacks and JSON of every error of a scope', async () => {
    const { repo, database } = scopeRepo()
    database.allow(/bad/, unique()).allow(/./)
    const errors: Error[] = []
    await rejection(
      repo.transaction(async (tx) => {
        errors.push(await rejection(tx.query('bad', ['hunter2'])))
        errors.push(await rejection(tx.query('next', ['hunter2'])))
      }),
    ).then((error) => errors.push(error))
    errors.push(await rejection(repo.transaction(async () => repo.rollback('hunter2'))))
    for (const error of errors) {
      expect(`${error.message} ${error.stack} ${JSON.stringify(error)}`).not.toContain('hunter2')
    }
  })
})

describe('rejections', () => {
  it('are nobody else’s, where two calls fail together', async () => {
    const { repo, database } = scopeRepo({ capabilities: { pipelining: 4 } })
    database.allow(/bad/, unique).allow(/./)
    await rejection(
      repo.transaction((tx) =>
        Promise.all([tx.query('bad 1'), tx.query('bad 2'), tx.transaction(() => 1), tx.query('x')]),
      ),
    )
    await rejection(Promise.all([repo.query('bad 1'), repo.query('bad 2')]))
    await flush()
  })
})
