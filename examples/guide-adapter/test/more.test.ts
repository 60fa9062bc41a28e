import { describeAdapter } from '@mortise/testkit'
import fixtures from '../more/fixture.ts'

for (const fixture of fixtures) describeAdapter(fixture, { fixtureFile: 'more/fixture.ts' })
