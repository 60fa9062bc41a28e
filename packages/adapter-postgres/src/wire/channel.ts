import type { Duplex } from 'node:stream'
import { CallWriter } from './call-writer.ts'
import { FrameReader } from './frame-reader.ts'
import { type ErrorFields, readErrorFields, ServerError } from './server-error.ts'

/** The session's transaction as ReadyForQuery tells it: idle, in a transaction, in a failed one. */
export type ReadyStatus = 'I' | 'T' | 'E'

/**
 * A question and its answer: what was written up to a Sync, and what takes the messages until the
 * server's ReadyForQuery.
 */
export interface Exchange {
  /** A message that belongs to this exchange. The buffer is the reader's. */
  message(type: number, buffer: Buffer, start: number, end: number): void
  /** The server's error; the exchange goes on to its ReadyForQuery. */
  error(fields: ErrorFields): void
  /** The exchange is over. */
  ready(status: ReadyStatus): void
  /** The connection ended before the answer. */
  lost(error: unknown): void
}

/** What a channel tells besides answers. */
export interface ChannelEvents {
  notice(fields: ErrorFields): void
  notification(channel: string, payload: string, processId: number): void
  parameter(name: string, value: string): void
  /** Once: the connection is gone. */
  closed(error: unknown): void
}

/** The connection was lost: by the network, by the server's word, or by what it sent. */
export class ConnectionLostError extends Error {
  override readonly name = 'ConnectionLostError'
}

/**
 * One session's stream of messages. Exchanges are answered in the order they were begun; messages
 * that the server sends unasked are taken out in this one place.
 */
export class Channel {
  readonly writer = new CallWriter()
  readonly #socket: Duplex
  readonly #events: ChannelEvents
  readonly #frames: FrameReader
  readonly #queue: Exchange[] = []
  #head = 0
  #flushing = false
  #status: ReadyStatus = 'I'
  #lost: { readonly error: unknown } | undefined
  /** The last FATAL that came unasked: why the server is about to close. */
  #farewell: ErrorFields | undefined

  constructor(socket: Duplex, maxMessageBytes: number, events: ChannelEvents) {
    this.#socket = socket
    this.#events = events
    this.#frames = new FrameReader(maxMessageBytes, (type, buffer, start, end) =>
      this.#frame(type, buffer, start, end),
    )
    socket.on('data', this.#onData)
    socket.on('error', this.#onError)
    socket.on('close', this.#onClose)
  }

  /** The session's transaction, as the last answer told it. */
  get status(): ReadyStatus {
    return this.#status
  }

  /** Exchanges begun and not answered. */
  get inFlight(): number {
    return this.#queue.length - this.#head
  }

  /** Most bytes of a message of the server from now on. */
  set maxMessageBytes(bytes: number) {
    this.#frames.limit = bytes
  }

  get isLost(): boolean {
    return this.#lost !== undefined
  }

  /** Adds an exchange whose messages are in `writer`; they leave together at the end of the tick. */
  begin(exchange: Exchange): void {
    if (this.#lost !== undefined) {
      this.writer.rewind(0)
      exchange.lost(this.#lost.error)
      return
    }
    this.#queue.push(exchange)
    if (this.#flushing) return
    this.#flushing = true
    queueMicrotask(() => this.flush())
  }

  /** Sends what is written. */
  flush(): void {
    this.#flushing = false
    if (this.#lost !== undefined || this.writer.length === 0) return
    this.#socket.write(this.writer.take())
  }

  /** Sends bytes of an exchange that has begun. */
  send(bytes: Buffer): void {
    this.flush()
    if (this.#lost === undefined) this.#socket.write(bytes)
  }

  /** Ends the connection: every exchange that waits gets the error. */
  fail(error: unknown): void {
    if (this.#lost !== undefined) return
    this.#lost = { error }
    this.#frames.stop()
    this.#socket.off('data', this.#onData)
    this.#socket.destroy()
    const waiting = this.#queue.splice(this.#head)
    this.#queue.length = 0
    this.#head = 0
    for (const exchange of waiting) exchange.lost(error)
    this.#events.closed(error)
  }

  readonly #onData = (chunk: Buffer): void => {
    try {
      this.#frames.push(chunk)
    } catch (error) {
      this.fail(
        new ConnectionLostError('the connection was closed because of what the server sent', {
          cause: error,
        }),
      )
    }
  }

  readonly #onError = (error: Error): void => {
    this.fail(new ConnectionLostError('the connection was lost', { cause: error }))
  }

  readonly #onClose = (): void => {
    if (this.#farewell !== undefined) this.fail(new ServerError(this.#farewell))
    else this.fail(new ConnectionLostError('the server closed the connection'))
  }

  #frame(type: number, buffer: Buffer, start: number, end: number): void {
    const current = this.#queue[this.#head]
    // A row first: they are by far the most.
    if (type === dataRow && current !== undefined) current.message(type, buffer, start, end)
    else if (this.#unasked(type, buffer, start, end)) return
    else if (type === readyForQuery) this.#ready(current, buffer, start)
    else if (type === errorResponse) this.#error(current, readErrorFields(buffer, start, end))
    else if (current !== undefined) current.message(type, buffer, start, end)
    else this.#refuse(type)
  }

  /** Takes the messages that may come at any time. */
  #unasked(type: number, buffer: Buffer, start: number, end: number): boolean {
    if (type === noticeResponse) this.#events.notice(readErrorFields(buffer, start, end))
    else if (type === parameterStatus) {
      const [name, value] = cstrings(buffer, start, end)
      this.#events.parameter(name ?? '', value ?? '')
    } else if (type === notificationResponse) {
      const [channel, payload] = cstrings(buffer, start + 4, end)
      this.#events.notification(channel ?? '', payload ?? '', buffer.readInt32BE(start))
    } else return false
    return true
  }

  #ready(current: Exchange | undefined, buffer: Buffer, start: number): void {
    if (current === undefined) {
      this.#refuse(readyForQuery)
      return
    }
    this.#status = String.fromCharCode(buffer[start] as number) as ReadyStatus
    this.#shift()
    current.ready(this.#status)
  }

  #error(current: Exchange | undefined, fields: ErrorFields): void {
    const farewell = fields.severity === 'FATAL' || fields.severity === 'PANIC'
    if (farewell) this.#farewell = fields
    if (current !== undefined) current.error(fields)
    else if (!farewell) this.#refuse(errorResponse)
  }

  #refuse(type: number): void {
    throw new Error(
      `the server sent a message "${String.fromCharCode(type)}" that nothing had asked for`,
    )
  }

  #shift(): void {
    this.#head++
    if (this.#head === this.#queue.length) {
      this.#queue.length = 0
      this.#head = 0
    } else if (this.#head > 1024) {
      this.#queue.splice(0, this.#head)
      this.#head = 0
    }
  }
}

const dataRow = 0x44
const readyForQuery = 0x5a
const errorResponse = 0x45
const noticeResponse = 0x4e
const parameterStatus = 0x53
const notificationResponse = 0x41

function cstrings(buffer: Buffer, start: number, end: number): string[] {
  return buffer.toString('utf8', start, Math.max(start, end - 1)).split('\0')
}
