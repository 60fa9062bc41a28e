/**
 * Writes the messages of every call into one buffer of its connection: Parse, Bind, Describe,
 * Execute, Close, Sync (PostgreSQL documentation, "Message Formats").
 *
 * What one call writes is whole or not there: `mark` and `rewind` take back a call whose parameters
 * turned out bad half-way, so that no byte of it goes before the next.
 */
export class CallWriter {
  #buffer: Buffer = Buffer.allocUnsafe(initialSize)
  #length = 0

  /** Bytes written and not taken. */
  get length(): number {
    return this.#length
  }

  /** Where the next message will begin. */
  mark(): number {
    return this.#length
  }

  /** Takes back everything since `mark`. */
  rewind(mark: number): void {
    this.#length = mark
  }

  /** What was written, for the socket; the writer goes on in a fresh part of its buffer. */
  take(): Buffer {
    const taken = this.#buffer.subarray(0, this.#length)
    const rest = this.#buffer.length - this.#length
    this.#buffer =
      rest >= smallest ? this.#buffer.subarray(this.#length) : Buffer.allocUnsafe(initialSize)
    this.#length = 0
    return taken
  }

  /** Prepares a statement. */
  parse(name: string, sql: string, types: readonly number[]): void {
    const start = this.#begin(0x50)
    this.#cstring(name)
    this.#cstring(sql)
    this.#int16(types.length)
    for (const oid of types) this.#int32(oid | 0)
    this.#end(start)
  }

  /**
   * Binds parameters to the unnamed portal: strings as text, bytes as binary, null as null. All
   * results as text.
   */
  bind(statement: string, values: readonly (string | Uint8Array | null)[]): void {
    const start = this.#begin(0x42)
    this.#cstring('')
    this.#cstring(statement)
    let binary = false
    for (const value of values) if (value instanceof Uint8Array) binary = true
    if (binary) {
      this.#int16(values.length)
      for (const value of values) this.#int16(value instanceof Uint8Array ? 1 : 0)
    } else this.#int16(0)
    this.#int16(values.length)
    for (const value of values) {
      if (value === null) this.#int32(-1)
      else if (typeof value === 'string') this.#text(value)
      else {
        this.#int32(value.length)
        this.#reserve(value.length)
        this.#buffer.set(value, this.#length)
        this.#length += value.length
      }
    }
    this.#int16(0)
    this.#end(start)
  }

  /** Asks for the columns of the unnamed portal. */
  describePortal(): void {
    const start = this.#begin(0x44)
    this.#byte(0x50)
    this.#cstring('')
    this.#end(start)
  }

  /** Asks for the parameters and columns of a statement. */
  describeStatement(name: string): void {
    const start = this.#begin(0x44)
    this.#byte(0x53)
    this.#cstring(name)
    this.#end(start)
  }

  /** Runs the unnamed portal; `rows` 0 is all of them. */
  execute(rows: number): void {
    const start = this.#begin(0x45)
    this.#cstring('')
    this.#int32(rows)
    this.#end(start)
  }

  /** Frees a statement. */
  closeStatement(name: string): void {
    const start = this.#begin(0x43)
    this.#byte(0x53)
    this.#cstring(name)
    this.#end(start)
  }

  /** Ends the call: errors stop here, and the server answers ReadyForQuery. */
  sync(): void {
    this.#end(this.#begin(0x53))
  }

  #begin(type: number): number {
    this.#reserve(5)
    this.#buffer[this.#length] = type
    const start = this.#length + 1
    this.#length += 5
    return start
  }

  #end(start: number): void {
    this.#buffer.writeInt32BE(this.#length - start, start)
  }

  #byte(value: number): void {
    this.#reserve(1)
    this.#buffer[this.#length++] = value
  }

  #int16(value: number): void {
    this.#reserve(2)
    this.#buffer[this.#length++] = value >>> 8
    this.#buffer[this.#length++] = value
  }

  #int32(value: number): void {
    this.#reserve(4)
    this.#length = this.#buffer.writeInt32BE(value, this.#length)
  }

  #cstring(text: string): void {
    this.#reserve(text.length * 3 + 1)
    this.#length += this.#buffer.write(text, this.#length)
    this.#buffer[this.#length++] = 0
  }

  /** Length and text of a parameter. */
  #text(text: string): void {
    const most = text.length * 3
    this.#reserve(4 + most)
    const written = this.#buffer.write(text, this.#length + 4)
    this.#buffer.writeInt32BE(written, this.#length)
    this.#length += 4 + written
  }

  #reserve(bytes: number): void {
    const needed = this.#length + bytes
    if (needed <= this.#buffer.length) return
    const larger = Buffer.allocUnsafe(Math.max(needed, this.#buffer.length * 2))
    this.#buffer.copy(larger, 0, 0, this.#length)
    this.#buffer = larger
  }
}

const initialSize = 16 * 1024
/** Less room than this is not worth keeping. */
const smallest = 512
