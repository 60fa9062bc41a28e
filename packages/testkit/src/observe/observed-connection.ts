import { type Connection, isPromise, type Request, type Result } from '@mortise/core/adapter'
import { facade } from './facade.ts'
import type { Trace } from './trace.ts'

/** What the harness knows of a connection beside what it says itself. */
export interface ConnectionRecord {
  readonly number: number
  readonly connection: Connection
  /** Whether `close` was called. */
  closed: boolean
}

/**
 * The same connection with every call noted in the trace. A member that the author left out stays
 * left out, and a synchronous answer stays synchronous.
 */
export function observeConnection(record: ConnectionRecord, trace: Trace): Connection {
  const { connection, number } = record

  function noted<A extends readonly unknown[], R>(
    call: string,
    method: (...args: A) => R,
    describe: (...args: A) => Pick<Request, 'sql' | 'parameters'> | undefined,
  ): (...args: A) => R {
    return (...args) => {
      const request = describe(...args)
      const end = trace.begin(number, call, request?.sql, request?.parameters)
      return settled(() => method.apply(connection, args as never) as R, end)
    }
  }

  const wrapped: { [name: string]: (...args: never[]) => unknown } = {
    execute: noted('execute', connection.execute, asRequest),
    executeScript: noted('executeScript', connection.executeScript as never, asRequest),
    executeBatch: noted('executeBatch', connection.executeBatch as never, (requests) => ({
      sql: (requests as readonly Request[]).map(({ sql }) => sql).join('; '),
      parameters: [],
    })),
    stream: noted('stream', connection.stream as never, asRequest),
    control: noted('control', connection.control as never, (command) => ({
      sql: (command as { kind: string }).kind,
      parameters: [],
    })),
    deallocate: noted('deallocate', connection.deallocate as never, asSql),
    cancel: noted('cancel', connection.cancel as never, asSql),
    reset: noted('reset', connection.reset as never, nothing),
    ping: noted('ping', connection.ping as never, nothing),
    close: noted(
      'close',
      (() => {
        record.closed = true
        return connection.close()
      }) as never,
      nothing,
    ),
  }

  return facade(connection, wrapped)
}

function asRequest(request: unknown): Pick<Request, 'sql' | 'parameters'> {
  return request as Request
}

function asSql(holder: unknown): Pick<Request, 'sql' | 'parameters'> {
  return { sql: (holder as { sql: string }).sql, parameters: [] }
}

function nothing(): undefined {
  return undefined
}

/** Runs a call and notes how it ended, at once where it answers at once. */
export function settled<R>(call: () => R, end: (outcome: string) => void): R {
  let answer: R
  try {
    answer = call()
  } catch (error) {
    end(`threw ${nameOf(error)}`)
    throw error
  }
  if (!isPromise(answer)) {
    end(outcomeOf(answer))
    return answer
  }
  return answer.then(
    (value: unknown) => {
      end(outcomeOf(value))
      return value
    },
    (error: unknown) => {
      end(`rejected with ${nameOf(error)}`)
      throw error
    },
  ) as R
}

function outcomeOf(answer: unknown): string {
  const result = answer as Partial<Result> | undefined
  if (typeof result !== 'object' || result === null) return String(typeof answer)
  if (Symbol.asyncIterator in result) return 'a stream'
  if (!Array.isArray(result.rows)) return 'answered'
  const affected =
    result.affected === null || result.affected === undefined ? '' : `, affected ${result.affected}`
  return `${result.rows.length} rows${affected}`
}

/** The class and code of an error; never its message, which may hold values. */
function nameOf(error: unknown): string {
  if (!(error instanceof Error)) return typeof error
  const code = (error as { code?: unknown }).code
  return typeof code === 'string' || typeof code === 'number' ? `${error.name} ${code}` : error.name
}
