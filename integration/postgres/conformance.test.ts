import { describeAdapter } from '@mortise/testkit'
import variants from '../fixtures/postgres.ts'

for (const fixture of variants) {
  describeAdapter(fixture, { fixtureFile: 'integration/fixtures/postgres.ts' })
}
