import { MisuseError } from '@mortise/core/adapter'
import type { RuleContext } from '../context/index.ts'
import { type AreaCode, areas } from './area.ts'
import { type LawNumber, laws } from './law.ts'
import type { Need } from './need.ts'

/** How binding a rule is: a broken MUST fails the run, a broken SHOULD warns, a MAY informs. */
export type Level = 'MUST' | 'SHOULD' | 'MAY'

/**
 * When a rule runs. `start` takes an author from an empty adapter to one that works, step by step;
 * `core` is everything that is quick; `extended` adds what takes long or much memory.
 */
export type Tier = 'start' | 'core' | 'extended'

/** The tiers, the narrowest first; each includes those before it. */
export const tiers = ['start', 'core', 'extended'] as const satisfies readonly Tier[]

/** What an author of a rule writes. */
export interface RuleDefinition {
  /** Permanent: an id is never used again for anything else. `TX-014`. */
  readonly id: string
  /** The behaviour, as a sentence that is true of a good adapter. */
  readonly title: string
  readonly level: Level
  readonly law: LawNumber
  readonly tier: Tier
  /** The rule set that it first belonged to. */
  readonly since: string
  /** Why an application cares. */
  readonly rationale: string
  /** What is usually wrong when it fails, likeliest first. */
  readonly causes: readonly [string, ...string[]]
  /** When it applies. Default: always. */
  readonly needs?: readonly Need[]
  /** In the `start` tier: what to write next, as an author reads it. */
  readonly step?: string
  /** Longest run in milliseconds. Default: 10,000; `extended`: 60,000. */
  readonly deadlineMs?: number
  /** Proves the rule; throws a `RuleFailure` where it is broken. */
  readonly run: (context: RuleContext) => void | Promise<void>
}

/** A rule: a test and its documentation in one. Frozen. */
export interface Rule extends RuleDefinition {
  readonly area: AreaCode
  readonly needs: readonly Need[]
  readonly deadlineMs: number
}

const idPattern = /^([A-Z]{2,3})-(\d{3})$/

/**
 * Makes a rule of its definition.
 *
 * @throws MisuseError `RULE_INVALID` when the id is no id of a known area, a text is missing, or
 * only one of `tier: 'start'` and `step` is given.
 */
export function rule(definition: RuleDefinition): Rule {
  const { id } = definition
  const area = idPattern.exec(id)?.[1]
  if (area === undefined || !Object.hasOwn(areas, area)) {
    throw invalid(id, `an id is a known area and three digits, like TX-014`)
  }
  if (!Object.hasOwn(laws, definition.law)) throw invalid(id, `there is no law ${definition.law}`)
  for (const key of ['title', 'rationale', 'since'] as const) {
    if (definition[key].trim() === '') throw invalid(id, `${key} is empty`)
  }
  if (definition.causes.length === 0) throw invalid(id, 'it names no probable cause')
  if ((definition.tier === 'start') !== (definition.step !== undefined)) {
    throw invalid(id, 'a rule of the start tier, and no other, has a step')
  }
  return Object.freeze({
    ...definition,
    area: area as AreaCode,
    needs: Object.freeze([...(definition.needs ?? [])]),
    deadlineMs: definition.deadlineMs ?? (definition.tier === 'extended' ? 60_000 : 10_000),
  })
}

function invalid(id: string, why: string): MisuseError {
  return new MisuseError('RULE_INVALID', `rule ${JSON.stringify(id)}: ${why}`)
}
