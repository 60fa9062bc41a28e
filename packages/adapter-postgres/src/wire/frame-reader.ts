/** A message of the server in the buffer it arrived in: a type byte, and a body. */
export interface Frame {
  /** The message's first byte. */
  readonly type: number
  readonly buffer: Buffer
  /** Where the body begins, after the length. */
  readonly start: number
  /** Where it ends. */
  readonly end: number
}

/** The server sent what no server sends; the connection cannot go on. */
export class FrameError extends Error {
  override readonly name = 'FrameError'
}

/** Takes whole messages. The buffer belongs to the reader: what is kept must be copied. */
export type FrameHandler = (type: number, buffer: Buffer, start: number, end: number) => void

/**
 * Cuts the server's stream into messages (PostgreSQL documentation, "Message Formats": a type byte,
 * then the length as a 32-bit integer that counts itself).
 *
 * A chunk that ends with a message is not copied. A message that spans chunks is gathered in one
 * buffer of its own length, and its length is checked before that memory is taken.
 */
export class FrameReader {
  readonly #handler: FrameHandler
  #limit: number
  /** The message begun in an earlier chunk: its header if that is not whole, or all of it. */
  #partial: Buffer | undefined
  #filled = 0
  #stopped = false

  /** `limit`: most bytes of one message, its length field included. */
  constructor(limit: number, handler: FrameHandler) {
    this.#limit = limit
    this.#handler = handler
  }

  /** Most bytes of a message from now on. */
  set limit(bytes: number) {
    this.#limit = bytes
  }

  /** Whether a message has begun and not ended. */
  get midMessage(): boolean {
    return this.#partial !== undefined
  }

  /** No further message is handed out, also not of the chunk at hand. */
  stop(): void {
    this.#stopped = true
    this.#partial = undefined
  }

  /**
   * Hands every message that is whole now to the handler, in order.
   *
   * @throws FrameError for a length that no message has, or one over the limit
   */
  push(chunk: Buffer): void {
    let offset = this.#partial === undefined ? 0 : this.#complete(chunk)
    while (!this.#stopped && offset < chunk.length) {
      const left = chunk.length - offset
      if (left < headerLength) {
        this.#begin(chunk, offset, headerLength)
        return
      }
      const end = offset + 1 + this.#length(chunk, offset)
      if (end > chunk.length) {
        this.#begin(chunk, offset, end - offset)
        return
      }
      this.#handler(chunk[offset] as number, chunk, offset + headerLength, end)
      offset = end
    }
  }

  /** Copies the rest of the chunk into a buffer for the whole message, or for its header. */
  #begin(chunk: Buffer, offset: number, length: number): void {
    const partial = Buffer.allocUnsafe(length)
    this.#filled = chunk.copy(partial, 0, offset)
    this.#partial = partial
  }

  /** Continues the message that an earlier chunk began; gives the offset behind what it took. */
  #complete(chunk: Buffer): number {
    let offset = 0
    while (this.#partial !== undefined && offset < chunk.length) {
      const partial = this.#partial
      const taken = chunk.copy(partial, this.#filled, offset)
      this.#filled += taken
      offset += taken
      if (this.#filled < partial.length) return offset
      const length = 1 + this.#length(partial, 0)
      if (length > partial.length) {
        // Only the header was known to be missing; now the whole length is.
        const whole = Buffer.allocUnsafe(length)
        partial.copy(whole)
        this.#partial = whole
        continue
      }
      this.#partial = undefined
      this.#handler(partial[0] as number, partial, headerLength, length)
      if (this.#stopped) return chunk.length
    }
    return offset
  }

  #length(buffer: Buffer, offset: number): number {
    const length = buffer.readInt32BE(offset + 1)
    if (length < 4) {
      throw new FrameError(
        `the server sent a message of length ${length}, and none is shorter than 4; this is not PostgreSQL, or the stream is damaged`,
      )
    }
    if (length > this.#limit) {
      throw new FrameError(
        `the server announced a message of ${length} bytes, over the limit of ${this.#limit} (maxMessageBytes)`,
      )
    }
    return length
  }
}

/** The type byte and the length. */
const headerLength = 5
