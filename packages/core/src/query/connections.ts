import type { Access, Adapter, Connection } from '../contract/index.ts'
import {
  type Lease,
  Pool,
  type PoolEvents,
  type PoolOptions,
  type PoolRole,
} from '../pool/index.ts'
import {
  StatementCache,
  type StatementCacheLimits,
  type StatementCounters,
} from './statement-cache.ts'

/** What the runtime keeps of one connection. */
export interface Session {
  readonly cache: StatementCache
  /** Set when an error left the connection unfit: nothing more is sent, and checkin discards it. */
  broken: boolean
  /** Set when session state changed; it is reset at checkin. */
  changed: boolean
  /** Set when the connection works but must not be lent again; it is discarded at checkin. */
  worn: boolean
}

export type SessionLease = Lease<Session>

/** A repo's connections: one pool, or a writer and its readers. */
export class Connections {
  readonly writer: Pool<Session>
  readonly readers: Pool<Session> | undefined

  constructor(config: {
    readonly adapter: Adapter
    readonly options: PoolOptions
    readonly limits: StatementCacheLimits
    readonly counters: StatementCounters
    readonly events: PoolEvents
  }) {
    const { adapter, options, events } = config
    const openSession = (_connection: Connection): Session => ({
      cache: new StatementCache(config.limits, config.counters),
      broken: false,
      changed: false,
      worn: false,
    })
    const pool = (role: PoolRole, size: number, minIdle: number): Pool<Session> =>
      new Pool<Session>({
        adapter,
        role,
        options: { ...options, size, minIdle },
        events,
        openSession,
      })
    const { size, minIdle } = options
    if (adapter.topology === 'writer-readers') {
      this.writer = pool('writer', 1, Math.min(1, minIdle))
      this.readers = size > 1 ? pool('reader', size - 1, Math.max(0, minIdle - 1)) : undefined
    } else {
      this.writer = pool('any', size, minIdle)
      this.readers = undefined
    }
  }

  /** The pool for a call: only what surely reads goes to a reader. */
  for(access: Access): Pool<Session> {
    return access === 'read' && this.readers !== undefined ? this.readers : this.writer
  }

  stats(): { size: number; idle: number; inUse: number; waiting: number } {
    const sum = { ...this.writer.stats() }
    const readers = this.readers?.stats()
    if (readers !== undefined) {
      sum.size += readers.size
      sum.idle += readers.idle
      sum.inUse += readers.inUse
      sum.waiting += readers.waiting
    }
    return sum
  }

  /** Closes both at once: neither lends any more, and leases get one patience, not two. */
  async close(): Promise<void> {
    const results = await Promise.allSettled([this.readers?.close(), this.writer.close()])
    for (const result of results) if (result.status === 'rejected') throw result.reason
  }
}

/** Gives a lease back as its session deserves. */
export function checkin(lease: SessionLease): void {
  const { session } = lease
  if (session.broken || session.worn) lease.checkin('discard')
  else if (session.changed) {
    session.changed = false
    lease.checkin('reset')
  } else lease.checkin('clean')
}
