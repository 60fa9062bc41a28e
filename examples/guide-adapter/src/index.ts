import { type Adapter, defineAdapter } from '@mortise/core/adapter'
import { capabilities } from './capabilities.ts'
import { openConnection } from './connection.ts'
import { dialect } from './dialect.ts'
import { classifyError } from './errors.ts'
import { types } from './type-table.ts'

export { dialect }

/** SQLite through `node:sqlite`. `:memory:` is a database of its own for each repo. */
export function guideAdapter(filename: string): Adapter {
  return defineAdapter({
    name: 'guide',
    topology: filename === ':memory:' ? 'single' : 'writer-readers',
    connect: (context) => openConnection(filename, context),
    dialect,
    types,
    classifyError,
    capabilities,
  })
}
