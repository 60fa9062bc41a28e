import type { Capabilities, LockMode, UpsertCapabilities } from './capabilities.ts'
import { didYouMean } from './did-you-mean.ts'
import type { IsolationLevel } from './transaction-command.ts'

/** What is wrong with one entry of a manifest, and what to do about it. */
export interface Flaw {
  /** The part's path: `capabilities.upsert.nothing`. */
  readonly part: string
  readonly problem: string
  readonly remedy: string
}

interface Entry {
  readonly isRight: (value: unknown) => boolean
  readonly mustBe: string
}

type Schema<Manifest> = {
  readonly [Key in keyof Manifest]-?: Entry | Schema<Manifest[Key]>
}

const support = oneOf('native', 'emulated', 'absent')
const positive: Entry = {
  isRight: (value) => Number.isSafeInteger(value) && (value as number) > 0,
  mustBe: 'a whole number from 1',
}
const names: Entry = {
  isRight: (value) =>
    isSet(value) && value.every((name) => typeof name === 'string' && name !== ''),
  mustBe: 'a list of names, each once',
}

const upsert: Schema<UpsertCapabilities> = {
  nothing: support,
  update: support,
  updateWhere: support,
  updateWithoutTarget: support,
  columns: support,
  partialIndex: support,
  constraint: support,
  unsafeFragment: support,
}

const manifest: Schema<Capabilities> = {
  maxParameters: positive,
  maxIdentifierBytes: positive,
  prefix: support,
  transactions: oneOf('interactive', 'batch', 'none'),
  savepoints: support,
  isolationLevels: listOf<IsolationLevel>(
    'read uncommitted',
    'read committed',
    'repeatable read',
    'snapshot',
    'serializable',
  ),
  readOnlyTransactions: support,
  deferrableTransactions: support,
  ddlTransactions: oneOf('yes', 'implicit_commit', 'no'),
  errorInTransaction: oneOf('aborts', 'continues', 'varies'),
  returning: { insert: support, update: support, delete: support },
  upsert,
  affected: oneOf('matched', 'changed'),
  lastInsertId: support,
  cellDefault: support,
  streaming: oneOf('interleaved', 'exclusive', 'emulated', 'absent'),
  cancel: oneOf('server', 'between_rows', 'before_start'),
  pipelining: positive,
  scripts: support,
  rowLocks: listOf<LockMode>('update', 'no key update', 'share', 'key share'),
  skipLocked: support,
  noWait: support,
  notices: support,
  sessionChanges: names,
  migrationLocks: names,
}

/** The first entry of a manifest that is missing, unknown or of the wrong kind. */
export function manifestFlaw(capabilities: unknown): Flaw | undefined {
  return schemaFlaw('capabilities', capabilities, manifest)
}

function schemaFlaw(part: string, value: unknown, schema: Schema<object>): Flaw | undefined {
  if (typeof value !== 'object' || value === null)
    return {
      part,
      problem: value === undefined ? 'is missing' : 'is wrong',
      remedy: 'give an object',
    }
  const known = Object.keys(schema)
  const unknown = Object.keys(value).find((key) => !known.includes(key))
  if (unknown !== undefined)
    return {
      part: `${part}.${unknown}`,
      problem: 'is no part of the manifest',
      remedy: didYouMean(unknown, known),
    }
  for (const [key, entry] of Object.entries(schema) as [string, Entry | Schema<object>][]) {
    const flaw = entryFlaw(`${part}.${key}`, (value as Record<string, unknown>)[key], entry)
    if (flaw) return flaw
  }
  return undefined
}

function entryFlaw(part: string, value: unknown, entry: Entry | Schema<object>): Flaw | undefined {
  if (!isEntry(entry)) return schemaFlaw(part, value, entry)
  if (value === undefined) return { part, problem: 'is missing', remedy: `give ${entry.mustBe}` }
  return entry.isRight(value)
    ? undefined
    : { part, problem: 'is wrong', remedy: `give ${entry.mustBe}` }
}

function isEntry(entry: Entry | Schema<object>): entry is Entry {
  return 'isRight' in entry
}

function oneOf(...values: readonly string[]): Entry {
  return {
    isRight: (value) => (values as readonly unknown[]).includes(value),
    mustBe: values.map((value) => `"${value}"`).join(' or '),
  }
}

function listOf<Member extends string>(...members: readonly Member[]): Entry {
  return {
    isRight: (value) =>
      isSet(value) && value.every((each) => (members as readonly unknown[]).includes(each)),
    mustBe: `a list of ${members.map((each) => `"${each}"`).join(', ')}, each at most once`,
  }
}

function isSet(value: unknown): value is readonly unknown[] {
  return Array.isArray(value) && new Set(value).size === value.length
}
