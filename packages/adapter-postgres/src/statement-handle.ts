import type { RowShape } from '@mortise/core/adapter'
import { compileRowDecoder, type RowDecoder } from './row-decoder.ts'
import { rawReader, typedReader } from './types/default-readers.ts'
import type { FieldDescription } from './wire/row-description.ts'

/**
 * What the driver knows of a prepared statement: its name on the server and, once described, its
 * columns with the decoders that were made for them.
 */
export class StatementHandle {
  readonly name: string
  /** Undefined until the server has described the result; null for one without rows. */
  fields: readonly FieldDescription[] | null | undefined
  /** Whether the server has it. */
  parsed = false
  #failure: unknown
  #shape: RowShape | undefined
  #decoder: RowDecoder | undefined

  constructor(name: string) {
    this.name = name
  }

  /**
   * Notes that a call failed; gives the error to report. Calls that were sent behind a Parse that
   * failed hear "does not exist" from the server; what they are to hear is why.
   */
  failed(error: unknown): unknown {
    if (this.parsed) return undefined
    this.#failure ??= error
    return this.#failure
  }

  /** The decoder for rows of a shape; the last one is kept. */
  decoder(shape: RowShape | undefined, codegen: boolean): RowDecoder {
    if (this.#decoder !== undefined && this.#shape === shape) return this.#decoder
    this.#decoder = makeDecoder(this.fields ?? [], shape, codegen)
    this.#shape = shape
    return this.#decoder
  }

  /** Takes the columns of a new description; decoders of the old one are forgotten. */
  describe(fields: readonly FieldDescription[] | null): void {
    this.fields = fields
    this.#decoder = undefined
  }
}

/** The decoder for a description and, where it is known, a shape. */
export function makeDecoder(
  fields: readonly FieldDescription[],
  shape: RowShape | undefined,
  codegen: boolean,
): RowDecoder {
  const readers = fields.map((field, i) => {
    const type = shape?.columns[i]?.type
    return type === undefined ? rawReader(field.typeOid) : typedReader(type, field.typeOid)
  })
  return compileRowDecoder(readers, shape, codegen)
}
