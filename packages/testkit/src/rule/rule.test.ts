import { describe, expect, it } from 'vitest'
import { catalogueOf } from './catalogue.ts'
import { type RuleDefinition, rule } from './rule.ts'

const definition: RuleDefinition = {
  id: 'TX-900',
  title: 'It does',
  level: 'MUST',
  law: 1,
  tier: 'core',
  since: '2026.1',
  rationale: 'Because',
  causes: ['it does not'],
  run: () => {},
}

describe('rule', () => {
  it('takes its area from its id and a deadline from its tier', () => {
    expect(rule(definition)).toMatchObject({ area: 'TX', deadlineMs: 10_000, needs: [] })
    expect(rule({ ...definition, tier: 'extended' })).toMatchObject({ deadlineMs: 60_000 })
    expect(Object.isFrozen(rule(definition))).toBe(true)
  })

  it.each([
    ['an unknown area', { id: 'XYZ-001' }, /known area/],
    ['an id without three digits', { id: 'TX-1' }, /three digits/],
    ['an unknown law', { law: 13 as never }, /no law 13/],
    ['an empty title', { title: ' ' }, /title is empty/],
    ['an empty rationale', { rationale: '' }, /rationale is empty/],
    ['no cause', { causes: [] as never }, /no probable cause/],
    ['a start rule without a step', { tier: 'start' as const }, /has a step/],
    ['a step outside the start tier', { step: 'do it' }, /has a step/],
  ])('refuses %s', (_name, wrong, message) => {
    expect(() => rule({ ...definition, ...wrong })).toThrow(message)
  })
})

describe('a catalogue', () => {
  it('begins with the start tier as given, then goes area by area', () => {
    const made = (id: string, parts: Partial<RuleDefinition> = {}) =>
      rule({ ...definition, id, ...parts })
    const rules = [
      made('TX-002'),
      made('TYP-001', { tier: 'start', step: 'second' }),
      made('CON-001', { tier: 'start', step: 'third' }),
      made('CON-005'),
      made('TX-001'),
    ]
    expect(catalogueOf(rules).map(({ id }) => id)).toEqual([
      'TYP-001',
      'CON-001',
      'CON-005',
      'TX-001',
      'TX-002',
    ])
  })

  it('refuses an id that is there twice', () => {
    expect(() => catalogueOf([rule(definition), rule(definition)])).toThrow(/TX-900/)
  })
})
