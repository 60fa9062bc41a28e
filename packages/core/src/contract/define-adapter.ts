import { MisuseError } from '../errors/index.ts'
import type { Adapter } from './adapter.ts'
import { type Flaw, manifestFlaw } from './check-manifest.ts'
import { partFlaw, partNames } from './check-parts.ts'
import { contradiction } from './manifest-rules.ts'

/**
 * Makes an adapter of its definition: checks that every part is there and of the right kind, that
 * the manifest is complete and that its claims agree with each other and with the other parts.
 * Whether the claims are true is for the testkit to prove.
 *
 * The adapter is a frozen copy, its manifest included. `CallOptions` are taken from `callOptions`
 * or given as the type argument.
 *
 * @throws MisuseError `ADAPTER_INVALID`, naming the part, what is wrong with it and what to do.
 */
export function defineAdapter<CallOptions extends object = Record<never, never>>(
  definition: Adapter<CallOptions>,
): Adapter<CallOptions> {
  if (!isPlainObject(definition))
    throw new MisuseError(
      'ADAPTER_INVALID',
      'an adapter is defined by a plain object, because core keeps a copy of it; give one',
    )
  const flaw =
    partFlaw(definition) ?? manifestFlaw(definition.capabilities) ?? contradiction(definition)
  if (flaw) throw new MisuseError('ADAPTER_INVALID', describe(definition.name, flaw))
  const given = partNames.filter((part) => definition[part] !== undefined)
  const copy = Object.fromEntries(given.map((part) => [part, definition[part]]))
  return Object.freeze({
    ...copy,
    capabilities: frozenCopy(definition.capabilities),
  }) as Adapter<CallOptions>
}

function describe(name: unknown, { part, problem, remedy }: Flaw): string {
  const adapter = typeof name === 'string' && name !== '' ? `the adapter "${name}"` : 'an adapter'
  return `${adapter} is not complete: ${part} ${problem}; ${remedy}`
}

function isPlainObject(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}

function frozenCopy<Value>(value: Value): Value {
  if (typeof value !== 'object' || value === null) return value
  const copy: unknown = Array.isArray(value)
    ? value.map(frozenCopy)
    : Object.fromEntries(Object.entries(value).map(([key, each]) => [key, frozenCopy(each)]))
  return Object.freeze(copy) as Value
}
