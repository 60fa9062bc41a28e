import { expect, it } from 'vitest'
import { runStep, tourReport } from './tour.ts'

const plain = (text: string): string => text
const style = { bold: plain, dim: plain, green: plain, red: plain, cyan: plain }
const database = {
  name: 'some database',
  note: '',
  open: () => Promise.reject(new Error('unused')),
}

it('shows the code that ran and what came back', async () => {
  const step = { title: 'a sum', run: async () => 1 + 1, gives: 2 }
  const report = tourReport([{ database, results: [await runStep(step)] }], style)
  expect(report).toContain('  // a sum\n  1 + 1\n  → 2')
  expect(report).toContain('some database: 1 of 1 lines')
})

it('shows what should have come where something else did', async () => {
  const result = await runStep({ title: 'a sum', run: async () => 1 + 1, gives: 3 })
  expect(result.ok).toBe(false)
  expect(tourReport([{ database, results: [result] }], style)).toContain('  ✗ 2\n  expected 3')
})

it('takes an error for what came back', async () => {
  const fails = async () => {
    throw new RangeError('too far')
  }
  const result = await runStep({ title: 'fails', run: async () => await fails(), gives: undefined })
  expect(result.ok).toBe(false)
  expect(tourReport([{ database, results: [result] }], style)).toContain('✗ RangeError: too far')
})
