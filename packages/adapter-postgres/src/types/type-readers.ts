import { arrayReader } from './read-array.ts'
import { compositeReader } from './read-composite.ts'
import { multirangeReader, rangeReader } from './read-range.ts'
import { type ReadValue, readString } from './read-text.ts'
import type { TypeCatalogue } from './type-catalogue.ts'
import type { TypeDescription } from './type-description.ts'
import type { TypeRegistry } from './type-options.ts'

/**
 * Readers of raw values by OID: the registry's where it has one, else what the catalogue knows of
 * the type's structure, else text.
 */
export class TypeReaders {
  readonly #registry: TypeRegistry
  readonly #catalogue: TypeCatalogue
  #readers = new Map<number, ReadValue>()
  #version = 0

  constructor(registry: TypeRegistry, catalogue: TypeCatalogue) {
    this.#registry = registry
    this.#catalogue = catalogue
  }

  /** Grows whenever readers given before may read otherwise now. */
  get version(): number {
    return this.#catalogue.version
  }

  /** Which of these types have to be looked up before they can be read. */
  missing(oids: Iterable<number>): number[] {
    return this.#catalogue.missing([...oids].filter((oid) => !this.#registry.byOid.has(oid)))
  }

  /** The reader of a type; undefined where it has to be looked up first. */
  reader(oid: number): ReadValue | undefined {
    if (this.#version !== this.#catalogue.version) {
      this.#readers = new Map()
      this.#version = this.#catalogue.version
    }
    const known = this.#readers.get(oid)
    if (known !== undefined) return known
    if (this.missing([oid]).length > 0) return undefined
    return this.#make(oid, [])
  }

  /** `parents`: the types that this one is made for. */
  #make(oid: number, parents: readonly number[]): ReadValue {
    const known = this.#readers.get(oid)
    if (known !== undefined) return known
    // No server lets a type hold itself; what says so is not followed round and round.
    const read = parents.includes(oid) ? readString : this.#read(oid, [...parents, oid])
    if (!parents.includes(oid)) this.#readers.set(oid, read)
    return read
  }

  #read(oid: number, parents: readonly number[]): ReadValue {
    const type = this.#catalogue.get(oid)
    const own = this.#ownReader(oid, type)
    if (own !== undefined || type === undefined) return own ?? readString
    switch (type.kind) {
      case 'domain':
        return this.#make(type.base, parents)
      case 'array':
        return arrayReader(this.#make(type.element, parents), type.delimiter)
      case 'range':
        return rangeReader(this.#make(type.bound, parents))
      case 'multirange':
        return multirangeReader(this.#make(type.bound, parents))
      case 'composite':
        return compositeReader(
          type.attributes.map(({ name, oid: attribute }) => ({
            name,
            read: this.#make(attribute, parents),
          })),
        )
      default:
        return readString
    }
  }

  /** A name that the application gave goes before the preset's readers. */
  #ownReader(oid: number, type: TypeDescription | undefined): ReadValue | undefined {
    const { byOid, byName } = this.#registry
    const named =
      type === undefined || byName.size === 0
        ? undefined
        : (byName.get(`${type.schema}.${type.name}`) ?? byName.get(type.name))
    return named ?? byOid.get(oid)
  }
}
