import { isPromise, type Notice } from '../contract/index.ts'
import { MisuseError, MortiseError } from '../errors/index.ts'
import type { PoolEvent, QueryEvent, TransactionEvent } from '../query/index.ts'

/** An event of the log: what the channel of the same name publishes. */
export type LogEvent =
  | ({ readonly kind: 'query' } & QueryEvent)
  | ({ readonly kind: 'transaction' } & TransactionEvent)
  | PoolLogEvent

type PoolLogEvent = { readonly kind: 'pool' } & PoolEvent

/** `createRepo`'s `log`. */
export type LogOption = boolean | 'pretty' | ((event: LogEvent) => unknown)

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
    // A broken logger must not fail the call that it was told of.
    const warn = (error: unknown): void => {
      process.emitWarning(`the log function of a repo failed (${nameOf(error)})`, 'MortiseWarning')
    }
    try {
      const done: unknown = option({ kind, ...event } as LogEvent)
      if (isPromise(done)) done.catch(warn)
    } catch (error) {
      warn(error)
    }
  }
}

function jsonLine(kind: string, event: object): string {
  const { error, notice, ...rest } = event as { error?: unknown; notice?: Notice }
  const told = {
    kind,
    ...rest,
    ...(error === undefined ? {} : { error: errorInLog(error) }),
    ...(notice === undefined ? {} : { notice: { severity: notice.severity, code: notice.code } }),
  }
  return JSON.stringify(told, (_key, value) => (typeof value === 'bigint' ? `${value}` : value))
}

/** Our own errors hold no values. What others say may, so only their names and codes are told. */
function errorInLog(error: unknown): unknown {
  if (error instanceof MortiseError || error instanceof MisuseError) return error
  if (!(error instanceof Error)) return { name: typeof error }
  return { name: error.name, code: (error as { readonly code?: unknown }).code }
}

/** One line for people: how long, what, and what came of it. */
export function prettyLine(event: LogEvent): string {
  if (event.kind === 'pool') return `${'pool'.padEnd(12)} ${event.event}${detailsOf(event)}`
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

/** The numbers and the error of a pool's event. */
function detailsOf({
  adapter: _adapter,
  event: _event,
  kind: _kind,
  ...rest
}: PoolLogEvent): string {
  const details = Object.entries(rest).flatMap(([name, value]) => {
    if (typeof value === 'number')
      return [`${name} ${name.endsWith('Ms') ? Math.round(value) : value}`]
    if (name === 'reason') return [`${value}`]
    return name === 'error' && value !== undefined ? [`(${nameOf(value)})`] : []
  })
  return details.length === 0 ? '' : ` ${details.join(', ')}`
}

function nameOf(error: unknown): string {
  return error instanceof Error ? ((error as { code?: string }).code ?? error.name) : 'error'
}
