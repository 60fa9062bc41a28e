import { UnsupportedError } from '@mortise/core/adapter'
import { describe, expect, it } from 'vitest'
import { nodeSqlite } from './driver-node-sqlite.ts'
import { drivers } from './testing/fixture.ts'

describe('node:sqlite', () => {
  it.runIf(drivers.includes('node:sqlite'))('is used where it reads text exactly', async () => {
    const database = await nodeSqlite.open(':memory:')
    expect(database.inTransaction).toBe(false)
    database.close()
  })

  it.skipIf(drivers.includes('node:sqlite'))('is refused where it cuts text at NUL', () => {
    expect(() => nodeSqlite.open(':memory:')).toThrow(UnsupportedError)
  })
})
