import { type Connection, isPromise } from '@mortise/core/adapter'
import { describe, expect, it } from 'vitest'
import { drivers, type Fixture, failure, fixtures, request, rows, run } from './testing/fixture.ts'

/** Counts the turns of the event loop until it is stopped. */
function countTurns(): { readonly turns: number; stop(): void } {
  let turns = 0
  let running = true
  const turn = (): void => {
    turns++
    if (running) setImmediate(turn)
  }
  setImmediate(turn)
  return {
    get turns() {
      return turns
    },
    stop() {
      running = false
    },
  }
}

describe.each(drivers)('waiting for a lock (%s)', (driver) => {
  const fixture = fixtures()

  /** Two connections to one file, the first of which holds the write lock. */
  const locked = async (
    options: { busyTimeoutMs?: number; journalMode?: 'delete' } = {},
  ): Promise<{ database: Fixture; holder: Connection; waiter: Connection }> => {
    const database = fixture({ driver, place: 'file' }, options)
    const holder = await database.connect()
    await run(holder, 'create table t (a)')
    const waiter = await database.connect()
    await holder.control?.({ kind: 'begin' })
    await run(holder, 'insert into t values (1)')
    return { database, holder, waiter }
  }

  it('does not block the event loop, and ends when the other connection commits', async () => {
    const { holder, waiter } = await locked()
    const loop = countTurns()
    let done = false
    const write = Promise.resolve(waiter.execute(request('insert into t values (2)'))).then(
      (result) => {
        done = true
        return result
      },
    )
    const before = loop.turns
    while (loop.turns < before + 50) await new Promise((resolve) => setImmediate(resolve))
    expect(done).toBe(false)
    await holder.control?.({ kind: 'commit' })
    expect(await write).toMatchObject({ affected: 1, command: 'INSERT' })
    loop.stop()
    expect(await rows(waiter, 'select a from t order by a')).toEqual([[1], [2]])
  })

  it('waits at BEGIN, before anything was read', async () => {
    const { holder, waiter } = await locked()
    const begun = Promise.resolve(waiter.control?.({ kind: 'begin' }))
    await holder.control?.({ kind: 'commit' })
    await begun
    expect(waiter.transactionStatus).toBe('active')
    await run(waiter, 'insert into t values (2)')
    await waiter.control?.({ kind: 'commit' })
    expect(await rows(holder, 'select count(*) from t')).toEqual([[2]])
  })

  it('waits at BEGIN no longer than its caller', async () => {
    const { holder, waiter } = await locked()
    const controller = new AbortController()
    const { signal } = controller
    const aborted = waiter.control?.({ kind: 'begin' }, { signal, deadline: undefined })
    controller.abort()
    await expect(aborted).rejects.toMatchObject({ code: 'ABORTED' })
    const deadline = performance.now() + 20
    const late = waiter.control?.({ kind: 'begin' }, { signal: undefined, deadline })
    await expect(late).rejects.toMatchObject({ code: 'TIMEOUT' })
    expect(waiter.transactionStatus).toBe('idle')
    await holder.control?.({ kind: 'commit' })
  })

  it('waits with a write that returns rows, and writes it once', async () => {
    const { holder, waiter } = await locked()
    const write = waiter.execute(request('insert into t values (2) returning a'))
    expect(isPromise(write)).toBe(true)
    await holder.control?.({ kind: 'commit' })
    expect(await write).toMatchObject({ rows: [[2]], affected: 1 })
    expect(waiter.transactionStatus).toBe('idle')
    expect(await rows(waiter, 'select count(*) from t')).toEqual([[2]])
  })

  it('waits in a script, statement by statement', async () => {
    const { holder, waiter } = await locked()
    const script = waiter.executeScript?.(
      request('insert into t values (2); insert into t values (3); select count(*) from t'),
    )
    await holder.control?.({ kind: 'commit' })
    expect((await script)?.next?.next?.rows).toEqual([[3]])
  })

  it('waits at COMMIT for readers where the journal mode needs it', async () => {
    const database = fixture({ driver, place: 'file' }, { journalMode: 'delete' })
    const writer = await database.connect()
    await run(writer, 'create table t (a)')
    const reader = await database.connect('reader')
    await reader.control?.({ kind: 'begin', readOnly: true })
    expect(await rows(reader, 'select * from t')).toEqual([])
    await writer.control?.({ kind: 'begin' })
    await run(writer, 'insert into t values (1)')
    const committed = Promise.resolve(writer.control?.({ kind: 'commit' }))
    await reader.control?.({ kind: 'commit' })
    await committed
    expect(writer.transactionStatus).toBe('idle')
    expect(await rows(reader, 'select a from t')).toEqual([[1]])
  })

  it('lets readers read meanwhile', async () => {
    const { database } = await locked()
    const reader = await database.connect('reader')
    const answer = reader.execute(request('select count(*) from t'))
    expect(isPromise(answer)).toBe(false)
    expect((await answer).rows).toEqual([[0]])
  })

  it('ends with lock_timeout when busyTimeoutMs is over', async () => {
    const { database, waiter } = await locked({ busyTimeoutMs: 30 })
    for (const work of [
      () => run(waiter, 'insert into t values (2)'),
      () => run(waiter, 'insert into t values (2) returning a'),
      () => waiter.control?.({ kind: 'begin' }),
    ]) {
      expect(await failure(database, work)).toMatchObject({
        kind: 'lock_timeout',
        nativeCode: 'SQLITE_BUSY',
        retryable: true,
        fate: 'keep',
      })
      expect(waiter.transactionStatus).toBe('idle')
    }
  })

  it('does not wait at all with busyTimeoutMs: 0', async () => {
    const { database, waiter } = await locked({ busyTimeoutMs: 0 })
    expect(await failure(database, () => run(waiter, 'insert into t values (2)'))).toMatchObject({
      kind: 'lock_timeout',
    })
  })

  it('ends at the call’s own deadline, signal and cancel', async () => {
    const { waiter } = await locked()
    const insert = 'insert into t values (2)'
    const deadline = performance.now() + 20
    await expect(run(waiter, insert, [], { deadline })).rejects.toMatchObject({
      name: 'TimeoutError',
    })
    const controller = new AbortController()
    const aborted = run(waiter, insert, [], { signal: controller.signal })
    controller.abort('enough')
    await expect(aborted).rejects.toMatchObject({ name: 'AbortError', cause: 'enough' })
    const call = request(insert)
    const cancelled = Promise.resolve(waiter.execute(call))
    await waiter.cancel?.(call)
    await expect(cancelled).rejects.toMatchObject({ name: 'AbortError' })
  })

  it('never tries again what a snapshot forbids', async () => {
    const database = fixture({ driver, place: 'file' })
    const one = await database.connect()
    await run(one, 'create table t (a)')
    const other = await database.connect()
    await run(one, 'begin')
    expect(await rows(one, 'select * from t')).toEqual([])
    await run(other, 'insert into t values (1)')
    expect(await failure(database, () => run(one, 'insert into t values (2)'))).toMatchObject({
      kind: 'serialization_failure',
      nativeCode: 'SQLITE_BUSY_SNAPSHOT',
      retryable: true,
    })
    await run(one, 'rollback')
    expect(await rows(one, 'select a from t')).toEqual([[1]])
  })

  it('does not wait inside a transaction that has read, for that may never end', async () => {
    const { database, holder, waiter } = await locked()
    await run(waiter, 'begin')
    await rows(waiter, 'select * from t')
    expect(await failure(database, () => run(waiter, 'insert into t values (2)'))).toMatchObject({
      kind: 'lock_timeout',
    })
    await run(waiter, 'rollback')
    await holder.control?.({ kind: 'commit' })
  })

  it('waits while it opens a file, too', async () => {
    const database = fixture({ driver, place: 'file' }, { journalMode: 'delete' })
    const holder = await database.connect()
    await run(holder, 'create table t (a)')
    await run(holder, 'begin exclusive')
    const opening = database.connect()
    await run(holder, 'commit')
    expect(await rows(await opening, 'select * from t')).toEqual([])
  })

  it('lets two connections take turns without losing a write', async () => {
    const database = fixture({ driver, place: 'file' })
    const connections = [await database.connect(), await database.connect()]
    await run(connections[0] as Connection, 'create table t (a integer)')
    await run(connections[0] as Connection, 'insert into t values (0)')
    const work = async (connection: Connection): Promise<void> => {
      for (let i = 0; i < 25; i++) {
        await connection.control?.({ kind: 'begin' })
        const [[before]] = (await rows(connection, 'select a from t')) as [[number]]
        await new Promise((resolve) => setImmediate(resolve))
        await run(connection, 'update t set a = ?', [BigInt(before + 1)])
        await connection.control?.({ kind: 'commit' })
      }
    }
    await Promise.all(connections.map(work))
    expect(await rows(connections[0] as Connection, 'select a from t')).toEqual([[50]])
  })
})
