import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { defineFixture } from '@mortise/testkit'
import { capableAdapter } from './index.ts'

const inMemory = defineFixture({
  name: 'capable adapter, in memory',
  adapter: () => capableAdapter(':memory:'),
})

const onFile = defineFixture({
  name: 'capable adapter, on a file',
  create: () => mkdtempSync(join(tmpdir(), 'guide-adapter-')),
  destroy: (folder) => rmSync(folder, { recursive: true }),
  adapter: (folder) => capableAdapter(join(folder, 'test.db')),
})

export default [inMemory, onFile]
