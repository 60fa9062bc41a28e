import type { Result } from '../contract/index.ts'
import { MisuseError, UnsupportedError } from '../errors/index.ts'
import { plainRequest } from '../pool/index.ts'
import { type Answer, type Channel, checkin, classify, rawQuery } from '../query/index.ts'
import { Scope } from '../transaction/index.ts'
import type { Runtime } from './runtime.ts'
import type { Caller } from './select.ts'

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
  const run = async (channel: Channel): Promise<Answer[]> => {
    const { connection, session } = channel.lease
    if (connection.executeScript === undefined) {
      throw new UnsupportedError('scripts', `${runtime.adapter.name} has no executeScript`)
    }
    const query = rawQuery(text, undefined)
    try {
      const answers: Answer[] = []
      const request = { ...plainRequest(text), signal: call.signal, deadline: call.deadline }
      const first = await connection.executeScript(request)
      for (let result: Result | undefined = first; result !== undefined; result = result.next) {
        if (result.sessionChanged) session.changed = true
        answers.push(runtime.executor.answer(result, query))
      }
      runtime.executor.checkStatus(channel, connection)
      return answers
    } catch (error) {
      const failure = classify(runtime.adapter, error)
      if (failure.fate === 'discard') session.broken = true
      if (failure.reachedDatabase) channel.statementFailed(failure.error)
      // A script that failed half-way may have begun a transaction and left it open.
      const status = connection.transactionStatus
      if (channel.expected === 'idle' && status !== undefined && status !== 'idle') {
        session.broken = true
      }
      throw failure.error
    }
  }
  const scope = runtime.context.resolve(caller.scope)
  if (scope !== undefined) return await scope.run(() => run(scope), call.signal)
  const lease = await runtime.acquire('write', call)
  const own = new Scope({ lease, kind: 'checkout', limit: 1 })
  try {
    return await own.run(() => run(own), call.signal)
  } finally {
    own.end()
    checkin(lease)
  }
}
