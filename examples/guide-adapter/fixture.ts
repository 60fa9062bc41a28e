import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { defineFixture } from '@mortise/testkit'
import { guideAdapter } from './src/index.ts'

const inMemory = defineFixture({
  name: 'guide adapter, in memory',
  adapter: () => guideAdapter(':memory:'),
})

const onFile = defineFixture({
  name: 'guide adapter, on a file',
  create: () => mkdtempSync(join(tmpdir(), 'guide-adapter-')),
  destroy: (folder) => rmSync(folder, { recursive: true }),
  adapter: (folder) => guideAdapter(join(folder, 'test.db')),
  reference(folder) {
    const database = new DatabaseSync(join(folder, 'test.db'))
    return {
      query(sql) {
        const statement = database.prepare(sql)
        statement.setReturnArrays(true)
        return statement.all() as unknown as unknown[][]
      },
      close: () => database.close(),
    }
  },
})

export default [inMemory, onFile]
