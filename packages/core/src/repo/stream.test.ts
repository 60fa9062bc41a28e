import { getEventListeners } from 'node:events'
import { describe, expect, it, vi } from 'vitest'
import { flush } from '../../test/fake-clock.ts'
import { fakeTime, rejection, scopeFeatures, scopeRepo } from '../../test/scope-harness.ts'
import {
  Deferred,
  type ScriptedCall,
  ScriptedError,
  type ScriptedOptions,
} from '../../test/scripted-connection.ts'
import type { CursorSql } from '../contract/index.ts'
import { sql } from '../query/index.ts'

const native: ScriptedOptions = { features: [...scopeFeatures, 'stream'] }
const exclusive: ScriptedOptions = { ...native, capabilities: { streaming: 'exclusive' } }
const cursor = (within: CursorSql['within']): CursorSql => ({
  within,
  open: (name, text) => `open ${name} for ${text}`,
  fetch: (name, count, done) => `fetch ${count} after ${done} from ${name}`,
  hidden: 0,
  close: (name) => `close ${name}`,
})
const emulated = (within: CursorSql['within']): ScriptedOptions => ({
  capabilities: { streaming: 'emulated' },
  dialect: { cursor: cursor(within) },
})
const rows = (...values: number[]) => ({
  columns: ['n'],
  rows: values.map((value) => [value]),
})
/** Answers fetches with the numbers from 1 to `count`. */
const numbers =
  (count: number) =>
  ({ sql: text }: ScriptedCall) => {
    const [, size, done] = /^fetch (\d+) after (\d+)/.exec(text ?? '') ?? []
    const from = Number(done) + 1
    const to = Math.min(count, from + Number(size) - 1)
    return rows(...Array.from({ length: Math.max(0, to - from + 1) }, (_, i) => from + i))
  }
const unique = () => new ScriptedError({ kind: 'unique_violation' })
const closed = (log: string[]) => log.filter((line) => line.includes('stream_return')).length

async function collect(stream: AsyncIterable<unknown>): Promise<unknown[]> {
  const all: unknown[] = []
  for await (const row of stream) all.push((row as { n: number }).n)
  return all
}

describe.each<[string, ScriptedOptions, (streamed: unknown[]) => ScriptedOptions]>([
  ['interleaved', native, () => native],
  ['exclusive', exclusive, () => exclusive],
])('a stream of the driver, %s', (_name, options) => {
  it('gives the rows batch by batch and its connection back', async () => {
    const { repo, database } = scopeRepo(options)
    database.next('stream', [rows(1, 2), rows(3)])
    expect(await collect(repo.stream(sql`select ${7}`, { batchSize: 2 }))).toEqual([1, 2, 3])
    const [call] = database.calls.filter(({ kind }) => kind === 'stream')
    expect(call?.request).toMatchObject({ sql: 'select ?', parameters: [7] })
    expect(repo.stats().pool).toMatchObject({ inUse: 0, size: 1 })
  })

  it('sends nothing before the first row is asked for', async () => {
    const { repo, database } = scopeRepo(options)
    const stream = repo.stream(sql`select`)
    await stream.return?.()
    expect(await stream.next()).toEqual({ done: true, value: undefined })
    repo.stream(sql`select`)
    expect(database.calls).toEqual([])
  })

  it.each(['break', 'throw', 'dispose'])('releases everything at once on %s', async (way) => {
    const { repo, database } = scopeRepo(options)
    database.next('stream', [rows(1, 2), rows(3)])
    const thrown = new Error('mine')
    const read = async () => {
      await using stream = repo.stream(sql`select`)
      if (way === 'dispose') {
        await stream.next()
        return
      }
      for await (const _row of stream) {
        if (way === 'throw') throw thrown
        break
      }
    }
    if (way === 'throw') await expect(read()).rejects.toBe(thrown)
    else await read()
    expect(closed(database.log())).toBe(1)
    expect(repo.stats().pool).toMatchObject({ inUse: 0, size: 1 })
  })

  it('raises a failure midway and keeps the connection', async () => {
    const { repo, database } = scopeRepo(options)
    database.next('stream', [rows(1), unique()])
    const seen: unknown[] = []
    const error = await rejection(
      (async () => {
        for await (const row of repo.stream(sql`select`)) seen.push(row)
      })(),
    )
    expect(error).toMatchObject({ kind: 'unique_violation' })
    expect(seen).toEqual([{ n: 1 }])
    expect(repo.stats().pool).toMatchObject({ inUse: 0, size: 1 })
  })

  it('fails its transaction with it', async () => {
    const { repo, database, sent } = scopeRepo(options)
    database.next('stream', [rows(1), unique()]).allow(/./)
    let first: unknown
    const error = await rejection(
      repo.transaction(async (tx) => {
        first = await rejection(collect(tx.stream(sql`select`)))
        expect(await rejection(tx.query('next'))).toMatchObject({ cause: first })
      }),
    )
    expect(error).toMatchObject({ kind: 'transaction_failed', cause: first })
    expect(first).toMatchObject({ kind: 'unique_violation' })
    expect(sent()).toEqual(['begin', 'rollback'])
  })

  it('waits for its turn in a scope', async () => {
    const { repo, database } = scopeRepo(options)
    const answer = new Deferred<object>()
    database
      .next('stream', [rows(1)])
      .allow('slow', answer)
      .allow(/./)
    await repo.transaction(async (tx) => {
      const slow = tx.query('slow')
      const streamed = collect(tx.stream(sql`select`))
      const behind = tx.query('behind')
      await flush()
      expect(database.log('stream')).toEqual([])
      answer.resolve({})
      await Promise.all([slow, streamed, behind])
    })
    expect(database.log('execute', 'stream').slice(0, 3)).toEqual([
      ...['#1 execute begin', '#1 execute slow', '#1 stream select'],
    ])
  })

  it.each(['returns', 'throws'])('is closed before its scope ends, when that %s', async (end) => {
    const { repo, database } = scopeRepo(options)
    database.next('stream', [rows(1), rows(2)]).allow(/./)
    const done = repo.transaction(async (tx) => {
      const stream = tx.stream(sql`select`)
      await stream.next()
      if (end === 'throws') throw Object.assign(new Error('mine'), { stream })
      return stream
    })
    const stream =
      end === 'throws' ? ((await rejection(done)).stream as Awaited<typeof done>) : await done
    // A loop that goes on must not take the end of the scope for the end of the rows.
    expect(await rejection(stream.next() as Promise<unknown>)).toBeInstanceOf(Error)
    expect(database.log('execute', 'stream', 'stream_return')).toEqual([
      '#1 execute begin',
      '#1 stream select',
      '#1 stream_return select',
      `#1 execute ${end === 'throws' ? 'rollback' : 'commit'}`,
    ])
  })

  it('is closed although the call for its first row came late', async () => {
    const { repo, database } = scopeRepo(options)
    database.next('stream', [rows(1), rows(2)]).allow(/./)
    await repo.transaction(async (tx) => {
      tx.stream(sql`select`)
        .next()
        .catch(() => {})
    })
    await flush()
    expect(database.log('execute')).toEqual(['#1 execute begin', '#1 execute commit'])
  })

  it('keeps its connection where it fails with calls behind it', async () => {
    const { repo, database, sent } = scopeRepo(options)
    const batch = new Deferred<object>()
    database.next('stream', [rows(1), batch]).allow(/./)
    await rejection(
      repo.transaction(async (tx) => {
        const stream = tx.stream(sql`select`)
        await stream.next()
        const next = rejection(stream.next() as Promise<unknown>)
        const behind = rejection(tx.query('behind'))
        batch.reject(unique())
        await Promise.all([next, behind])
      }),
    )
    expect(sent()).toEqual(['begin', 'rollback'])
    expect(repo.stats().pool).toMatchObject({ inUse: 0, size: 1 })
  })

  it('leaves no listener on its signal', async () => {
    const { repo, database } = scopeRepo(options)
    database.next('stream', [rows(1), rows(2)]).allow(/./)
    database.next('stream', [rows(1), rows(2)])
    const { signal } = new AbortController()
    await collect(repo.stream(sql`select`, { signal }))
    await repo.transaction((tx) => collect(tx.stream(sql`select`, { signal })), { signal })
    expect(getEventListeners(signal, 'abort')).toEqual([])
  })

  it('ends at once when it is aborted while it waits for a batch', async () => {
    fakeTime()
    const { repo, database } = scopeRepo(options)
    const batch = new Deferred<object>()
    database.next('stream', [rows(1), batch])
    const controller = new AbortController()
    const stream = repo.stream(sql`select`, { signal: controller.signal })
    await stream.next()
    const waiting = rejection(stream.next() as Promise<unknown>)
    await vi.advanceTimersByTimeAsync(0)
    controller.abort(new Error('enough'))
    expect(await waiting).toMatchObject({ code: 'ABORTED', cause: { message: 'enough' } })
    expect(database.log('cancel')).toEqual(['#1 cancel select'])
    batch.reject(new ScriptedError({ kind: 'cancelled' }))
    await vi.advanceTimersByTimeAsync(0)
    expect(repo.stats().pool).toMatchObject({ inUse: 0, size: 1 })
  })

  it.each<[string, object]>([
    ['its own limit', { timeoutMs: 100 }],
    ['the default limit', {}],
  ])('loses its connection at %s where the batch never comes', async (_limit, limits) => {
    fakeTime()
    const { repo, database } = scopeRepo(options, { timeoutMs: 500 })
    database.next('stream', [rows(1), new Deferred()])
    const done = rejection(collect(repo.stream(sql`select`, limits)))
    await vi.advanceTimersByTimeAsync(500)
    expect(await done).toMatchObject({ code: 'TIMEOUT' })
    await vi.advanceTimersByTimeAsync(2000)
    expect(repo.stats().pool).toMatchObject({ inUse: 0, size: 0 })
  })

  it('is freed at its signal and its deadline, also where nobody reads on', async () => {
    fakeTime()
    const { repo, database } = scopeRepo(options)
    const controller = new AbortController()
    for (const limits of [{ signal: controller.signal }, { timeoutMs: 100 }]) {
      database.next('stream', [rows(1, 2), rows(3)])
      const stream = repo.stream(sql`select`, limits)
      await stream.next()
      controller.abort()
      await vi.advanceTimersByTimeAsync(100)
      expect(repo.stats().pool).toMatchObject({ inUse: 0, size: 1 })
      const error = await rejection(stream.next() as Promise<unknown>)
      expect(error.code).toBe('timeoutMs' in limits ? 'TIMEOUT' : 'ABORTED')
    }
  })

  it('ends with the transaction that is given up while it is read', async () => {
    const { repo, database } = scopeRepo(options)
    database.next('stream', [rows(1), rows(2), rows(3)]).allow(/./)
    const controller = new AbortController()
    const streamed = Promise.withResolvers<unknown>()
    const done = repo.transaction(
      async (tx) => {
        streamed.resolve(
          rejection(
            (async () => {
              for await (const _row of tx.stream(sql`select`)) {
                controller.abort()
                await flush()
              }
            })(),
          ),
        )
        await streamed.promise
      },
      { signal: controller.signal },
    )
    expect(await rejection(done)).toMatchObject({ code: 'ABORTED' })
    expect(await streamed.promise).toBeInstanceOf(Error)
    expect(database.log('execute', 'stream_return')).toEqual([
      ...['#1 execute begin', '#1 stream_return select', '#1 execute rollback'],
    ])
  })

  it('belongs to the scope it was called in, not to the one it is read in', async () => {
    const { repo, database, sent } = scopeRepo(options, { pool: { size: 2 } })
    database.allow(/./)
    database.next('stream', [rows(1)])
    const outer = repo.stream(sql`outer`)
    const inner = await repo.transaction(async (tx) => {
      expect(await collect(outer)).toEqual([1])
      return repo.stream(sql`inner`) ?? tx
    })
    expect(await rejection(collect(inner))).toMatchObject({ code: 'SCOPE_ENDED' })
    expect(database.log('stream')).toEqual(['#2 stream outer'])
    expect(sent()).toEqual(['begin', 'commit'])
  })

  it('gives rows in order to several readers', async () => {
    const { repo, database } = scopeRepo(options)
    database.next('stream', [rows(1), rows(2, 3)])
    const stream = repo.stream(sql`select`)
    const read = await Promise.all([stream.next(), stream.next(), stream.next(), stream.next()])
    expect(read.map(({ value }) => value?.n)).toEqual([1, 2, 3, undefined])
  })

  it('is not closed beside a batch that is under way', async () => {
    const { repo, database } = scopeRepo({
      ...options,
      capabilities: { ...options.capabilities, pipelining: 4 },
    })
    database.expect('first').allow(/./)
    await repo.query('first')
    const connection = database.open[0] ?? expect.fail('no connection')
    const batch = new Deferred<void>()
    let reading = false
    connection.stream = () => ({
      [Symbol.asyncIterator]: () => ({
        next: async () => {
          reading = true
          await batch.promise
          reading = false
          return { done: false as const, value: { ...rows(1), columns: [{ name: 'n' }] } }
        },
        return: async () => {
          expect(reading).toBe(false)
          return { done: true as const, value: undefined }
        },
      }),
    })
    const done = repo.transaction(async (tx) => {
      tx.stream(sql`select`)
        .next()
        .catch(() => {})
      await flush()
    })
    await flush()
    await flush()
    batch.resolve()
    await done
    expect(repo.stats().pool).toMatchObject({ inUse: 0, size: 1 })
  })

  it('is classified also where the driver throws at once, or its end fails', async () => {
    const { repo, database } = scopeRepo(options)
    database.expect('select')
    await repo.query('select')
    const connection = database.open[0] ?? expect.fail('no connection')
    connection.stream = () => {
      throw unique()
    }
    expect(await rejection(collect(repo.stream(sql`x`)))).toMatchObject({
      kind: 'unique_violation',
    })
    connection.stream = () => ({
      [Symbol.asyncIterator]: () => ({
        next: async () => ({
          done: false as const,
          value: { ...rows(1), columns: [{ name: 'n' }] },
        }),
        return: () => Promise.reject(new Error('strange')),
      }),
    })
    for await (const _row of repo.stream(sql`x`)) break
    expect(repo.stats().pool).toMatchObject({ inUse: 0, size: 0 })
  })
})

describe('an interleaved stream', () => {
  it('lets other calls through between two batches', async () => {
    const { repo, database } = scopeRepo(native)
    database.next('stream', [rows(1), rows(2)]).allow(/./)
    await repo.transaction(async (tx) => {
      for await (const row of tx.stream(sql`select`)) {
        await tx.query(`for ${row.n}`)
        await tx.transaction((inner) => inner.query(`nested ${row.n}`))
      }
    })
    expect(database.log('execute', 'stream')).toEqual([
      '#1 execute begin',
      '#1 stream select',
      '#1 execute for 1',
      '#1 execute savepoint mortise_1',
      '#1 execute nested 1',
      '#1 execute release mortise_1',
      '#1 execute for 2',
      '#1 execute savepoint mortise_1',
      '#1 execute nested 2',
      '#1 execute release mortise_1',
      '#1 execute commit',
    ])
  })

  it('is closed before a ROLLBACK, although a child is still open whose function goes on', async () => {
    const { repo, database } = scopeRepo(native)
    database.next('stream', [rows(1), rows(2)]).allow(/./)
    const later = Promise.withResolvers<void>()
    let floating: Promise<unknown> | undefined
    const error = await rejection(
      repo.transaction(async (tx) => {
        await tx.stream(sql`select`).next()
        const begun = Promise.withResolvers<void>()
        floating = rejection(
          tx.transaction(() => {
            begun.resolve()
            return later.promise
          }),
        )
        await begun.promise
        throw new Error('mine')
      }),
    )
    expect(error.message).toBe('mine')
    later.resolve()
    await floating
    expect(database.log('execute', 'stream_return')).toEqual([
      '#1 execute begin',
      '#1 execute savepoint mortise_1',
      '#1 stream_return select',
      '#1 execute rollback',
    ])
    expect(repo.stats().pool).toMatchObject({ inUse: 0, size: 1 })
  })

  it('waits as long as it must to be closed before a COMMIT', async () => {
    fakeTime()
    const { repo, database } = scopeRepo(native, { timeoutMs: 500 })
    database.next('stream', [rows(1), rows(2)]).allow(/./)
    const done = repo.transaction(async (tx) => {
      await tx.stream(sql`select`).next()
      void tx.transaction(() => new Promise((resolve) => setTimeout(resolve, 5000)))
    })
    await vi.advanceTimersByTimeAsync(5000)
    await done
    expect(database.log('execute', 'stream_return').slice(-3)).toEqual([
      '#1 execute release mortise_1',
      '#1 stream_return select',
      '#1 execute commit',
    ])
  })

  it('says at once that a child is open, instead of waiting for it', async () => {
    const { repo, database } = scopeRepo(native)
    database.next('stream', [rows(1), rows(2)]).allow(/./)
    await repo.transaction(async (tx) => {
      const stream = tx.stream(sql`select`)
      await stream.next()
      await tx.transaction(async () => {
        expect(await rejection(stream.next() as Promise<unknown>)).toMatchObject({
          code: 'SCOPE_CHILD_OPEN',
        })
      })
    })
  })
})

describe('an exclusive stream', () => {
  it('refuses calls meanwhile, and lets them again afterwards', async () => {
    const { repo, database, sent } = scopeRepo(exclusive)
    database.next('stream', [rows(1), rows(2)]).allow(/./)
    await repo.transaction(async (tx) => {
      for await (const _row of tx.stream(sql`select`)) {
        for (const call of [tx.query('x'), tx.transaction(() => 1), collect(tx.stream(sql`y`))]) {
          expect(await rejection(call)).toMatchObject({ code: 'STREAM_OPEN' })
        }
      }
      await tx.query('after')
    })
    expect(sent()).toEqual(['begin', 'after', 'commit'])
  })

  it('goes first, and what was called behind it waits', async () => {
    const { repo, database } = scopeRepo(exclusive)
    database.next('stream', [rows(1), rows(2)]).allow(/./)
    await repo.transaction(async (tx) => {
      const before = tx.query('before')
      const streamed = collect(tx.stream(sql`select`))
      const behind = tx.query('behind')
      expect(await streamed).toEqual([1, 2])
      await Promise.all([before, behind])
    })
    expect(database.log('execute', 'stream', 'stream_return')).toEqual([
      '#1 execute begin',
      '#1 execute before',
      '#1 stream select',
      '#1 stream_return select',
      '#1 execute behind',
      '#1 execute commit',
    ])
  })
})

describe.each<[string, ScriptedOptions]>([
  ['the session', emulated('session')],
  ['a transaction', emulated('transaction')],
])('an emulated stream whose cursor lives in %s', (where, options) => {
  const own = where === 'a transaction'
  const name = 'mortise_stream_1'

  it('reads through a cursor and closes it', async () => {
    const { repo, database, sent } = scopeRepo(options)
    database.allow(/^fetch/, numbers(3)).allow(/./)
    expect(await collect(repo.stream(sql`select`, { batchSize: 2 }))).toEqual([1, 2, 3])
    expect(sent()).toEqual([
      ...(own ? ['begin'] : []),
      `open ${name} for select`,
      `fetch 2 after 0 from ${name}`,
      `fetch 2 after 2 from ${name}`,
      `close ${name}`,
      ...(own ? ['commit'] : []),
    ])
  })

  it('raises a failure midway as it is', async () => {
    const { repo, database } = scopeRepo(options)
    database
      .allow(/^fetch 1 after 1/, unique())
      .allow(/^fetch/, numbers(3))
      .allow(/./)
    const error = await rejection(collect(repo.stream(sql`select`, { batchSize: 1 })))
    expect(error).toMatchObject({ kind: 'unique_violation' })
    expect(repo.stats().pool).toMatchObject({ inUse: 0, size: 1 })
  })

  it('closes its cursor on break', async () => {
    const { repo, database, sent } = scopeRepo(options)
    database.allow(/^fetch/, numbers(9)).allow(/./)
    for await (const _row of repo.stream(sql`select`, { batchSize: 2 })) break
    expect(sent()).toContain(`close ${name}`)
    expect(repo.stats().pool).toMatchObject({ inUse: 0, size: 1 })
  })

  it('is closed before the scope around it ends', async () => {
    const { repo, database, sent } = scopeRepo(options)
    database.allow(/^fetch/, numbers(9)).allow(/./)
    const stream = await repo.transaction(async (tx) => {
      const open = tx.stream(sql`select`, { batchSize: 2 })
      await open.next()
      return { open }
    })
    expect(sent().slice(-2)).toEqual([`close ${name}`, 'commit'])
    await stream.open.next()
    expect(await rejection(stream.open.next() as Promise<unknown>)).toMatchObject({
      code: 'SCOPE_ENDED',
    })
  })

  it('keeps its connection and closes its cursor when it is aborted', async () => {
    const { repo, database, sent } = scopeRepo(options)
    const answer = new Deferred<object>()
    database
      .allow(/^fetch 2 after 2/, answer)
      .allow(/^fetch/, numbers(9))
      .allow(/./)
    const controller = new AbortController()
    const { signal } = controller
    const done = rejection(collect(repo.stream(sql`select`, { batchSize: 2, signal })))
    await flush()
    controller.abort()
    expect(await done).toMatchObject({ code: 'ABORTED' })
    answer.reject(new ScriptedError({ kind: 'cancelled' }))
    await flush()
    expect(sent().at(-1)).toBe(own ? 'rollback' : `close ${name}`)
    expect(repo.stats().pool).toMatchObject({ inUse: 0, size: 1 })
  })

  it('resets the session where its cursor may have been opened after all', async () => {
    const { repo, database } = scopeRepo({ ...options, features: ['cancel', 'reset'] })
    const answer = new Deferred<object>()
    database.allow(/^open/, answer).allow(/./)
    const controller = new AbortController()
    const done = rejection(collect(repo.stream(sql`select`, { signal: controller.signal })))
    await flush()
    controller.abort()
    expect(await done).toMatchObject({ code: 'ABORTED' })
    answer.resolve({})
    await flush()
    const [last] = database.log('reset', 'execute').slice(-1)
    expect(last).toBe(own ? '#1 execute rollback' : '#1 reset')
    expect(repo.stats().pool).toMatchObject({ inUse: 0, size: 1 })
  })

  it('refuses other calls of a checkout only where it needs the connection', async () => {
    const { repo, database, sent } = scopeRepo(options)
    database.allow(/^fetch/, numbers(2)).allow(/./)
    await repo.checkout(async (held) => {
      for await (const _row of held.stream(sql`select`, { batchSize: 1 })) {
        if (own) {
          expect(await rejection(held.query('x'))).toMatchObject({ code: 'STREAM_OPEN' })
        } else await held.query('x')
      }
      await held.query('after')
    })
    expect(sent().includes('x')).toBe(!own)
    expect(sent().at(-1)).toBe('after')
  })

  it('is closed before the checkout around it ends', async () => {
    const { repo, database, sent } = scopeRepo(options)
    database.allow(/^fetch/, numbers(9)).allow(/./)
    await repo.checkout(async (held) => {
      held
        .stream(sql`select`, { batchSize: 2 })
        .next()
        .catch(() => {})
      await flush()
    })
    expect(sent().at(-1)).toBe(own ? 'commit' : `close ${name}`)
  })

  it('closes its cursor also where the scope ended while it was opened', async () => {
    const { repo, database, sent } = scopeRepo({
      ...options,
      capabilities: { streaming: 'emulated', pipelining: 4 },
    })
    const answer = new Deferred<object>()
    database
      .allow(/^open/, answer)
      .allow(/^fetch/, numbers(9))
      .allow(/./)
    const done = repo.checkout(async (held) => {
      held
        .stream(sql`select`, { batchSize: 2 })
        .next()
        .catch(() => {})
      await flush()
    })
    await flush()
    await flush()
    answer.resolve({})
    await done
    expect(sent()).toContain(`close ${name}`)
  })

  it('takes numbers for its cursors that do not collide on a connection', async () => {
    const { repo, database, sent } = scopeRepo(options)
    database.allow(/^fetch/, numbers(1)).allow(/./)
    await repo.transaction(async (tx) => {
      for await (const _row of tx.stream(sql`a`, { batchSize: 1 })) {
        await tx.transaction((inner) => collect(inner.stream(sql`b`)))
      }
    })
    expect(sent()).toContain('open mortise_stream_1 for a')
    expect(sent()).toContain('open mortise_stream_2 for b')
  })
})

it('is refused where the manifest says absent', () => {
  const { repo } = scopeRepo({ capabilities: { streaming: 'absent' } })
  expect(() => repo.stream(sql`select`)).toThrow(expect.objectContaining({ code: 'UNSUPPORTED' }))
})
