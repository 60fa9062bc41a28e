import { describeAdapter } from '@mortise/testkit'
import fixtures from '../fixture.ts'

for (const fixture of fixtures) describeAdapter(fixture)
