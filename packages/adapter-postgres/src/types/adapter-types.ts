import type { TypePreset } from './presets.ts'
import { TypeCatalogue } from './type-catalogue.ts'
import { parseTypes, type TypeOptions } from './type-options.ts'
import { TypeReaders } from './type-readers.ts'

/** What an adapter knows of its database's types, and how its raw queries read them. */
export class AdapterTypes {
  readonly catalogue = new TypeCatalogue()
  readonly #own: TypeReaders
  readonly #presets = new Map<TypePreset, TypeReaders>()
  /** By identity: a call's options that are one constant object are parsed once. */
  readonly #byOptions = new WeakMap<object, TypeReaders>()

  /** @throws MisuseError for options that are unknown or malformed */
  constructor(options?: TypePreset | TypeOptions) {
    this.#own = new TypeReaders(parseTypes(options), this.catalogue)
  }

  /** The readers for a call: those of its option `types`, else the adapter's own. */
  readers(options: TypePreset | TypeOptions | undefined): TypeReaders {
    if (options === undefined) return this.#own
    const known =
      typeof options === 'string' ? this.#presets.get(options) : this.#byOptions.get(options)
    if (known !== undefined) return known
    const readers = new TypeReaders(parseTypes(options), this.catalogue)
    if (typeof options === 'string') this.#presets.set(options, readers)
    else this.#byOptions.set(options, readers)
    return readers
  }
}
