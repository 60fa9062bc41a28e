import { describe, expect, it } from 'vitest'
import type { ConformanceReport, FailureCard, RuleResult } from '../run/index.ts'
import { failureText } from './failure-text.ts'
import { nextStep, stepLine } from './steps.ts'
import { summaryText } from './summary.ts'

const failure: FailureCard = {
  rule: 'TX-001',
  title: 'A rollback undoes',
  law: { number: 1, title: 'Nothing lost, nothing doubled' },
  message: 'the rows: expected 1, seen 2',
  expected: '1',
  seen: '2',
  trace: [
    {
      atMs: 1,
      connection: 1,
      call: 'execute',
      sql: 'insert',
      parameters: ['string'],
      outcome: 'affected 1',
    },
  ],
  causes: ['autocommit is on'],
  stack: ['at rollback (driver.ts:1:1)'],
  page: 'docs/conformance/tx.md#tx-001',
  rerun: 'npx mortise-testkit ./fixture.ts --rule TX-001',
}
const result = {
  rule: 'TX-001',
  title: 'A rollback undoes',
  area: 'TX',
  level: 'MUST',
  law: 1,
  tier: 'core',
  status: 'passed',
  durationMs: 3,
} satisfies RuleResult
const report: ConformanceReport = {
  schema: 'mortise-conformance/1',
  ruleSet: '2026.1',
  fixture: 'mine',
  adapter: { name: 'mine', topology: 'pool' },
  runtime: { node: '24', platform: 'linux-x64' },
  startedAt: '',
  durationMs: 1500,
  ok: true,
  counts: { passed: 1, failed: 0, warned: 0, waived: 0, notApplicable: 0 },
  results: [result],
  notRun: [],
  leftOut: [],
  limits: [],
  errors: [],
}

describe('a failure card', () => {
  it('shows law, expectation, calls, causes, page and the command that runs it alone', () => {
    expect(failureText(failure)).toBe(
      [
        'TX-001 A rollback undoes',
        '  law 1: Nothing lost, nothing doubled',
        '  the rows',
        '  expected 1',
        '  seen     2',
        '  the last calls, without their values:',
        '    1 ms  #1 execute insert (string) → affected 1',
        '  probable causes:',
        '    - autocommit is on',
        '    at rollback (driver.ts:1:1)',
        '  described in docs/conformance/tx.md#tx-001',
        '  run it alone: npx mortise-testkit ./fixture.ts --rule TX-001',
      ].join('\n'),
    )
  })

  it('of an error that the rule did not expect says it once', () => {
    const message = 'the rule got an error that it did not expect: Error: what?'
    const text = failureText({ ...failure, message, expected: 'no error', seen: 'Error: what?' })
    expect(text).toContain('  the rule got an error that it did not expect\n  expected no error\n')
  })

  it('leaves out the frames of the testkit', () => {
    const stack = [
      'at checkThat (file:///app/node_modules/@mortise/testkit/dist/index.js:1:1)',
      'at run (/app/packages/testkit/src/rules/start.ts:1:1)',
      'at execute (/app/driver.ts:1:1)',
    ]
    const text = failureText({ ...failure, stack })
    expect(text).toContain('at execute (/app/driver.ts:1:1)')
    expect(text).not.toMatch(/checkThat|start\.ts/)
  })

  it('of a step says what to write and what comes then', () => {
    const step = { ...failure, step: { number: 2, of: 3, text: 'execute() → rows' } }
    expect(stepLine(step)).toBe('Step 2 of 3: execute() → rows; got 2')
    const steps = [{ id: 'A' }, { id: 'B' }, { id: 'C', step: 'close() → end' }]
    expect(nextStep(step, steps)).toBe('Then step 3: close() → end')
    expect(nextStep({ ...step, step: { ...step.step, number: 3 } }, steps)).toMatch(/last step/)
    expect(nextStep(failure, steps)).toBeUndefined()
  })
})

describe('a summary', () => {
  it('ends with the verdict', () => {
    expect(summaryText(report)).toMatch(/✓ mine: 1 passed, 0 failed, 0 not applicable in 1.5 s/)
  })

  it('has no table when no rule was run', () => {
    expect(summaryText({ ...report, results: [], errors: ['no adapter'] })).toMatch(/^error: /)
  })

  it('names what does not apply, what is waived, warned, left out, limited and wrong', () => {
    const text = summaryText({
      ...report,
      ok: false,
      results: [
        { ...result, rule: 'TX-002', status: 'not_applicable', reason: 'none here' },
        { ...result, rule: 'TX-003', status: 'not_applicable', reason: 'none here' },
        { ...result, rule: 'TX-004', status: 'waived', reason: 'known' },
        { ...result, rule: 'TX-005', level: 'SHOULD', status: 'failed', failure },
      ],
      counts: { passed: 0, failed: 0, warned: 1, waived: 1, notApplicable: 2 },
      notRun: ['TX-009'],
      leftOut: ['TX-008'],
      limits: ['no reference'],
      errors: ['too few'],
    })
    expect(text).toContain('TX-002, TX-003: none here')
    expect(text).toContain('TX-004: waived: known')
    expect(text).toContain('TX-005 the rows: expected 1, seen 2')
    expect(text).toContain('left out: TX-008')
    expect(text).toContain('not run after the failure: 1 rules')
    expect(text).toContain('limit: no reference')
    expect(text).toContain('error: too few')
    expect(text).toMatch(/✗ mine: 0 passed, 0 failed, 1 warned, 1 waived, 2 not applicable/)
  })
})
