import { MisuseError } from '@mortise/core/adapter'
import { areas, type Rule, tiers } from '../rule/index.ts'
import type { ConformanceOptions } from './options.ts'

/**
 * The rules that a run is to execute, in order.
 *
 * @throws MisuseError `SELECTION_INVALID` for an unknown rule or area and for an empty selection: a
 * run of nothing must not look green.
 */
export function selectRules(
  catalogue: readonly Rule[],
  options: Pick<ConformanceOptions, 'rules' | 'areas' | 'tier' | 'except'>,
): readonly Rule[] {
  const known = new Set(catalogue.map(({ id }) => id))
  for (const id of [...(options.rules ?? []), ...(options.except ?? [])]) {
    if (!known.has(id)) throw invalid(`there is no rule ${id}`)
  }
  for (const area of options.areas ?? []) {
    if (!Object.hasOwn(areas, area)) {
      throw invalid(`there is no area ${area}; the areas are ${Object.keys(areas).join(', ')}`)
    }
  }
  const widest = tiers.indexOf(options.tier ?? 'core')
  const selected = catalogue.filter(
    (rule) =>
      (options.rules?.includes(rule.id) ?? tiers.indexOf(rule.tier) <= widest) &&
      (options.areas?.includes(rule.area) ?? true) &&
      !options.except?.includes(rule.id),
  )
  if (selected.length === 0) {
    throw invalid('it holds no rule; a run of nothing proves nothing')
  }
  return selected
}

function invalid(why: string): MisuseError {
  return new MisuseError('SELECTION_INVALID', `the selection cannot be run: ${why}`)
}
