import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sqlite } from '@mortise/adapter-sqlite'
import { createRepo, type Repo } from '@mortise/core'
import type { Adapter } from '@mortise/core/adapter'
import { guideAdapter } from 'guide-adapter'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { outcome, prepare, scenarios } from './scenarios.ts'

describe.each(['in memory', 'on a file'])('%s, the reduced adapter', (place) => {
  const folder = mkdtempSync(join(tmpdir(), 'mortise-reduced-'))
  const open = (adapter: (filename: string) => Adapter, name: string): Repo =>
    createRepo({ adapter: adapter(place === 'in memory' ? ':memory:' : join(folder, name)) })
  const reduced = open(guideAdapter, 'reduced.db')
  const full = open((filename) => sqlite(filename) as Adapter, 'full.db')

  beforeAll(() => Promise.all([reduced, full].map(prepare)))
  afterAll(async () => {
    await Promise.all([reduced.close(), full.close()])
    rmSync(folder, { recursive: true })
  })

  it.each(scenarios.filter(({ needs }) => needs === undefined))(
    '$name as the full one does',
    async ({ run }) => {
      const [mine, theirs] = [await outcome(run(reduced)), await outcome(run(full))]
      expect(theirs).toHaveProperty('answer')
      expect(mine).toEqual(theirs)
    },
  )

  it.each(scenarios.filter(({ needs }) => needs !== undefined))(
    'refuses what its manifest calls absent: $name',
    async ({ needs, run }) => {
      expect(await outcome(run(reduced))).toMatchObject({
        error: { name: 'UnsupportedError', capability: needs },
      })
      expect(await outcome(run(full))).toHaveProperty('answer')
    },
  )
})
