import { describe, expect, it } from 'vitest'
import type { RuleResult } from './report.ts'
import { applyWaiver, strayWaivers } from './waive.ts'

const today = new Date('2027-01-01')
const waiver = {
  rule: 'TX-001',
  reason: 'known',
  link: 'https://example.test/1',
  expires: '2027-06-30',
  expects: 'seen 2',
}
const base = { rule: 'TX-001', level: 'MUST' } as RuleResult
const failed = {
  ...base,
  status: 'failed',
  failure: { message: 'it: expected 1, seen 2' },
} as RuleResult

describe('a waiver', () => {
  it('accepts the failure that it expects, and is printed', () => {
    expect(applyWaiver(failed, [waiver], today)).toEqual({
      result: {
        ...failed,
        status: 'waived',
        reason: 'known (https://example.test/1, until 2027-06-30)',
      },
    })
  })

  it('of another rule changes nothing', () => {
    expect(applyWaiver(failed, [{ ...waiver, rule: 'TX-002' }], today)).toEqual({ result: failed })
  })

  it.each([
    ['has expired', failed, { ...waiver, expires: '2026-12-31' }, /expired on 2026-12-31/],
    ['expects another failure', failed, { ...waiver, expects: 'seen 3' }, /failed otherwise/],
    ['is of a rule that is kept', { ...base, status: 'passed' } as RuleResult, waiver, /is kept/],
    [
      'is of a rule that does not apply',
      { ...base, status: 'not_applicable' } as RuleResult,
      waiver,
      /does not apply/,
    ],
  ])('that %s is an error of the run', (_name, result, given, message) => {
    const judged = applyWaiver(result, [given], today)
    expect(judged.error).toMatch(message)
    expect(judged.result).toBe(result)
  })

  it('of a rule that does not exist is an error of the run', () => {
    expect(strayWaivers([waiver], new Set(['TX-002']))).toEqual([
      'a waiver names the rule TX-001, which does not exist',
    ])
  })
})
