import type { Capabilities, LogicalTypeName, Support } from '@mortise/core/adapter'
import type { Facts, OptionalMember } from '../context/index.ts'

/** A condition for a rule to apply, and the words for when it does not. */
export interface Need {
  /** The condition, for the documentation: `savepoints: native or emulated`. */
  readonly text: string
  readonly holds: (facts: Facts) => boolean
  /** Why the rule does not apply: `the manifest says savepoints: absent`. */
  readonly otherwise: (facts: Facts) => string
}

type SupportAt<T, P extends string = ''> = {
  [K in keyof T & string]: T[K] extends Support
    ? `${P}${K}`
    : T[K] extends readonly unknown[] | string | number
      ? never
      : SupportAt<T[K], `${P}${K}.`>
}[keyof T & string]

/** The path of a manifest entry that is native, emulated or absent: `returning.insert`. */
export type SupportPath = SupportAt<Capabilities>

/** Reads one entry of the manifest by its path; undefined where an incomplete manifest lacks it. */
export function claimAt(capabilities: Capabilities, path: SupportPath): Support | undefined {
  let at: unknown = capabilities
  for (const part of path.split('.')) at = (at as Record<string, unknown> | undefined)?.[part]
  return at as Support | undefined
}

/** The manifest has the capability, natively or emulated. */
export function claims(path: SupportPath): Need {
  return {
    text: `\`${path}\` is native or emulated`,
    holds: ({ adapter }) => claimAt(adapter.capabilities, path) !== 'absent',
    otherwise: () => `the manifest says ${path}: absent`,
  }
}

/** The manifest says that the capability is absent. */
export function denies(path: SupportPath): Need {
  return {
    text: `\`${path}\` is absent`,
    holds: ({ adapter }) => claimAt(adapter.capabilities, path) === 'absent',
    otherwise: ({ adapter }) =>
      `the manifest says ${path}: ${claimAt(adapter.capabilities, path) ?? 'nothing'}`,
  }
}

/** An entry of the manifest that is not plain support satisfies a condition. */
export function manifest<K extends keyof Capabilities>(
  entry: K,
  text: string,
  holds: (value: Capabilities[K]) => boolean,
): Need {
  return {
    text: `\`${entry}\` ${text}`,
    holds: ({ adapter }) => holds(adapter.capabilities[entry]),
    otherwise: ({ adapter }) =>
      `the manifest says ${entry}: ${JSON.stringify(adapter.capabilities[entry])}`,
  }
}

/** The database has transactions that take several calls. */
export const interactive: Need = manifest(
  'transactions',
  'is interactive',
  (transactions) => transactions === 'interactive',
)

/** The manifest streams at all. */
export const streams: Need = manifest(
  'streaming',
  'is not absent',
  (streaming) => streaming !== 'absent',
)

/** The adapter has a codec for every one of the types. */
export function types(...names: readonly LogicalTypeName[]): Need {
  return {
    text: `the type table has ${names.map((name) => `\`${name}\``).join(', ')}`,
    holds: ({ adapter }) => names.every((name) => adapter.types.codecs[name] !== undefined),
    otherwise: ({ adapter }) =>
      `the type table has no ${names.filter((name) => adapter.types.codecs[name] === undefined).join(', ')}`,
  }
}

/** The adapter's connections have an optional member. */
export function member(name: OptionalMember): Need {
  return {
    text: `connections have \`${name}\``,
    holds: ({ members }) => members.has(name),
    otherwise: () => `connections have no ${name}`,
  }
}

/** Two connections can see the same database. */
export const shared: Need = {
  text: '`topology` is `pool` or `writer-readers`',
  holds: ({ adapter }) => adapter.topology === 'pool' || adapter.topology === 'writer-readers',
  otherwise: ({ adapter }) =>
    `the topology is ${adapter.topology}: there is no second connection to the same database`,
}

/** The fixture names a schema besides the connection's own. */
export const secondSchema: Need = {
  text: 'the fixture names a schema in `prefixes`',
  holds: ({ prefixes }) => prefixes.length > 0,
  otherwise: () => 'the fixture names no schema in `prefixes`',
}

/** Why a rule does not apply, or undefined where it does. */
export function whyNotApplicable(needs: readonly Need[], facts: Facts): string | undefined {
  return needs.find((need) => !need.holds(facts))?.otherwise(facts)
}
