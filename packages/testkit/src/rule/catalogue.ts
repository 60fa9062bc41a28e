import { MisuseError } from '@mortise/core/adapter'
import { areas } from './area.ts'
import type { Rule } from './rule.ts'

const areaOrder = Object.keys(areas)

/**
 * Puts rules into the order of a run: the start tier in the order of its steps as given, then area
 * by area, by id.
 *
 * @throws MisuseError `RULE_INVALID` when two rules have one id.
 */
export function catalogueOf(rules: readonly Rule[]): readonly Rule[] {
  const ids = new Set<string>()
  for (const { id } of rules) {
    if (ids.has(id)) throw new MisuseError('RULE_INVALID', `two rules have the id ${id}`)
    ids.add(id)
  }
  const start = rules.filter((rule) => rule.tier === 'start')
  const others = rules
    .filter((rule) => rule.tier !== 'start')
    .sort((a, b) => areaOrder.indexOf(a.area) - areaOrder.indexOf(b.area) || (a.id < b.id ? -1 : 1))
  return Object.freeze([...start, ...others])
}
