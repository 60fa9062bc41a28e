import { sqlite } from '@mortise/adapter-sqlite'
import type { Adapter, Connection, Request } from '@mortise/core/adapter'
import { expect, it } from 'vitest'
import type { Database } from './databases.ts'
import { runWorkload } from './workload.ts'

const silent = { async phase() {}, detail() {}, clear() {} }

/** A database in memory whose connection treats inserts as `change` does. */
function lying(change: (request: Request) => Request): Database {
  const honest = sqlite(':memory:')
  const shared = honest.connect({
    role: 'any',
    signal: new AbortController().signal,
    onNotice() {},
    onClosed() {},
  })
  const adapter: Adapter = {
    ...honest,
    async connect() {
      const connection: Connection = await shared
      return {
        execute: (request) =>
          connection.execute(request.sql.startsWith('insert') ? change(request) : request),
        close() {},
      }
    },
  }
  return {
    name: 'lying',
    note: '',
    open: async () => ({ adapter: () => adapter, close: async () => (await shared).close() }),
  }
}

const options = { directory: '', posts: 5, rounds: 1, progress: silent }

it('takes an honest database', async () => {
  const result = await runWorkload([lying((request) => request)], options)
  expect(result.databases[0]?.stages).toHaveLength(5)
})

it('refuses figures of a database that changes a value', async () => {
  const doubled = lying((request) => ({
    ...request,
    parameters: request.parameters.map((value) => (value === 3n ? 33n : value)),
  }))
  await expect(runWorkload([doubled], options)).rejects.toThrow('other values than were inserted')
})

it('refuses figures of a database that does nothing', async () => {
  const idle = lying((request) => ({
    ...request,
    sql: 'select 1 as id where false',
    parameters: [],
    shape: undefined,
    statement: undefined,
  }))
  await expect(runWorkload([idle], options)).rejects.toThrow(/gave no row back|0 rows are there/)
})
