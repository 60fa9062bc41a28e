import { runConformance } from '@mortise/testkit'
import { expect, it } from 'vitest'
import variants from './fixtures/sqlite.ts'

const rounds = 10

it.each(variants)('$name passes everything ten times in a row', async (fixture) => {
  for (let round = 1; round <= rounds; round++) {
    const { ok, results, errors } = await runConformance(fixture, { tier: 'extended' })
    const broken = results.filter(({ status }) => status === 'failed')
    expect(
      { round, broken: broken.map(({ rule, failure }) => `${rule} ${failure?.message}`), errors },
      `round ${round}`,
    ).toEqual({ round, broken: [], errors: [] })
    expect(ok).toBe(true)
  }
})
