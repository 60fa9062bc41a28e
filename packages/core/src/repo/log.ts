import { inspect } from 'node:util'
import { MisuseError } from '../errors/index.ts'
import type { PoolEvent, QueryEvent, TransactionEvent } from '../query/index.ts'

/** An event of the log: what the channel of the same name publishes. */
export type LogEvent =
  | ({ readonly kind: 'query' } & QueryEvent)
  | ({ readonly kind: 'transaction' } & TransactionEvent)
  | ({ readonly kind: 'pool' } & PoolEvent)

/** `createRepo`'s `log`. */
export type LogOption = boolean | 'pretty' | ((event: LogEvent) => void)

type Sink = (kind: LogEvent['kind'], event: object) => void

/** Turns the option into what gets the events; undefined where nothing is logged. */
export function logSink(option: LogOption | undefined): Sink | undefined {
  if (option === undefined || option === false) return undefined
  if (option === true) return (kind, event) => process.stderr.write(`${jsonLine(kind, event)}\n`)
  if (option === 'pretty') {
    return (kind, event) => process.stderr.write(`${prettyLine({ kind, ...event } as LogEvent)}\n`)
  }
  if (typeof option !== 'function') {
    throw new MisuseError('OPTION_INVALID', "log takes true, false, 'pretty' or a function")
  }
  return (kind, event) => {
    try {
      option({ kind, ...event } as LogEvent)
    } catch (error) {
      // A broken logger must not fail the query that it was told of.
      process.emitWarning(`mortise: the log function threw ${inspect(error, { depth: 0 })}`)
    }
  }
}

function jsonLine(kind: string, event: object): string {
  return JSON.stringify({ kind, ...event }, (_key, value) => {
    if (typeof value === 'bigint') return value.toString()
    if (value instanceof Error) {
      return 'toJSON' in value ? value : { name: value.name, message: value.message }
    }
    return value
  })
}

/** One line for people: how long, what, and what came of it. */
export function prettyLine(event: LogEvent): string {
  if (event.kind === 'pool') return `pool         ${event.event}`
  if (event.kind === 'transaction') {
    const took = event.durationMs === undefined ? '' : ` after ${event.durationMs.toFixed(1)} ms`
    return `${'transaction'.padEnd(12)} ${event.event}${took}${event.error ? ` (${nameOf(event.error)})` : ''}`
  }
  const took = `${event.queryMs.toFixed(1)} ms`.padStart(10)
  const queue = event.queueMs === undefined ? '' : ` queue ${event.queueMs.toFixed(1)} ms`
  const outcome = event.error
    ? `failed: ${nameOf(event.error)}`
    : event.affected === null || event.rowCount > 0
      ? `${event.rowCount} rows`
      : `${event.affected} affected`
  const cached = event.cached ? 'cached' : 'prepared'
  return `query ${took}  ${event.sql.replace(/\s+/g, ' ').trim()}  [${outcome}, ${cached}${queue}]`
}

function nameOf(error: unknown): string {
  return error instanceof Error ? ((error as { code?: string }).code ?? error.name) : 'error'
}
