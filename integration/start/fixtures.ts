import { join } from 'node:path'
import { sqlite } from '@mortise/adapter-sqlite'
import { defineFixture, type Fixture } from '@mortise/testkit'

/** The adapters that the suite runs over. Files are made in `directory`, one for each run. */
export function conformanceFixtures(directory: string): readonly Fixture[] {
  return (['better-sqlite3', 'node:sqlite'] as const).flatMap((driver) => [
    defineFixture({
      name: `sqlite, ${driver}, memory`,
      adapter: () => sqlite({ filename: ':memory:', driver }),
    }) as Fixture,
    defineFixture({
      name: `sqlite, ${driver}, file`,
      create: () => join(directory, `conformance-${driver.replace(':', '-')}.db`),
      adapter: (filename: string) => sqlite({ filename, driver }),
    }) as Fixture,
  ])
}
