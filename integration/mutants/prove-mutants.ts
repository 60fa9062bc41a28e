import { runConformance } from '@mortise/testkit'
import { describe, expect, it } from 'vitest'
import { fixtureOf } from './fixture-of.ts'
import type { Mutant } from './mutant.ts'

/**
 * Declares the tests of mutants: each is killed by the rules that it names, with their messages,
 * and passes the whole suite without them.
 */
export function proveMutants(mutants: readonly Mutant[]): void {
  describe.each(mutants)('an adapter where $name', (mutant) => {
    it.each(mutant.killedBy)('is killed by $rule', async ({ rule, message }) => {
      const { results, errors } = await runConformance(fixtureOf(mutant), { rules: [rule] })
      expect(errors).toEqual([])
      expect(results).toMatchObject([{ rule, status: 'failed' }])
      expect(results[0]?.failure?.message).toContain(message)
    })

    it('survives every other rule', async () => {
      const { results, errors } = await runConformance(fixtureOf(mutant), {
        except: mutant.killedBy.map(({ rule }) => rule),
      })
      const failed = results.filter(({ status }) => status === 'failed')
      expect(failed.map(({ rule, failure }) => `${rule} ${failure?.message}`)).toEqual([])
      expect(errors).toEqual([])
    })
  })
}
