import type { Capabilities, LogicalType, TypeTable } from '../contract/index.ts'
import { MisuseError } from '../errors/index.ts'
import {
  atPlace,
  compileCodec,
  inferType,
  type ValueCodec,
  type ValueForm,
} from './values/index.ts'

/**
 * Turns application values into driver parameters. One for each adapter: the codecs of untyped
 * values are compiled once.
 */
export class ParameterEncoder {
  readonly #types: TypeTable
  /** By identity: the same answer of `inferType` is the same object. */
  readonly #inferred = new WeakMap<LogicalType, ValueCodec>()

  constructor(types: TypeTable) {
    this.#types = types
  }

  /** A value without a type: its JavaScript value alone decides. */
  untyped(value: unknown, position: number): unknown {
    if (value === null) return null
    try {
      const type = inferType(value, this.#types)
      let codec = this.#inferred.get(type)
      if (codec === undefined) {
        codec = compileCodec(type, undefined, this.#types)
        this.#inferred.set(type, codec)
      }
      return codec.encode(value)
    } catch (error) {
      throw atPlace(error, `parameter ${position}`)
    }
  }

  /** A list of untyped values. The list itself is never changed. */
  untypedAll(values: readonly unknown[]): readonly unknown[] {
    const encoded = new Array<unknown>(values.length)
    for (let i = 0; i < values.length; i++) encoded[i] = this.untyped(values[i], i + 1)
    return encoded
  }

  /** The codec of a column or of an explicit type. */
  codec(type: LogicalType, form: ValueForm | undefined, place: string): ValueCodec {
    return compileCodec(type, form, this.#types, place)
  }
}

/** Refuses more parameters than one statement can carry, before anything is sent. */
export function checkParameterCount(count: number, capabilities: Capabilities): void {
  if (count > capabilities.maxParameters) {
    throw new MisuseError(
      'TOO_MANY_PARAMETERS',
      `the statement has ${count} parameters and the database takes at most ${capabilities.maxParameters}; split it, or use insertAll, which splits by itself`,
    )
  }
}
