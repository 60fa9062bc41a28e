import type { RowShape } from '@mortise/core/adapter'
import { compileRowDecoder, type RowDecoder } from './row-decoder.ts'
import { readString } from './types/read-text.ts'
import type { TypeReaders } from './types/type-readers.ts'
import { typedReader } from './types/typed-reader.ts'
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
  #readers: TypeReaders | undefined
  #version = 0
  #decoder: ResultDecoder | undefined

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

  /** The decoder for rows of a shape, raw values by `readers`; the last one is kept. */
  decoder(shape: RowShape | undefined, readers: TypeReaders, codegen: boolean): ResultDecoder {
    if (
      this.#decoder !== undefined &&
      this.#shape === shape &&
      this.#readers === readers &&
      this.#version === readers.version
    ) {
      return this.#decoder
    }
    this.#decoder = makeDecoder(this.fields ?? [], shape, readers, codegen)
    this.#shape = shape
    this.#readers = readers
    this.#version = readers.version
    return this.#decoder
  }

  /** Takes the columns of a new description; decoders of the old one are forgotten. */
  describe(fields: readonly FieldDescription[] | null): void {
    this.fields = fields
    this.#decoder = undefined
  }
}

/** How the rows of a result are read. */
export interface ResultDecoder {
  readonly decode: RowDecoder
  /** The columns that are read as text until their types were looked up. None of a shape's. */
  readonly unresolved: readonly number[]
}

/** The decoder for a description and, where it is known, a shape. */
export function makeDecoder(
  fields: readonly FieldDescription[],
  shape: RowShape | undefined,
  raw: TypeReaders,
  codegen: boolean,
): ResultDecoder {
  const unresolved: number[] = []
  const readers = fields.map(({ typeOid }, i) => {
    const type = shape?.columns[i]?.type
    if (type !== undefined) return typedReader(type, typeOid)
    const reader = raw.reader(typeOid)
    if (reader === undefined) unresolved.push(i)
    return reader ?? readString
  })
  return { decode: compileRowDecoder(readers, shape, codegen), unresolved }
}

/** Reads anew, in place, the columns of rows that were read as text before their types were known. */
export function resolveColumns(
  rows: readonly unknown[][],
  fields: readonly FieldDescription[],
  columns: readonly number[],
  raw: TypeReaders,
): void {
  for (const column of columns) {
    const read = raw.reader(fields[column]?.typeOid ?? 0)
    if (read === undefined || read === readString) continue
    for (const row of rows) {
      const text = row[column]
      if (typeof text !== 'string') continue
      const bytes = Buffer.from(text)
      row[column] = read(bytes, 0, bytes.length)
    }
  }
}
