/** One call that reached the adapter: SQL without its values, and what became of it. */
export interface TraceEntry {
  /** Milliseconds since the rule began. */
  readonly atMs: number
  /** The number of the connection, from 1, or 0 for the adapter itself. */
  readonly connection: number
  readonly call: string
  readonly sql?: string | undefined
  /** The kinds of the parameters, never their values: `number`, `bytes`. */
  readonly parameters?: readonly string[] | undefined
  /** `3 rows`, `affected 1`, `threw SQLITE_ERROR`. */
  readonly outcome: string
}

/** Calls that send something to the database. */
const sending = new Set(['execute', 'executeBatch', 'executeScript', 'stream', 'control'])

const most = 1000

/** What a rule did, call by call. It keeps the last thousand calls and counts them all. */
export class Trace {
  readonly #entries: TraceEntry[] = []
  readonly #startedAt = performance.now()
  #sent = 0

  /** How many calls sent something to the database so far. */
  get sent(): number {
    return this.#sent
  }

  /** Notes that a call begins; the answer takes its outcome. */
  begin(
    connection: number,
    call: string,
    sql?: string,
    parameters?: readonly unknown[],
  ): (outcome: string) => void {
    if (sending.has(call)) this.#sent++
    const entry = {
      atMs: Math.round((performance.now() - this.#startedAt) * 10) / 10,
      connection,
      call,
      sql: sql === undefined || sql.length <= 500 ? sql : `${sql.slice(0, 500)}…`,
      parameters: parameters?.slice(0, 20).map(kindOf),
      outcome: 'not answered',
    }
    if (this.#entries.length === most) this.#entries.shift()
    this.#entries.push(entry)
    return (outcome) => {
      entry.outcome = outcome
    }
  }

  /** The last `count` calls, the oldest first. */
  last(count: number): readonly TraceEntry[] {
    return this.#entries.slice(-count).map((entry) => ({ ...entry }))
  }
}

function kindOf(value: unknown): string {
  if (value === null) return 'null'
  if (value instanceof Uint8Array) return 'bytes'
  if (Array.isArray(value)) return 'array'
  return typeof value
}
