import type { Adapter } from './adapter.ts'
import type { Flaw } from './check-manifest.ts'
import { didYouMean } from './did-you-mean.ts'
import type { LogicalTypeName } from './logical-type.ts'

type Part = keyof Adapter

const parts: { readonly [part in Part]-?: (value: unknown) => Flaw | undefined } = {
  name: (value) =>
    typeof value === 'string' && value !== ''
      ? undefined
      : { part: 'name', problem: 'is missing', remedy: "give the adapter's name" },
  capabilities: (value) => objectFlaw('capabilities', value),
  dialect: dialectFlaw,
  types: typesFlaw,
  topology: (value) =>
    ['pool', 'writer-readers', 'single', 'stateless'].includes(value as string)
      ? undefined
      : {
          part: 'topology',
          problem: value === undefined ? 'is missing' : 'is wrong',
          remedy: 'give "pool", "writer-readers", "single" or "stateless"',
        },
  connect: (value) => functionFlaw('connect', value),
  classifyError: (value) => functionFlaw('classifyError', value),
  callOptions: (value) => optional(value, callOptionsFlaw),
  migrationLocks: (value) => optional(value, migrationLocksFlaw),
  storage: (value) =>
    optional(value, () => methodsFlaw('storage', value, ['create', 'drop', 'status'])),
  inspect: (value) => optional(value, () => functionFlaw('inspect', value)),
  bulkLoad: (value) => optional(value, () => functionFlaw('bulkLoad', value)),
}

/** The names of an adapter's parts. */
export const partNames = Object.keys(parts) as readonly Part[]

/** The first part of a definition that is missing, unknown or of the wrong kind. */
export function partFlaw(definition: object): Flaw | undefined {
  const unknown = Object.keys(definition).find((key) => !Object.hasOwn(parts, key))
  if (unknown !== undefined)
    return {
      part: unknown,
      problem: 'is no part of an adapter',
      remedy: didYouMean(unknown, partNames),
    }
  for (const name of partNames) {
    const flaw = parts[name]((definition as Record<string, unknown>)[name])
    if (flaw) return flaw
  }
  return undefined
}

function dialectFlaw(value: unknown): Flaw | undefined {
  const flaw =
    methodsFlaw('dialect', value, ['quoteIdentifier', 'quoteLiteral', 'compile', 'transaction']) ??
    textFlaw('dialect', value, ['name', 'ping'])
  if (flaw) return flaw
  const { cursor } = value as { cursor?: unknown }
  return optional(cursor, () => cursorFlaw(cursor))
}

function cursorFlaw(value: unknown): Flaw | undefined {
  const flaw = methodsFlaw('dialect.cursor', value, ['open', 'fetch', 'close'])
  if (flaw) return flaw
  const { within, hidden } = value as { within?: unknown; hidden?: unknown }
  if (within !== 'transaction' && within !== 'session')
    return {
      part: 'dialect.cursor.within',
      problem: 'is wrong',
      remedy: 'give "transaction" or "session"',
    }
  return Number.isSafeInteger(hidden) && (hidden as number) >= 0
    ? undefined
    : { part: 'dialect.cursor.hidden', problem: 'is wrong', remedy: 'give a whole number from 0' }
}

const typeNames: { readonly [name in LogicalTypeName]: true } = {
  boolean: true,
  integer: true,
  bigint: true,
  float: true,
  decimal: true,
  text: true,
  bytes: true,
  uuid: true,
  json: true,
  date: true,
  time: true,
  timestamp: true,
  enum: true,
  array: true,
}

function typesFlaw(value: unknown): Flaw | undefined {
  const flaw =
    objectFlaw('types', value) ?? objectFlaw('types.codecs', (value as { codecs?: unknown }).codecs)
  if (flaw) return flaw
  const { codecs, infer } = value as { codecs: Record<string, unknown>; infer?: unknown }
  for (const [name, codec] of Object.entries(codecs)) {
    const part = `types.codecs.${name}`
    if (!Object.hasOwn(typeNames, name))
      return {
        part,
        problem: 'is no logical type',
        remedy: didYouMean(name, Object.keys(typeNames)),
      }
    const codecProblem = codecFlaw(part, codec)
    if (codecProblem) return codecProblem
  }
  return optional(infer, () => functionFlaw('types.infer', infer))
}

function codecFlaw(part: string, value: unknown): Flaw | undefined {
  if (value === undefined) return undefined
  const wrong = objectFlaw(part, value)
  if (wrong) return wrong
  const { ddl, encode, decode } = value as { ddl?: unknown; encode?: unknown; decode?: unknown }
  if (typeof ddl !== 'function' && (typeof ddl !== 'string' || ddl === ''))
    return {
      part: `${part}.ddl`,
      problem: ddl === undefined ? 'is missing' : 'is wrong',
      remedy: "give the type's name in DDL or a function that makes it",
    }
  return (
    optional(encode, () => functionFlaw(`${part}.encode`, encode)) ??
    optional(decode, () => functionFlaw(`${part}.decode`, decode))
  )
}

/** Options of core's own calls, which stand in the same object. */
const ownOptions: readonly string[] = [
  'all',
  'batchSize',
  'conflictTarget',
  'deferrable',
  'inc',
  'isolation',
  'limit',
  'lock',
  'offset',
  'onConflict',
  'onError',
  'orderBy',
  'readOnly',
  'retry',
  'returning',
  'select',
  'set',
  'signal',
  'timeoutMs',
  'where',
]

function callOptionsFlaw(value: unknown): Flaw | undefined {
  const flaw = objectFlaw('callOptions', value)
  if (flaw) return flaw
  const options = value as Record<string, unknown>
  const taken = Object.keys(options).find((name) => ownOptions.includes(name))
  if (taken !== undefined)
    return {
      part: `callOptions.${taken}`,
      problem: 'is an option of every database',
      remedy: 'choose another name',
    }
  return methodsFlaw('callOptions', value, Object.keys(options))
}

function migrationLocksFlaw(value: unknown): Flaw | undefined {
  const flaw = objectFlaw('migrationLocks', value)
  if (flaw) return flaw
  for (const [name, lock] of Object.entries(value as Record<string, unknown>)) {
    const part = `migrationLocks.${name}`
    const wrong = methodsFlaw(part, lock, ['tryAcquire', 'verify', 'release'])
    if (wrong) return wrong
    const { scope, holder } = lock as { scope?: unknown; holder?: unknown }
    if (scope !== 'transaction' && scope !== 'session' && scope !== 'lease')
      return {
        part: `${part}.scope`,
        problem: 'is wrong',
        remedy: 'give "transaction", "session" or "lease"',
      }
    const holderProblem = optional(holder, () => functionFlaw(`${part}.holder`, holder))
    if (holderProblem) return holderProblem
  }
  return undefined
}

function optional(value: unknown, check: (value: unknown) => Flaw | undefined): Flaw | undefined {
  return value === undefined ? undefined : check(value)
}

function objectFlaw(part: string, value: unknown): Flaw | undefined {
  return typeof value === 'object' && value !== null
    ? undefined
    : { part, problem: value === undefined ? 'is missing' : 'is wrong', remedy: 'give an object' }
}

function functionFlaw(part: string, value: unknown): Flaw | undefined {
  return typeof value === 'function'
    ? undefined
    : { part, problem: value === undefined ? 'is missing' : 'is wrong', remedy: 'give a function' }
}

function methodsFlaw(part: string, value: unknown, names: readonly string[]): Flaw | undefined {
  const flaw = objectFlaw(part, value)
  if (flaw) return flaw
  for (const name of names) {
    const wrong = functionFlaw(`${part}.${name}`, (value as Record<string, unknown>)[name])
    if (wrong) return wrong
  }
  return undefined
}

function textFlaw(part: string, value: unknown, names: readonly string[]): Flaw | undefined {
  for (const name of names) {
    const text = (value as Record<string, unknown>)[name]
    if (typeof text !== 'string' || text === '')
      return {
        part: `${part}.${name}`,
        problem: text === undefined ? 'is missing' : 'is wrong',
        remedy: 'give a text',
      }
  }
  return undefined
}
