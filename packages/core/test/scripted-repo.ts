import { onTestFinished } from 'vitest'
import type { Adapter } from '../src/contract/index.ts'
import { createRepo, type Repo, type RepoOptions } from '../src/repo/index.ts'
import { type ScriptedDatabase, type ScriptedOptions, scripted } from './scripted-connection.ts'

/** A statement as the database got it. */
export interface SentStatement {
  readonly sql: string
  readonly parameters: readonly unknown[]
}

/** A repo on a scripted database. */
export interface ScriptedRepo {
  readonly repo: Repo
  readonly database: ScriptedDatabase
  /** The statements sent since the last look, in order. */
  sent(): SentStatement[]
}

/**
 * A repo on a scripted database that answers at once and accepts every statement; closed when the
 * test is over.
 */
export function scriptedRepo(
  options: ScriptedOptions = {},
  repoOptions: Partial<RepoOptions<Adapter>> = {},
): ScriptedRepo {
  const database = scripted({ sync: true, ...options })
  const repo = createRepo({ adapter: database.adapter, ...repoOptions })
  onTestFinished(() => repo.close())
  let seen = 0
  return {
    repo,
    database,
    sent() {
      const calls = database.calls.slice(seen)
      seen = database.calls.length
      return calls.flatMap(({ kind, sql, request }) =>
        kind === 'execute' && sql !== undefined
          ? [{ sql, parameters: request?.parameters ?? [] }]
          : [],
      )
    },
  }
}
