import { describeAdapter } from '@mortise/testkit'
import variants from './fixtures/sqlite.ts'

for (const fixture of variants) {
  describeAdapter(fixture, { fixtureFile: 'integration/fixtures/sqlite.ts' })
}
