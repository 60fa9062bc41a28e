import { MisuseError } from '@mortise/core/adapter'
import { presetReaders, type TypePreset } from './presets.ts'
import { type ReadValue, readString } from './read-text.ts'

/** Makes the application's value of a value's text. It is never called for NULL. */
export type TextReader = (text: string) => unknown

/** How raw queries read values: a preset, and readers of the application's own. */
export interface TypeOptions {
  /** Default `default`. */
  readonly preset?: TypePreset | undefined
  /**
   * By the type's OID (`'3802'`) or name: the server's own name (`int8`, `timestamptz`, `bpchar`),
   * `schema.name`, or the bare name of a type in any schema. `text` reads the text as it is. A
   * reader also reads the elements of arrays, the bounds of ranges and the fields of composites.
   */
  readonly readers?: { readonly [nameOrOid: string]: 'text' | TextReader } | undefined
}

/** Parsed options: who reads a type. */
export interface TypeRegistry {
  readonly byOid: ReadonlyMap<number, ReadValue>
  readonly byName: ReadonlyMap<string, ReadValue>
}

const presets: readonly TypePreset[] = ['default', 'exact', 'temporal']

/**
 * Parses the option `types`.
 *
 * @throws MisuseError for what is unknown or malformed, and `TEMPORAL_MISSING` for the preset
 *   `temporal` in a runtime without Temporal
 */
export function parseTypes(given: TypePreset | TypeOptions | undefined = {}): TypeRegistry {
  const options = typeof given === 'string' ? { preset: given } : given
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    throw invalid(`types takes ${presets.join(', ')} or { preset, readers }`)
  }
  for (const name of Object.keys(options)) {
    if (name === 'preset' || name === 'readers') continue
    throw new MisuseError(
      'UNKNOWN_OPTION',
      `types has no option "${name}"; it takes preset and readers, and readers takes the types by name or OID`,
    )
  }
  const { preset = 'default', readers = {} } = options
  if (!presets.includes(preset)) throw invalid(`types.preset takes ${presets.join(', ')}`)
  if (typeof readers !== 'object' || readers === null) {
    throw invalid('types.readers takes an object of readers by type name or OID')
  }
  const byOid = new Map(presetReaders(preset))
  const byName = new Map<string, ReadValue>()
  for (const [key, reader] of Object.entries(readers)) {
    if (reader !== 'text' && typeof reader !== 'function') {
      throw invalid(`types.readers["${key}"] takes 'text' or a function of the value's text`)
    }
    if (/^[0-9]+$/.test(key)) byOid.set(Number(key), fromText(reader))
    else byName.set(aliases.get(key) ?? key, fromText(reader))
  }
  return { byOid, byName }
}

function fromText(reader: 'text' | TextReader): ReadValue {
  return reader === 'text'
    ? readString
    : (buffer, start, end) => reader(readString(buffer, start, end))
}

/** SQL's names of built-in types that the catalogue has under another one. */
const aliases: ReadonlyMap<string, string> = new Map([
  ['boolean', 'bool'],
  ['smallint', 'int2'],
  ['int', 'int4'],
  ['integer', 'int4'],
  ['bigint', 'int8'],
  ['real', 'float4'],
  ['double precision', 'float8'],
  ['decimal', 'numeric'],
  ['character', 'bpchar'],
  ['character varying', 'varchar'],
  ['bit varying', 'varbit'],
  ['time without time zone', 'time'],
  ['time with time zone', 'timetz'],
  ['timestamp without time zone', 'timestamp'],
  ['timestamp with time zone', 'timestamptz'],
])

function invalid(message: string): MisuseError {
  return new MisuseError('OPTION_INVALID', message)
}
