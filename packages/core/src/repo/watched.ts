import type { Answer, Channel } from '../query/index.ts'
import type { Runtime } from './runtime.ts'

/** Runs a script or a driver's batch, and tells the channel and the log of it. */
export async function watched(
  runtime: Runtime,
  channel: Channel,
  statement: { readonly sql: string; readonly parameterCount: number },
  work: () => Promise<Answer[]>,
): Promise<Answer[]> {
  const { telemetry, adapter } = runtime
  if (!telemetry.watchesQueries) return await work()
  const { first, lease } = channel
  const started = performance.now()
  let answers: Answer[] = []
  let error: unknown
  try {
    answers = await work()
    return answers
  } catch (failure) {
    error = failure
    throw failure
  } finally {
    telemetry.other({
      adapter: adapter.name,
      ...statement,
      queueMs: first ? lease.queueMs : undefined,
      queryMs: performance.now() - started,
      idleMs: first ? lease.idleMs : undefined,
      rowCount: answers.reduce((sum, { rows }) => sum + rows.length, 0),
      error,
    })
  }
}
