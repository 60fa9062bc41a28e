import { expect, onTestFinished, vi } from 'vitest'
import type { Adapter } from '../src/contract/index.ts'
import { createRepo, type Repo, type RepoOptions } from '../src/repo/index.ts'
import {
  type ScriptedDatabase,
  type ScriptedFeature,
  type ScriptedOptions,
  scripted,
} from './scripted-connection.ts'

/** What a driver with everything has, as far as scopes are concerned. */
export const scopeFeatures: readonly ScriptedFeature[] = [
  'cancel',
  'reset',
  'deallocate',
  'transactionStatus',
]

export interface ScopeHarness {
  readonly repo: Repo
  readonly database: ScriptedDatabase
  /** The texts that were executed, in order. */
  sent(): string[]
}

/**
 * A repo with one connection on a scripted database that answers later. When the test is over every
 * lease must have ended and, on a clock of the test's own, every timer must be gone.
 */
export function scopeRepo(
  options: ScriptedOptions = {},
  repoOptions: Partial<RepoOptions<Adapter>> = {},
): ScopeHarness {
  const database = scripted({ features: scopeFeatures, ...options })
  const repo = createRepo({
    adapter: database.adapter,
    ...repoOptions,
    pool: {
      size: 1,
      leakThresholdMs: 0,
      idleTimeoutMs: 0,
      maxLifetimeMs: 0,
      pingIntervalMs: 0,
      queueTargetMs: 0,
      ...repoOptions.pool,
    },
  })
  onTestFinished(async () => {
    expect(repo.stats().pool).toMatchObject({ inUse: 0, waiting: 0 })
    await repo.close()
    if (vi.isFakeTimers()) expect(vi.getTimerCount()).toBe(0)
  })
  return {
    repo,
    database,
    sent: () => database.calls.flatMap(({ kind, sql }) => (kind === 'execute' ? [sql ?? ''] : [])),
  }
}

/** Time moved by hand: `vi.advanceTimersByTimeAsync`. To be called before the repo is made. */
export function fakeTime(): void {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
  onTestFinished(() => void vi.useRealTimers())
}

/** The error that a call rejects with; fails the test where it does not, or for a failed `expect`. */
export function rejection(call: Promise<unknown>): Promise<Error & Record<string, unknown>> {
  return call.then(
    () => expect.fail('the call succeeded'),
    (error) => {
      if (error instanceof Error && error.name === 'AssertionError') throw error
      return error
    },
  )
}
