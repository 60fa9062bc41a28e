import type { RowShape } from '@mortise/core/adapter'
import type { Field, PostgresError } from './wire.ts'

/** Turns a DataRow into a row: an object of the shape, or an array where there is none. */
export type RowReader = (frame: Uint8Array) => unknown

/** Generates a reader that decodes from the frame into an object literal. */
export declare function compileReader(
  fields: readonly Field[],
  shape: RowShape | undefined,
): RowReader

/**
 * What the driver hangs on `Statement.handle`: a statement on the server, from the moment its Parse
 * is sent. A later call of the same statement that is sent before the answer finds it there and
 * sends Bind only.
 */
export class Prepared {
  readonly name: string
  /** The connection's count of mass deallocations when it was sent; an older one is gone. */
  readonly epoch: number
  /** The cached RowDescription; undefined until one call was answered. */
  fields: readonly Field[] | undefined
  /** Why it does not exist after all; what the calls behind its Parse are told. */
  failure: PostgresError | undefined
  #shape: RowShape | undefined
  #reader: RowReader | undefined

  constructor(name: string, epoch: number) {
    this.name = name
    this.epoch = epoch
  }

  /** The reader for a shape, generated once. */
  reader(fields: readonly Field[], shape: RowShape | undefined): RowReader {
    if (this.#reader === undefined || this.#shape !== shape || this.fields !== fields) {
      this.#reader = compileReader(fields, shape)
      this.#shape = shape
      this.fields = fields
    }
    return this.#reader
  }
}
