import type { Duplex } from 'node:stream'
import {
  type Connection,
  MisuseError,
  type Notice,
  type Request,
  type Result,
  type Statement,
  type TransactionStatus,
} from '@mortise/core/adapter'
import { CallExchange, type CallSite } from './call-exchange.ts'
import { canGenerate } from './row-decoder.ts'
import { StatementHandle } from './statement-handle.ts'
import { AdapterTypes } from './types/adapter-types.ts'
import type { TypeOptions } from './types/type-options.ts'
import type { TypeReaders } from './types/type-readers.ts'
import type { Channel, ReadyStatus } from './wire/channel.ts'
import { terminate } from './wire/protocol.ts'

const statuses: { readonly [status in ReadyStatus]: TransactionStatus } = {
  I: 'idle',
  T: 'active',
  E: 'failed',
}

/**
 * One session. Every call ends with a Sync of its own, so that an error stays with its call; calls
 * are sent without waiting for the ones before.
 */
export class PostgresConnection implements Connection, CallSite {
  readonly codegen: boolean = canGenerate()
  readonly #channel: Channel
  readonly #socket: Duplex & { ref?(): unknown; unref?(): unknown }
  #types = new AdapterTypes()
  #notices: Notice[] = []
  #sessionChanged = false
  #nextName = 1
  /** Statements to free at the head of the next write. */
  #leaving: string[] = []

  constructor(channel: Channel, socket: Duplex & { ref?(): unknown; unref?(): unknown }) {
    this.#channel = channel
    this.#socket = socket
  }

  get transactionStatus(): TransactionStatus {
    return statuses[this.#channel.status]
  }

  /** Takes the types that all connections of an adapter share. */
  useTypes(types: AdapterTypes): this {
    this.#types = types
    return this
  }

  execute(request: Request): Promise<Result> {
    const { statement } = request
    if (request.sql.includes('\0')) throw nulInSql()
    const { writer } = this.#channel
    const mark = writer.mark()
    const known = statement?.handle as StatementHandle | undefined
    const handle = known ?? new StatementHandle(statement === undefined ? '' : this.#name())
    const leaving = this.#leaving
    try {
      // At the head: behind a message that fails, a Close is skipped with everything up to Sync.
      for (const name of leaving) writer.closeStatement(name)
      if (known === undefined) writer.parse(handle.name, request.sql, [])
      writer.bind(handle.name, request.parameters as (string | Uint8Array | null)[])
      if (handle.fields === undefined) writer.describePortal()
      writer.execute(0)
      writer.sync()
    } catch (error) {
      writer.rewind(mark)
      throw error
    }
    if (leaving.length > 0) this.#leaving = []
    // Calls behind this one use the name already; where Parse fails, they fail with its error.
    if (statement !== undefined) statement.handle = handle
    const exchange = new CallExchange(this, request, handle)
    this.#channel.begin(exchange)
    return exchange.promise
  }

  deallocate(statement: Statement): void {
    const handle = statement.handle as StatementHandle | undefined
    if (handle !== undefined) this.#leaving.push(handle.name)
  }

  async close(): Promise<void> {
    if (this.#channel.isLost) return
    // Whoever waits for the end is to see it, also as the last thing of the process.
    this.ref()
    this.#channel.send(terminate())
    await new Promise<void>((resolve) => {
      this.#socket.once('close', () => resolve())
      this.#socket.end()
    })
  }

  ref(): void {
    this.#socket.ref?.()
  }

  unref(): void {
    this.#socket.unref?.()
  }

  /** A notice that came while calls ran. */
  noticed(notice: Notice): void {
    this.#notices.push(notice)
  }

  /** A session parameter that the server reports changed. */
  parameterChanged(): void {
    this.#sessionChanged = true
  }

  readers(options: unknown): TypeReaders {
    return this.#types.readers((options as { readonly types?: TypeOptions } | undefined)?.types)
  }

  async lookUpTypes(oids: readonly number[]): Promise<void> {
    await this.#types.catalogue.load(oids, async (sql, parameter) => {
      const { rows } = await this.execute({
        sql,
        parameters: [parameter],
        types: undefined,
        access: 'read',
        shape: undefined,
        statement: undefined,
        signal: undefined,
        deadline: undefined,
        options: undefined,
      })
      return rows as (string | null)[][]
    })
  }

  forgetTypes(): void {
    this.#types.catalogue.clear()
  }

  takeNotices(): readonly Notice[] | undefined {
    if (this.#notices.length === 0) return undefined
    const notices = this.#notices
    this.#notices = []
    return notices
  }

  over(): { readonly sessionChanged: boolean } {
    const sessionChanged = this.#sessionChanged
    this.#sessionChanged = false
    return { sessionChanged }
  }

  #name(): string {
    return `mortise_${this.#nextName++}`
  }
}

/** The protocol ends a text with a NUL: what stands behind one would be read as something else. */
function nulInSql(): MisuseError {
  return new MisuseError(
    'SQL_INVALID',
    'the SQL holds a NUL character, which ends a text on the wire; remove it',
  )
}
