import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sqlite } from '@mortise/adapter-sqlite'
import { createRepo, type Repo } from '@mortise/core'
import type { Adapter, Dialect } from '@mortise/core/adapter'
import { onTestFinished } from 'vitest'

/** The SQLite databases that the repo's calls are tested on. */
export const databases: readonly (readonly [name: string, open: () => Adapter])[] = [
  ['better-sqlite3 in memory', () => sqlite(':memory:')],
  ['node:sqlite in memory', () => sqlite({ filename: ':memory:', driver: 'node:sqlite' })],
  ['a file', () => sqlite(temporaryFile())],
]

/** A path for a database file, deleted when the test is over. */
export function temporaryFile(): string {
  const directory = mkdtempSync(join(tmpdir(), 'mortise-repo-'))
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }))
  return join(directory, 'test.db')
}

/** A repo with the tables of `schema`; closed when the test is over. */
export async function openRepo<A extends Adapter>(adapter: A, schema: string): Promise<Repo<A>> {
  const repo = createRepo({ adapter })
  onTestFinished(() => repo.close())
  await repo.script(schema)
  return repo
}

/** The same database, declared to have no RETURNING and held to it. */
export function withoutReturning(adapter: Adapter): Adapter {
  const { dialect } = adapter
  const held: Dialect = {
    name: dialect.name,
    ping: dialect.ping,
    cursor: dialect.cursor,
    quoteIdentifier: (name) => dialect.quoteIdentifier(name),
    quoteLiteral: (value) => dialect.quoteLiteral(value),
    transaction: (command) => dialect.transaction(command),
    compile(operation) {
      if ('returning' in operation && operation.returning !== undefined) {
        throw new Error('RETURNING was asked of a dialect that has none')
      }
      return dialect.compile(operation)
    },
  }
  return {
    ...adapter,
    capabilities: {
      ...adapter.capabilities,
      returning: { insert: 'emulated', update: 'emulated', delete: 'emulated' },
    },
    dialect: held,
  }
}
