import { MisuseError } from '../../errors/index.ts'
import type { LockMode } from '../capabilities.ts'
import { didYouMean } from '../did-you-mean.ts'
import type { TypeTable } from '../type-table.ts'
import type { CursorStyle } from './cursor.ts'
import type {
  DialectDescription,
  DialectOverrides,
  EmptyInsertStyle,
  UpsertStyle,
} from './description.ts'
import type { IdentifierQuotes } from './identifier.ts'
import type { BooleanLiterals, StringEscapes } from './literal.ts'
import type { PlaceholderStyle } from './placeholder.ts'
import type { BeginStyle } from './transaction-writer.ts'

/** A description with its defaults filled in. */
export interface ParsedDescription {
  readonly name: string
  readonly types: TypeTable
  readonly maxIdentifierBytes: number
  readonly quotes: IdentifierQuotes
  readonly placeholders: PlaceholderStyle
  readonly stringEscapes: StringEscapes
  readonly booleans: BooleanLiterals
  readonly returning: {
    readonly insert: boolean
    readonly update: boolean
    readonly delete: boolean
  }
  readonly upsert: UpsertStyle
  readonly cellDefault: boolean
  readonly emptyInsert: EmptyInsertStyle
  readonly limit: 'limit_offset' | 'fetch'
  readonly limitForOffset: string | undefined
  readonly nullsOrder: 'native' | 'case'
  readonly rowLocks: readonly LockMode[]
  readonly begin: BeginStyle
  readonly ping: string
  readonly cursor: CursorStyle | undefined
  readonly identity: 'generated' | 'auto_increment' | 'integer_primary_key'
  readonly prefixes: 'schema' | 'attached'
  readonly overrides: DialectOverrides
}

/** Fills in the defaults; refuses unknown and wrong entries with a `MisuseError`. */
export function parseDescription(description: DialectDescription): ParsedDescription {
  checkDescription(description)
  const { returning = false } = description
  return {
    name: description.name,
    types: description.types,
    maxIdentifierBytes: description.maxIdentifierBytes ?? 128,
    quotes: description.quotes ?? '"',
    placeholders: description.placeholders ?? 'positional',
    stringEscapes: description.stringEscapes ?? 'none',
    booleans: description.booleans ?? 'keyword',
    returning:
      typeof returning === 'boolean'
        ? { insert: returning, update: returning, delete: returning }
        : returning,
    upsert: description.upsert ?? 'none',
    cellDefault: description.cellDefault ?? true,
    emptyInsert: description.emptyInsert ?? 'default_values',
    limit: description.limit ?? 'limit_offset',
    limitForOffset: description.limitForOffset,
    nullsOrder: description.nullsOrder ?? 'native',
    rowLocks: description.rowLocks ?? [],
    begin: description.begin ?? 'modes',
    ping: description.ping ?? 'select 1',
    cursor: description.cursor,
    identity: description.identity ?? 'generated',
    prefixes: description.prefixes ?? 'schema',
    overrides: description.overrides ?? {},
  }
}

type Entry = readonly [isRight: (value: unknown) => boolean, mustBe: string]

const lockModes: readonly unknown[] = [
  'update',
  'no key update',
  'share',
  'key share',
] satisfies LockMode[]

const entries: { readonly [name in keyof DialectDescription]-?: Entry } = {
  name: [isText, 'text'],
  types: [(value) => isObject(value) && isObject(value.codecs), 'the type table: { codecs }'],
  maxIdentifierBytes: [
    (value) => Number.isSafeInteger(value) && (value as number) > 0,
    'a whole number of bytes',
  ],
  quotes: oneOf('"', '`', '[]'),
  placeholders: [
    isPlaceholderStyle,
    '"positional", { style: "numbered", prefix } or { style: "named", prefix, name? }',
  ],
  stringEscapes: oneOf('none', 'backslash', 'e_string'),
  booleans: oneOf('keyword', 'number'),
  returning: [
    (value) => isBoolean(value) || isReturning(value),
    'true, false or { insert, update, delete }',
  ],
  upsert: oneOf('none', 'on_conflict', 'on_duplicate_key', 'on_duplicate_key_alias'),
  cellDefault: [isBoolean, 'true or false'],
  emptyInsert: oneOf('default_values', 'empty_lists', 'rowid'),
  limit: oneOf('limit_offset', 'fetch'),
  limitForOffset: [
    (value) => typeof value === 'string' && /^-?\d+$/.test(value),
    'a whole number as text',
  ],
  nullsOrder: oneOf('native', 'case'),
  rowLocks: [
    (value) => Array.isArray(value) && value.every((mode) => lockModes.includes(mode)),
    `a list of ${lockModes.map((mode) => `"${mode}"`).join(', ')}`,
  ],
  begin: [
    (value) => typeof value === 'function' || value === 'modes' || value === 'set_first',
    '"modes", "set_first" or a function',
  ],
  ping: [isText, 'a statement'],
  cursor: oneOf('declare', 'temporary_table'),
  identity: oneOf('generated', 'auto_increment', 'integer_primary_key'),
  prefixes: oneOf('schema', 'attached'),
  overrides: [isObject, 'an object of the parts to replace'],
}

const required: readonly (keyof DialectDescription)[] = ['name', 'types']

function checkDescription(description: DialectDescription): void {
  if (!isObject(description))
    throw new MisuseError('DIALECT_INVALID', 'a dialect is described by an object; give one')
  for (const key of Object.keys(description))
    if (!Object.hasOwn(entries, key))
      throw new MisuseError(
        'DIALECT_INVALID',
        `a dialect's description has no entry "${key}"; ${didYouMean(key, Object.keys(entries))}`,
      )
  for (const key of Object.keys(entries) as (keyof DialectDescription)[]) {
    const value = description[key]
    if (value === undefined && !required.includes(key)) continue
    const [isRight, mustBe] = entries[key]
    if (!isRight(value))
      throw new MisuseError(
        'DIALECT_INVALID',
        `the entry "${key}" of a dialect's description is wrong; give ${mustBe}`,
      )
  }
}

function oneOf(...values: readonly string[]): Entry {
  return [
    (value) => (values as readonly unknown[]).includes(value),
    values.map((value) => JSON.stringify(value)).join(' or '),
  ]
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}

function isText(value: unknown): boolean {
  return typeof value === 'string' && value !== ''
}

function isBoolean(value: unknown): boolean {
  return typeof value === 'boolean'
}

function isReturning(value: unknown): boolean {
  return (
    isObject(value) && isBoolean(value.insert) && isBoolean(value.update) && isBoolean(value.delete)
  )
}

function isPlaceholderStyle(value: unknown): boolean {
  if (value === 'positional') return true
  if (!isObject(value) || !isText(value.prefix)) return false
  return value.style === 'numbered' || (value.style === 'named' && isNameOrAbsent(value.name))
}

function isNameOrAbsent(value: unknown): boolean {
  return value === undefined || (typeof value === 'string' && /^[a-z_]\w*$/i.test(value))
}
