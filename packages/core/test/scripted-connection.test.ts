import { describe, expect, it } from 'vitest'
import type { ConnectContext, Connection } from '../src/contract/index.ts'
import {
  Deferred,
  request,
  ScriptedDatabase,
  ScriptedError,
  type ScriptedOptions,
  scripted,
} from './scripted-connection.ts'

const context: ConnectContext = {
  role: 'any',
  signal: new AbortController().signal,
  onNotice: () => {},
  onClosed: () => {},
}

function open(database: ScriptedDatabase): Connection {
  const connection = database.adapter.connect(context)
  if (connection instanceof Promise) throw new Error('a synchronous script was expected')
  return connection
}

describe('a scripted database', () => {
  it('answers expected statements in order and records every call', async () => {
    const database = scripted()
    const connection = await database.adapter.connect(context)
    database.expect('select 1', { columns: ['one'], rows: [[1]] }).expect(/^update/)
    expect(await connection.execute(request('select 1'))).toEqual({
      columns: [{ name: 'one' }],
      rows: [[1]],
      affected: null,
    })
    await connection.execute(request('update t'))
    await connection.close()
    expect(database.log()).toEqual([
      '#1 connect',
      '#1 execute select 1',
      '#1 execute update t',
      '#1 close',
    ])
  })

  it('answers at once when it is synchronous, and throws at once', () => {
    const database = scripted({ sync: true })
    const connection = open(database)
    database.expect('bad', new ScriptedError({ kind: 'syntax' })).expect('good', { affected: 2 })
    expect(() => connection.execute(request('bad'))).toThrow('scripted syntax')
    expect(connection.execute(request('good'))).toMatchObject({ affected: 2 })
  })

  it('waits where the test holds the answer', async () => {
    const database = scripted()
    const connection = await database.adapter.connect(context)
    const answer = new Deferred<{ affected: number }>()
    database.expect('slow', answer)
    const running = connection.execute(request('slow'))
    answer.resolve({ affected: 1 })
    expect(await running).toMatchObject({ affected: 1 })
  })

  it.each<[string, ScriptedOptions, (database: ScriptedDatabase, connection: Connection) => void]>([
    ['a statement nobody expects', {}, (_, c) => void c.execute(request('select 2'))],
    [
      'a statement in the wrong place',
      {},
      (d, c) => {
        d.expect('a').expect('b')
        c.execute(request('b'))
      },
    ],
    ['a second close', {}, (_, c) => [c.close(), c.close()]],
    ['a call after close', {}, (_, c) => [c.close(), c.ping?.()]],
    [
      'a call while another runs',
      {},
      (d, c) => {
        d.next('ping', new Deferred())
        c.ping?.()
        c.reset?.()
      },
    ],
  ])('fails the test on %s, even when the throw is swallowed', (_, options, breach) => {
    const database = new ScriptedDatabase({ sync: true, ...options })
    const connection = open(database)
    expect(() => breach(database, connection)).toThrow()
    expect(() => database.verify()).toThrow(/unexpected|twice|after close|while/)
  })

  it('fails the test when an expected statement does not come', () => {
    const database = new ScriptedDatabase()
    database.expect('select 1')
    expect(() => database.verify()).toThrow('did not come: select 1')
  })

  it('lets calls overlap where the manifest says so', async () => {
    const database = scripted({ capabilities: { pipelining: 2 } })
    const connection = await database.adapter.connect(context)
    database.allow(/./)
    await Promise.all([connection.execute(request('a')), connection.execute(request('b'))])
  })

  it('follows the transaction when asked to', () => {
    const database = scripted({ sync: true, features: ['transactionStatus', 'control'] })
    const connection = open(database)
    void connection.control?.({ kind: 'begin' })
    expect(connection.transactionStatus).toBe('active')
    database.expect('bad', new ScriptedError({ kind: 'syntax' }))
    expect(() => connection.execute(request('bad'))).toThrow()
    expect(connection.transactionStatus).toBe('failed')
    void connection.control?.({ kind: 'rollback' })
    expect(connection.transactionStatus).toBe('idle')
    expect(database.log('control')).toEqual(['#1 control begin', '#1 control rollback'])
  })

  it('streams batches and records the release', async () => {
    const database = scripted({ features: ['stream'] })
    const connection = await database.adapter.connect(context)
    database.next('stream', [{ rows: [[1]] }, { rows: [[2]] }])
    for await (const batch of connection.stream?.(request('select'), { batchSize: 1 }) ?? []) {
      expect(batch.rows).toEqual([[1]])
      break
    }
    expect(database.log()).toEqual(['#1 connect', '#1 stream select', '#1 stream_return select'])
  })
})
