import { describe, expect, it } from 'vitest'
import { areas } from '../rule/index.ts'
import { catalogue } from './index.ts'
import { readRecord, recordOf } from './record.ts'

const record = readRecord()

describe('the record of rule ids', () => {
  it.each(catalogue.map((rule) => [rule.id, rule] as const))(
    'has %s as it was published; a new rule is added by `npm run docs:conformance`',
    (id, rule) => {
      expect(record[id]).toEqual(recordOf(rule))
    },
  )

  it('keeps the ids of rules that are gone, marked as withdrawn', () => {
    const there = new Set(catalogue.map(({ id }) => id))
    const gone = Object.keys(record).filter((id) => !there.has(id))
    expect(gone.filter((id) => record[id]?.withdrawn === undefined)).toEqual([])
  })
})

describe('the catalogue', () => {
  it('has rules in every area', () => {
    const used = new Set(catalogue.map(({ area }) => area))
    expect(Object.keys(areas).filter((code) => !used.has(code as keyof typeof areas))).toEqual([])
  })

  it('has rules for every law that an adapter can break', () => {
    const used = new Set(catalogue.map(({ law }) => law))
    expect([1, 2, 3, 4, 5, 6, 7, 9, 10, 12].filter((law) => !used.has(law as 1))).toEqual([])
  })

  it('says each thing once', () => {
    for (const key of ['title', 'rationale'] as const) {
      const texts = catalogue.map((rule) => rule[key])
      expect(texts.filter((text, i) => texts.indexOf(text) !== i)).toEqual([])
    }
  })
})
