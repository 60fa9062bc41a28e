import { expect, test } from 'vitest'
import { NOTHING, type Report, sentence, sum, tallyOf } from './tally.ts'

function report(success: boolean, ...files: [status: string, ...tests: string[]][]): Report {
  return {
    success,
    testResults: files.map(([status, ...tests]) => ({
      status,
      assertionResults: tests.map((each) => ({ status: each })),
    })),
  }
}

test('counts passed, failed and everything that did not run', () => {
  const files = report(
    false,
    ['passed', 'passed', 'passed', 'pending'],
    ['failed', 'failed', 'passed', 'todo', 'skipped'],
  )
  expect(tallyOf(files)).toEqual({ passed: 3, failed: 1, skipped: 3 })
})

test('a file that did not load is a failure', () => {
  expect(tallyOf(report(false, ['failed'], ['passed', 'passed']))).toEqual({
    passed: 1,
    failed: 1,
    skipped: 0,
  })
})

test('a file whose set-up threw is a failure although its tests were skipped', () => {
  expect(tallyOf(report(false, ['failed', 'skipped', 'skipped']))).toEqual({
    passed: 0,
    failed: 1,
    skipped: 2,
  })
})

test('a run that failed outside its tests is a failure', () => {
  expect(tallyOf(report(false, ['passed', 'passed']))).toMatchObject({ passed: 1, failed: 1 })
})

test('sums runs into one line', () => {
  expect(sum([])).toEqual(NOTHING)
  const total = sum([
    { passed: 3, failed: 0, skipped: 1 },
    { passed: 2, failed: 1, skipped: 0 },
  ])
  expect(sentence(total)).toBe('5 passed, 1 failed, 1 skipped')
})
