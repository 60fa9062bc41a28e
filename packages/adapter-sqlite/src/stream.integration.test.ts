import type { Connection, Request, RowShape } from '@mortise/core/adapter'
import { describe, expect, it } from 'vitest'
import { fixtures, places, request, rows, run } from './testing/fixture.ts'

const numbers = (count: number) =>
  `with recursive n(i) as (select 1 union all select i + 1 from n where i < ${count}) select i from n`

/** The sizes of a stream's batches, and its rows. */
async function read(
  connection: Connection,
  call: Request,
  batchSize: number,
): Promise<{ sizes: number[]; rows: unknown[]; columns: string[] }> {
  const sizes: number[] = []
  const all: unknown[] = []
  let columns: string[] = []
  for await (const batch of connection.stream!(call, { batchSize })) {
    sizes.push(batch.rows.length)
    all.push(...batch.rows)
    columns = batch.columns.map(({ name }) => name)
  }
  return { sizes, rows: all, columns }
}

describe.each(places)('a stream ($driver, $place)', (place) => {
  const fixture = fixtures()

  it('gives all rows in order, in batches that are full but for the last', async () => {
    const connection = await fixture(place).connect()
    expect(await read(connection, request(numbers(7)), 3)).toEqual({
      sizes: [3, 3, 1],
      rows: [[1], [2], [3], [4], [5], [6], [7]],
      columns: ['i'],
    })
    expect((await read(connection, request(numbers(6)), 3)).sizes).toEqual([3, 3])
    expect((await read(connection, request('select 1 where 0'), 3)).sizes).toEqual([])
    expect((await read(connection, request('select ?', { parameters: ['x'] }), 1)).rows).toEqual([
      ['x'],
    ])
  })

  it('reads integers and bytes exactly', async () => {
    const connection = await fixture(place).connect()
    const values = "values (1, x'00'), (9007199254740993, null)"
    await expect(read(connection, request(values), 10)).rejects.toMatchObject({
      code: 'VALUE_REFUSED',
    })
    expect(
      (await read(connection, request(values, { options: { integers: 'bigint' } }), 1)).rows,
    ).toEqual([
      [1n, new Uint8Array(1)],
      [9007199254740993n, null],
    ])
    const shape: RowShape = {
      columns: [
        { property: 'a', type: { name: 'bigint' }, decode: undefined },
        { property: 'b', type: { name: 'bytes' }, decode: undefined },
      ],
      attach: undefined,
    }
    expect((await read(connection, request(values, { shape }), 10)).rows).toEqual([
      [1n, new Uint8Array(1)],
      [9007199254740993n, null],
    ])
  })

  it('refuses other work meanwhile, and none after it was left early', async () => {
    const connection = await fixture(place).connect()
    await run(connection, 'create table t (a)')
    for await (const batch of connection.stream!(request(numbers(100)), { batchSize: 10 })) {
      expect(batch.rows).toHaveLength(10)
      await expect(run(connection, 'insert into t values (1)')).rejects.toMatchObject({
        code: 'STREAM_OPEN',
      })
      await expect((async () => connection.control!({ kind: 'begin' }))()).rejects.toMatchObject({
        code: 'STREAM_OPEN',
      })
      break
    }
    await run(connection, 'insert into t values (1)')
    expect(await rows(connection, 'select a from t')).toEqual([[1]])
  })

  it('reads no further than its consumer asked for', async () => {
    const connection = await fixture(place).connect()
    // The fourth row cannot be read, and that is nobody's business before it is asked for.
    const sql = `select case i when 4 then 9007199254740993 else i end from (${numbers(5)})`
    const seen: unknown[] = []
    for await (const { rows } of connection.stream!(request(sql), { batchSize: 3 })) {
      seen.push(...rows)
      break
    }
    expect(seen).toEqual([[1], [2], [3]])
  })

  it('ends between two rows when its signal fires or its deadline passes', async () => {
    const connection = await fixture(place).connect()
    const controller = new AbortController()
    const endless = numbers(1_000_000_000)
    const aborted = async () => {
      const call = request(endless, { signal: controller.signal })
      for await (const _ of connection.stream!(call, { batchSize: 5 })) controller.abort('enough')
    }
    await expect(aborted()).rejects.toMatchObject({ name: 'AbortError', cause: 'enough' })
    const late = request(endless, { deadline: performance.now() + 20 })
    await expect(read(connection, late, 1_000_000_000)).rejects.toMatchObject({
      name: 'TimeoutError',
    })
    expect(await rows(connection, 'select 1')).toEqual([[1]])
  })

  it('lets the event loop run while it is read without a pause', async () => {
    const connection = await fixture(place).connect()
    const controller = new AbortController()
    setTimeout(() => controller.abort(), 1)
    const call = request(numbers(1_000_000_000), { signal: controller.signal })
    await expect(read(connection, call, 100)).rejects.toMatchObject({ name: 'AbortError' })
  })

  it('gives the rows of a write, which is done as a whole', async () => {
    const connection = await fixture(place).connect()
    await run(connection, 'create table t (a)')
    const call = request('insert into t values (1), (2), (3) returning a')
    for await (const { rows } of connection.stream!(call, { batchSize: 2 })) {
      expect(rows).toEqual([[1], [2]])
      break
    }
    expect(await rows(connection, 'select count(*) from t')).toEqual([[3]])
  })

  it('is closed with its connection', async () => {
    const connection = await fixture(place).connect()
    const stream = connection.stream!(request(numbers(100)), { batchSize: 10 })
    await stream[Symbol.asyncIterator]().next()
    await connection.close()
  })
})

describe.each(places)('a read with limits ($driver, $place)', (place) => {
  const fixture = fixtures()

  it('gives what it gives without', async () => {
    const connection = await fixture(place).connect()
    const { signal } = new AbortController()
    const sql = "values (1, 'a', x'00', 1.5, null), (2, '', x'', 1e300, null)"
    for (const limits of [{ signal }, { deadline: performance.now() + 10_000 }]) {
      const limited = await run(connection, sql, [], limits)
      expect(limited).toEqual(await run(connection, sql))
    }
  })

  it('is stopped between two rows by its deadline', async () => {
    const connection = await fixture(place).connect()
    const deadline = performance.now() + 20
    await expect(run(connection, numbers(1_000_000_000), [], { deadline })).rejects.toMatchObject({
      name: 'TimeoutError',
    })
    expect(await rows(connection, 'select 1')).toEqual([[1]])
  })

  it('lets its signal fire, and is stopped by it', async () => {
    const connection = await fixture(place).connect()
    const controller = new AbortController()
    setTimeout(() => controller.abort('enough'), 1)
    await expect(
      run(connection, numbers(1_000_000_000), [], { signal: controller.signal }),
    ).rejects.toMatchObject({ name: 'AbortError', cause: 'enough' })
    expect(await rows(connection, 'select 1')).toEqual([[1]])
  })

  it('is stopped by the runtime’s cancel', async () => {
    const connection = await fixture(place).connect()
    const call = request(numbers(1_000_000_000), { signal: new AbortController().signal })
    const answer = Promise.resolve(connection.execute(call))
    await connection.cancel?.(call)
    await expect(answer).rejects.toMatchObject({ name: 'AbortError' })
    expect(await rows(connection, 'select 1')).toEqual([[1]])
  })

  it('does not begin when the limit was reached before', async () => {
    const connection = await fixture(place).connect()
    await run(connection, 'create table t (a)')
    for (const limits of [{ signal: AbortSignal.abort() }, { deadline: performance.now() - 1 }]) {
      await expect(run(connection, 'insert into t values (1)', [], limits)).rejects.toMatchObject({
        name: limits.signal === undefined ? 'TimeoutError' : 'AbortError',
      })
    }
    expect(await rows(connection, 'select count(*) from t')).toEqual([[0]])
  })

  it('never leaves a write half done', async () => {
    const connection = await fixture(place).connect()
    await run(connection, 'create table t (a)')
    const sql = `insert into t ${numbers(20_000)} returning a`
    const { signal } = new AbortController()
    expect((await run(connection, sql, [], { signal })).rows).toHaveLength(20_000)
  })
})
