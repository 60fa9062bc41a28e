import { sqlite } from '@mortise/adapter-sqlite'
import { createRepo } from '@mortise/core'
import { describeAdapter } from '@mortise/testkit'
import { expect, it } from 'vitest'
import variants, { nodeSqliteIsExact } from './fixtures/sqlite.ts'

for (const fixture of variants) {
  describeAdapter(fixture, { fixtureFile: 'integration/fixtures/sqlite.ts' })
}

it('node:sqlite is taken where it keeps text exactly, and refused with the reason elsewhere', async () => {
  await using repo = createRepo({
    adapter: sqlite({ filename: ':memory:', driver: 'node:sqlite' }),
  })
  const answer = repo.query('select 1 as one')
  if (nodeSqliteIsExact) expect((await answer).rows).toEqual([{ one: 1 }])
  else await expect(answer).rejects.toThrow(/NUL/)
})
