import { deepStrictEqual } from 'node:assert/strict'
import { sqlite } from '@mortise/adapter-sqlite'
import { type Adapter, createRepo, sql } from '@mortise/core'
import type { Connection, MaybePromise, Request, Result, Statement } from '@mortise/core/adapter'
import type { BenchCase } from '../case.ts'
import { compareTimes, runRounds } from '../rounds.ts'
import { fillTable, plainRow, plainRows } from '../tables.ts'

const text = 'select * from plain_rows where id = ?'

/** What the runtime adds to the adapter: pool, cache, encoding, row objects, the promise. */
export const queryCase: BenchCase = {
  name: 'query',
  async run(scale) {
    const rows = 10_000
    const calls = scale.quick ? 10_000 : 50_000
    const adapter = sqlite(':memory:')
    let connection: Connection | undefined
    // The bare connection is the repo's own: the same database and the same page cache.
    const shared: Adapter = {
      ...adapter,
      async connect(context) {
        connection = await adapter.connect(context)
        return connection
      },
    }
    const repo = createRepo<Adapter>({ adapter: shared })
    try {
      await fillTable(repo, plainRows, plainRow, rows)
      const bare = bareCall(connection as Connection)
      const { rows: found } = await repo.query(text, [7])
      deepStrictEqual(Object.values(found[0] ?? {}), (await bare(7)).rows[0])
      const id = (i: number): number => 1 + ((i * 7919) % rows)
      const times = await runRounds(
        {
          text: {
            what: 'repo.query(text, values)',
            async run() {
              for (let i = 0; i < calls; i++) await repo.query(text, [id(i)])
            },
          },
          tag: {
            what: 'repo.query(sql`…`)',
            async run() {
              for (let i = 0; i < calls; i++) {
                await repo.query(sql`select * from ${plainRows} where id = ${id(i)}`)
              }
            },
          },
          bare: {
            what: 'connection.execute, rows as arrays',
            run() {
              for (let i = 0; i < calls; i++) bare(id(i))
            },
          },
        },
        { ...scale, collect: false },
      )
      const name = 'query one row × 13'
      const options = { per: calls, unit: 'µs', goal: { least: 0.6 } } as const
      return [
        compareTimes(name, times.text, times.bare, options),
        compareTimes(name, times.tag, times.bare, options),
      ]
    } finally {
      await repo.close()
    }
  },
}

/** Calls a connection as the runtime does, with a statement that is prepared once. */
function bareCall(connection: Connection): (id: number) => { rows: Result['rows'] } {
  const statement: Statement = { id: 1_000_000, sql: text, types: undefined, handle: undefined }
  return (id) => {
    const request: Request = {
      sql: text,
      parameters: [BigInt(id)],
      types: undefined,
      access: 'read',
      shape: undefined,
      statement,
      signal: undefined,
      deadline: undefined,
      options: undefined,
    }
    const result: MaybePromise<Result> = connection.execute(request)
    if (result instanceof Promise) throw new Error('the connection waited')
    return result
  }
}
