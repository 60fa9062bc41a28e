import type { Adapter, Connection } from '@mortise/core/adapter'
import { isPromise } from '@mortise/core/adapter'
import { facade } from './facade.ts'
import { type ConnectionRecord, observeConnection, settled } from './observed-connection.ts'
import type { Trace } from './trace.ts'

/** An adapter whose calls are noted, with the connections that it opened. */
export interface ObservedAdapter {
  readonly adapter: Adapter
  readonly connections: readonly ConnectionRecord[]
  /** Whether `close` was called on a connection that `adapter` gave. */
  isClosed(connection: Connection): boolean
}

/** The same adapter with `connect` and everything on its connections noted in the trace. */
export function observeAdapter(adapter: Adapter, trace: Trace): ObservedAdapter {
  const connections: ConnectionRecord[] = []
  const records = new WeakMap<Connection, ConnectionRecord>()

  function opened(connection: Connection): Connection {
    if (typeof connection !== 'object' || connection === null) return connection
    const record = { number: connections.length + 1, connection, closed: false }
    connections.push(record)
    const observed = observeConnection(record, trace)
    records.set(observed, record)
    return observed
  }

  const connect: Adapter['connect'] = (context) => {
    const end = trace.begin(connections.length + 1, 'connect')
    return settled(() => {
      const connection = adapter.connect(context)
      return isPromise(connection) ? connection.then(opened) : opened(connection)
    }, end)
  }

  return {
    adapter: facade(adapter, { connect }),
    connections,
    isClosed: (connection) => records.get(connection)?.closed ?? true,
  }
}
