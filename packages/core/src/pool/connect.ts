import {
  type Adapter,
  type ConnectContext,
  type Connection,
  isPromise,
  type MaybePromise,
  type Notice,
} from '../contract/index.ts'
import { MisuseError } from '../errors/index.ts'
import type { Clock } from './clock.ts'
import { type ConnectFailure, connectFailure, connectTimedOut } from './connect-failure.ts'
import type { OnConnectHandle, PoolOptions, PoolRole } from './options.ts'
import { outsideCaller } from './outside-caller.ts'
import { plainRequest } from './plain-request.ts'

/** What every connect of a pool needs. */
export interface ConnectPlan<S> {
  readonly adapter: Adapter
  readonly role: PoolRole
  readonly options: Pick<PoolOptions, 'connectTimeoutMs' | 'onConnect'>
  readonly clock: Clock
  readonly onNotice: (notice: Notice) => void
  /** Makes what the layers above keep with a connection. */
  readonly openSession: (connection: Connection) => S
}

/** Where news of an open connection go. The pool sets `onLost` when it takes the connection. */
export interface ConnectionLink {
  /** Set when the session ended unasked. */
  lost: { readonly error: unknown } | undefined
  onLost: ((error: unknown) => void) | undefined
}

/** How an attempt tells what became of it: `opened` or `failed`, once. */
export interface ConnectOutcome<S> {
  opened(connection: Connection, link: ConnectionLink, session: S): void
  failed(failure: ConnectFailure): void
  /** What is still going on after a failure; its place is taken until it has ended. */
  ending(work: () => MaybePromise<unknown>): void
}

/** Gives up an attempt: it fails with `failure` unless it has ended already. */
export type Abandon = (failure: ConnectFailure) => void

/**
 * Opens and prepares one connection, within `connectTimeoutMs` over all. A synchronous adapter has
 * opened it before this returns.
 */
export function connect<S>(plan: ConnectPlan<S>, outcome: ConnectOutcome<S>): Abandon {
  const { adapter, clock, options } = plan
  const controller = new AbortController()
  const link: ConnectionLink = { lost: undefined, onLost: undefined }
  let settled = false
  let timer: unknown
  let connection: Connection | undefined
  let connecting: Promise<Connection> | undefined

  const fail = (failure: ConnectFailure): void => {
    if (settled) return
    settled = true
    clock.clearTimeout(timer)
    const open = connection
    const late = connecting
    if (open !== undefined || late !== undefined) controller.abort(failure.error())
    if (open !== undefined) outcome.ending(() => open.close())
    else if (late !== undefined) outcome.ending(() => late.then((arrived) => arrived.close()))
    outcome.failed(failure)
  }
  const failWith = (error: unknown): void => fail(connectFailure(adapter, error))

  const prepared = (open: Connection): void => {
    if (settled) return
    if (link.lost !== undefined) {
      failWith(link.lost.error)
      return
    }
    let session: S
    try {
      session = plan.openSession(open)
    } catch (error) {
      failWith(error)
      return
    }
    settled = true
    clock.clearTimeout(timer)
    outcome.opened(open, link, session)
  }

  const arrived = (open: Connection): void => {
    if (settled) return
    connection = open
    step(
      () => prepare(open, plan),
      () => prepared(open),
      failWith,
    )
  }

  const context: ConnectContext = {
    role: plan.role,
    signal: controller.signal,
    onNotice: plan.onNotice,
    onClosed: (error) => {
      if (link.lost !== undefined) return
      link.lost = { error }
      link.onLost?.(error)
    },
  }
  timer = clock.setTimeout(
    () => fail(connectTimedOut(options.connectTimeoutMs)),
    options.connectTimeoutMs,
  )
  step(
    () => {
      const opening = adapter.connect(context)
      if (isPromise(opening)) connecting = opening
      return opening
    },
    arrived,
    (error) => {
      connecting = undefined
      failWith(error)
    },
  )
  return fail
}

/** Runs `onConnect`, if there is one, on a connection that nobody else uses. */
export function prepare(
  connection: Connection,
  plan: Pick<ConnectPlan<unknown>, 'role'> & { readonly options: Pick<PoolOptions, 'onConnect'> },
): MaybePromise<void> {
  const { onConnect } = plan.options
  if (onConnect === undefined) return
  let over = false
  const handle: OnConnectHandle = {
    role: plan.role,
    execute(sql, parameters = []) {
      if (over) {
        throw new MisuseError(
          'LEASE_ENDED',
          'onConnect has ended, and with it the use of the connection it was given. Await what it starts.',
        )
      }
      return connection.execute(plainRequest(sql, parameters))
    },
  }
  const end = (): void => {
    over = true
  }
  let running: MaybePromise<void>
  try {
    running = onConnect(handle)
  } catch (error) {
    end()
    throw error
  }
  if (!isPromise(running)) return end()
  return running.then(end, (error: unknown) => {
    end()
    throw error
  })
}

/** One step outside the caller's context, at once where it is synchronous. */
function step<T>(
  work: () => MaybePromise<T>,
  done: (value: T) => void,
  failed: (error: unknown) => void,
): void {
  outsideCaller(() => {
    let value: MaybePromise<T>
    try {
      value = work()
    } catch (error) {
      return failed(error)
    }
    if (isPromise(value)) value.then(done, failed)
    else done(value)
  })
}
