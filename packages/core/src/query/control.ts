import {
  type Adapter,
  type Connection,
  isPromise,
  type MaybePromise,
  type Request,
  type Result,
  type TransactionCommand,
} from '../contract/index.ts'
import { AdapterError } from '../errors/index.ts'
import { plainRequest } from '../pool/index.ts'
import type { Attempts } from './attempts.ts'
import type { Call } from './call.ts'
import type { TransactionChannel } from './channel.ts'
import { msLeft, withinLimits } from './limits.ts'

/**
 * Begins, commits, rolls back, or handles a savepoint. Throws as a statement does.
 *
 * What opens something may be given up like a statement: its connection is kept until it has ended.
 * What closes something is never cancelled: where it is given up its connection is discarded.
 */
export async function control(
  adapter: Adapter,
  attempts: Attempts,
  channel: TransactionChannel,
  command: TransactionCommand,
  call: Call,
): Promise<Result> {
  attempts.checkFit(channel)
  const { connection, session } = channel.lease
  const opens = command.kind === 'begin' || command.kind === 'savepoint'
  const limits = opens ? { signal: call.signal, deadline: call.deadline } : undefined
  const texts = connection.control === undefined ? adapter.dialect.transaction(command) : undefined
  const request = { ...plainRequest(texts?.[0] ?? ''), ...limits }
  const done = (result: Result): Result => {
    channel.commandDone(command)
    return result
  }
  try {
    const sent = carryOut(connection, command, texts, request)
    if (!isPromise(sent)) return done(sent)
    const pending = Promise.resolve(sent).then(done)
    if (opens) return await attempts.wait(channel, request, call, pending)
    const leftMs = msLeft(call, call.timeoutMs)
    return await withinLimits(pending, call.signal, leftMs, `${command.kind} took too long`, () => {
      session.broken = true
    })
  } catch (error) {
    const seen = attempts.failed(channel, attempts.classify(error))
    // Nobody knows how far a BEGIN of several steps got.
    const unclear = command.kind === 'begin' && texts?.length !== 1 && channel.failed
    if (unclear && connection.transactionStatus !== 'idle') session.broken = true
    throw seen
  }
}

function carryOut(
  connection: Connection,
  command: TransactionCommand,
  texts: readonly string[] | undefined,
  request: Request,
): MaybePromise<Result> {
  if (texts === undefined) {
    const { signal, deadline } = request
    return connection.control?.(command, { signal, deadline }) as MaybePromise<Result>
  }
  if (texts.length === 1) return connection.execute(request)
  return (async () => {
    let last: Result | undefined
    for (const sql of texts) last = await connection.execute({ ...request, sql })
    if (last === undefined) {
      throw new AdapterError(`the dialect has no statement for "${command.kind}"`)
    }
    return last
  })()
}
