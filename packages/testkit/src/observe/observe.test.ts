import type { Adapter, Connection } from '@mortise/core/adapter'
import { describe, expect, it } from 'vitest'
import { request } from '../contract/index.ts'
import { facade } from './facade.ts'
import { observeAdapter } from './observed-adapter.ts'
import { Trace } from './trace.ts'

const context = {
  role: 'any' as const,
  signal: new AbortController().signal,
  onNotice: () => {},
  onClosed: () => {},
}

class OwnConnection implements Connection {
  #calls = 0
  execute() {
    this.#calls++
    return { columns: [], rows: [[this.#calls]], affected: null }
  }
  get transactionStatus() {
    return this.#calls > 1 ? ('active' as const) : ('idle' as const)
  }
  close() {}
}

function observed(connection: Connection) {
  const trace = new Trace()
  const adapter = { connect: () => connection } as unknown as Adapter
  const result = observeAdapter(Object.freeze(adapter), trace)
  return { ...result, trace, connection: result.adapter.connect(context) as Connection }
}

describe('an observed connection', () => {
  it('keeps private fields, getters and synchronous answers working', () => {
    const { connection, trace } = observed(new OwnConnection())
    expect(connection.transactionStatus).toBe('idle')
    expect(connection.execute(request('select 1'))).toMatchObject({ rows: [[1]] })
    void connection.execute(request('select 2'))
    expect(connection.transactionStatus).toBe('active')
    expect(trace.sent).toBe(2)
  })

  it('has no member that the author left out', () => {
    const { connection } = observed(new OwnConnection())
    expect(connection.stream).toBeUndefined()
    expect('stream' in connection).toBe(false)
    expect('execute' in connection).toBe(true)
  })

  it('notes text, kinds of parameters and outcome, and no value', async () => {
    const { connection, trace } = observed({
      execute: ({ sql }) =>
        sql === 'bad'
          ? Promise.reject(Object.assign(new Error('secret'), { code: 'E1' }))
          : { columns: [], rows: [], affected: 2 },
      close: () => {},
    })
    await connection.execute(
      request('good', { parameters: ['secret', 1, null, new Uint8Array(1)] }),
    )
    await Promise.resolve(connection.execute(request('bad'))).catch(() => {})
    expect(trace.last(2)).toMatchObject([
      {
        sql: 'good',
        parameters: ['string', 'number', 'null', 'bytes'],
        outcome: '0 rows, affected 2',
      },
      { sql: 'bad', outcome: 'rejected with Error E1' },
    ])
    expect(JSON.stringify(trace.last(10))).not.toContain('secret')
  })

  it('is known to be closed once close was called', () => {
    const { connection, isClosed, connections } = observed(new OwnConnection())
    expect(isClosed(connection)).toBe(false)
    void connection.close()
    expect(isClosed(connection)).toBe(true)
    expect(connections).toMatchObject([{ number: 1, closed: true }])
  })
})

it('a facade may be spread and sees changes of its target', () => {
  const target = { a: 1, method: () => 'own' }
  const before = facade<typeof target & { b?: number }>(target, { method: () => 'other' })
  expect({ ...before }).toMatchObject({ a: 1 })
  expect(before.method()).toBe('other')
  before.b = 2
  expect(target).toMatchObject({ b: 2 })
})
