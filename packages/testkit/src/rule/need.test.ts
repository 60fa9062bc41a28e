import type { Adapter } from '@mortise/core/adapter'
import { describe, expect, it } from 'vitest'
import type { Facts } from '../context/index.ts'
import {
  claims,
  denies,
  interactive,
  member,
  secondSchema,
  shared,
  types,
  whyNotApplicable,
} from './need.ts'

const facts = {
  adapter: {
    capabilities: {
      savepoints: 'absent',
      returning: { insert: 'emulated', update: 'absent', delete: 'native' },
      transactions: 'batch',
    },
    types: { codecs: { text: { ddl: 'text' } } },
    topology: 'single',
  } as unknown as Adapter,
  members: new Set(['reset']),
  reference: false,
  prefixes: [],
} as Facts

describe('a need', () => {
  it.each([
    [claims('returning.insert'), undefined],
    [claims('returning.delete'), undefined],
    [claims('returning.update'), 'the manifest says returning.update: absent'],
    [claims('savepoints'), 'the manifest says savepoints: absent'],
    [denies('savepoints'), undefined],
    [denies('returning.insert'), 'the manifest says returning.insert: emulated'],
    [interactive, 'the manifest says transactions: "batch"'],
    [types('text'), undefined],
    [types('text', 'json', 'date'), 'the type table has no json, date'],
    [member('reset'), undefined],
    [member('stream'), 'connections have no stream'],
    [shared, 'the topology is single: there is no second connection to the same database'],
    [secondSchema, 'the fixture names no schema in `prefixes`'],
  ])('says why not: %#', (need, expected) => {
    expect(whyNotApplicable([need], facts)).toBe(expected)
  })

  it('names the first that does not hold', () => {
    expect(whyNotApplicable([types('text'), member('stream'), interactive], facts)).toMatch(
      /stream/,
    )
    expect(whyNotApplicable([], facts)).toBeUndefined()
  })
})
