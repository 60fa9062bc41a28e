import { describe, expect, it } from 'vitest'
import { catalogueOf, rule, type Tier } from '../rule/index.ts'
import { selectRules } from './select.ts'

const made = (id: string, tier: Tier) =>
  rule({
    id,
    title: 'x',
    level: 'MUST',
    law: 1,
    tier,
    since: '2026.1',
    rationale: 'x',
    causes: ['x'],
    ...(tier === 'start' && { step: 'x' }),
    run: () => {},
  })
const catalogue = catalogueOf([
  made('CON-001', 'start'),
  made('TX-001', 'core'),
  made('TX-002', 'extended'),
  made('ERR-001', 'core'),
])
const ids = (options: Parameters<typeof selectRules>[1]) =>
  selectRules(catalogue, options).map(({ id }) => id)

describe('a selection', () => {
  it('is a tier with those before it; core by default', () => {
    expect(ids({ tier: 'start' })).toEqual(['CON-001'])
    expect(ids({})).toEqual(['CON-001', 'ERR-001', 'TX-001'])
    expect(ids({ tier: 'extended' })).toHaveLength(4)
  })

  it('is narrowed by area and by exception', () => {
    expect(ids({ areas: ['TX'] })).toEqual(['TX-001'])
    expect(ids({ except: ['TX-001', 'CON-001'] })).toEqual(['ERR-001'])
  })

  it('takes a rule by id whatever its tier', () => {
    expect(ids({ rules: ['TX-002'] })).toEqual(['TX-002'])
  })

  it.each([
    ['an unknown rule', { rules: ['TX-099'] }, /no rule TX-099/],
    ['an unknown exception', { except: ['TX-099'] }, /no rule TX-099/],
    ['an unknown area', { areas: ['NO' as never] }, /no area NO/],
    ['nothing', { areas: ['BAT' as const] }, /holds no rule/],
    ['nothing after its exceptions', { rules: ['TX-001'], except: ['TX-001'] }, /holds no rule/],
  ])('of %s is an error', (_name, options, message) => {
    expect(() => ids(options)).toThrow(message)
  })
})
