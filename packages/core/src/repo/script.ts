import type { MaybePromise, Result } from '../contract/index.ts'
import { MisuseError, UnsupportedError } from '../errors/index.ts'
import { plainRequest } from '../pool/index.ts'
import { type Answer, type Call, type Channel, rawQuery } from '../query/index.ts'
import type { Runtime } from './runtime.ts'
import type { Caller } from './select.ts'
import { watched } from './watched.ts'

/** `script`: several statements in one text; a result for each that gives one. */
export async function script(
  runtime: Runtime,
  caller: Caller,
  text: unknown,
  options: object | undefined,
): Promise<Answer[]> {
  const call = runtime.calls.parse(options, [], 'script')
  if (typeof text !== 'string') throw new MisuseError('TEXT_EXPECTED', 'script takes a text')
  runtime.need('scripts')
  const scope = runtime.context.resolve(caller.scope)
  return await runtime.attempt(scope, 'write', call, (channel, limited) =>
    watched(runtime, channel, { sql: text, parameterCount: 0 }, () =>
      send(runtime, channel, text, limited),
    ),
  )
}

async function send(
  runtime: Runtime,
  channel: Channel,
  text: string,
  call: Call,
): Promise<Answer[]> {
  const { executor } = runtime
  const { connection, session } = channel.lease
  if (connection.executeScript === undefined) {
    throw new UnsupportedError('scripts', `${runtime.adapter.name} has no executeScript`)
  }
  const { signal, deadline, options } = call
  const request = { ...plainRequest(text), signal, deadline, options }
  let first: Result
  try {
    first = await executor.attempts.run(
      channel,
      request,
      call,
      () => connection.executeScript?.(request) as MaybePromise<Result>,
    )
  } catch (error) {
    // A script that failed half-way may have begun a transaction and left it open.
    const status = connection.transactionStatus
    if (channel.expected === 'idle' && status !== undefined && status !== 'idle') {
      session.broken = true
    }
    throw error
  }
  const query = rawQuery(text, undefined)
  const answers: Answer[] = []
  for (let result: Result | undefined = first; result !== undefined; result = result.next) {
    if (result.sessionChanged) session.changed = true
    answers.push(executor.answer(result, query))
  }
  executor.checkTransaction(channel, first)
  return answers
}
