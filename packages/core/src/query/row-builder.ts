import type { Column, RowShape } from '../contract/index.ts'
import { MisuseError } from '../errors/index.ts'

/** Turns a driver's array into a row object. */
export type RowBuilder = (values: readonly unknown[]) => object

type Decode = (value: unknown) => unknown

interface Property {
  readonly name: string
  readonly decode: Decode | undefined
}

/**
 * Builds rows of known properties: own, enumerable data properties in the order given, whatever
 * they are called. A generated function where the runtime allows one, since an object literal is
 * several times faster than assignment; else closures that give the same rows.
 */
export function compileRowBuilder(
  properties: readonly Property[],
  attach: ((row: object) => void) | undefined,
  codegen: boolean = canGenerate(),
): RowBuilder {
  const build = codegen ? generate(properties) : assemble(properties)
  if (attach === undefined) return build
  return (values) => {
    const row = build(values)
    attach(row)
    return row
  }
}

/** The builder of a table's rows. */
export function shapeBuilder(shape: RowShape): RowBuilder {
  return compileRowBuilder(
    shape.columns.map((column) => ({ name: column.property, decode: column.decode })),
    shape.attach,
  )
}

/**
 * The builder of a raw query's rows, named by the result's columns.
 *
 * @throws MisuseError `DUPLICATE_COLUMN`: two columns of one name would lose a value.
 */
export function columnsBuilder(columns: readonly Column[]): RowBuilder {
  const names = new Set<string>()
  for (const { name } of columns) {
    if (names.has(name)) {
      throw new MisuseError(
        'DUPLICATE_COLUMN',
        `two columns of the result are called "${name}", so a row object would lose one of them; give one an alias`,
      )
    }
    names.add(name)
  }
  return compileRowBuilder(
    columns.map((column) => ({ name: column.name, decode: undefined })),
    undefined,
  )
}

/** Names stand in the text only as JSON strings, so none of them is code. */
function generate(properties: readonly Property[]): RowBuilder {
  const decoders = properties.map((property) => property.decode)
  const fields = properties.map(({ name, decode }, i) => {
    const quoted = JSON.stringify(name).replace(/[\u2028\u2029]/g, asEscape)
    // A literal "__proto__" would set the prototype; a computed one is a property like any other.
    const key = name === '__proto__' ? `[${quoted}]` : quoted
    return decode === undefined
      ? `${key}: v[${i}]`
      : `${key}: v[${i}] === null ? null : d${i}(v[${i}])`
  })
  const locals = decoders
    .map((decode, i) => (decode === undefined ? '' : `const d${i} = d[${i}];`))
    .join('')
  return new Function('d', `'use strict';${locals}return (v) => ({${fields.join(',')}})`)(decoders)
}

function asEscape(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16)}`
}

function assemble(properties: readonly Property[]): RowBuilder {
  return (values) => {
    const row = {}
    for (let i = 0; i < properties.length; i++) {
      const { name, decode } = properties[i] as Property
      const value = values[i]
      Object.defineProperty(row, name, {
        value: decode === undefined || value === null ? value : decode(value),
        enumerable: true,
        configurable: true,
        writable: true,
      })
    }
    return row
  }
}

/** Whether the process may make functions from text (`--disallow-code-generation-from-strings`). */
function canGenerate(): boolean {
  try {
    return new Function('return true')() === true
  } catch {
    return false
  }
}

/** Remembers the builders of raw results, so that a repeated query generates nothing. Bounded. */
export class RowBuilders {
  readonly #byIdentity = new WeakMap<readonly Column[], RowBuilder>()
  readonly #byNames = new Map<string, RowBuilder>()
  readonly #limit: number

  constructor(limit = 256) {
    this.#limit = limit
  }

  for(columns: readonly Column[]): RowBuilder {
    const known = this.#byIdentity.get(columns)
    if (known !== undefined) return known
    const key = JSON.stringify(columns.map((column) => column.name))
    let builder = this.#byNames.get(key)
    if (builder === undefined) {
      builder = columnsBuilder(columns)
      if (this.#byNames.size >= this.#limit) {
        this.#byNames.delete(this.#byNames.keys().next().value as string)
      }
      this.#byNames.set(key, builder)
    }
    this.#byIdentity.set(columns, builder)
    return builder
  }
}
