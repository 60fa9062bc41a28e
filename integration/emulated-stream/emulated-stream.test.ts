import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { AbortError, createRepo, type Repo, sql } from '@mortise/core'
import { guideAdapter } from 'guide-adapter'
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { Growth } from './stream-rows.ts'

const megabyte = 2 ** 20
const bound = 64 * megabyte

let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'mortise-stream-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

it('streams a million rows in less than 64 MB', async () => {
  const growth = await measure('bounded', 1_000_000)
  expect(growth.rows).toBe(1_000_000)
  expect(growth.rss).toBeLessThan(bound)
  expect(growth.heap).toBeLessThan(bound)
})

it('would see an emulation that collects the whole result', async () => {
  const growth = await measure('unbounded', 300_000)
  expect(growth.rows).toBe(300_000)
  expect(growth.rss).toBeGreaterThan(2 * bound)
  expect(growth.heap).toBeGreaterThan(bound)
})

it('leaves nothing in the session when the loop is left early', async () => {
  await using repo = createRepo({ adapter: guideAdapter(':memory:') })
  await repo.checkout(async () => {
    let seen = 0
    for await (const _ of repo.stream(threeRows, { batchSize: 1 })) {
      expect(await temporaryTables(repo)).toBe(1)
      if (++seen === 2) break
    }
    expect(seen).toBe(2)
    expect(await temporaryTables(repo)).toBe(0)
  })
})

it('leaves nothing in the session when the caller gives up, and keeps the session', async () => {
  await using repo = createRepo({ adapter: guideAdapter(':memory:') })
  await repo.query('create table kept (n integer)')
  const abort = new AbortController()
  const stream = async () => {
    for await (const _ of repo.stream(threeRows, { batchSize: 1, signal: abort.signal })) {
      abort.abort()
    }
  }
  await expect(stream()).rejects.toBeInstanceOf(AbortError)
  expect(await temporaryTables(repo)).toBe(0)
  expect((await repo.query('select count(*) as n from kept')).rows).toEqual([{ n: 0 }])
})

it('lets a signal fire although the driver answers at once', async () => {
  await using repo = createRepo({ adapter: guideAdapter(':memory:') })
  const abort = new AbortController()
  setImmediate(() => abort.abort())
  const stream = async () => {
    for await (const _ of repo.stream(manyRows, { signal: abort.signal }));
  }
  await expect(stream()).rejects.toBeInstanceOf(AbortError)
  expect(await temporaryTables(repo)).toBe(0)
})

it('ends at its deadline although the driver answers at once', async () => {
  await using repo = createRepo({ adapter: guideAdapter(':memory:') })
  const stream = async () => {
    for await (const _ of repo.stream(manyRows, { timeoutMs: 20 }));
  }
  await expect(stream()).rejects.toMatchObject({ name: 'TimeoutError', phase: 'execute' })
  expect(await temporaryTables(repo)).toBe(0)
})

const manyRows = sql`with recursive numbers (n) as (
    select 1 union all select n + 1 from numbers where n < 300000
  )
  select n from numbers`
const threeRows = sql`select 1 as n union all select 2 union all select 3`

async function temporaryTables(repo: Repo): Promise<unknown> {
  const { rows } = await repo.query('select count(*) as n from sqlite_temp_schema')
  return (rows[0] as { readonly n: unknown }).n
}

/** Streams in a process of its own, so that nothing else is in its memory. */
async function measure(kind: 'bounded' | 'unbounded', rows: number): Promise<Growth> {
  const script = join(import.meta.dirname, 'stream-rows.ts')
  const { stdout } = await promisify(execFile)(process.execPath, [
    ...process.execArgv,
    script,
    join(folder, 'test.db'),
    kind,
    String(rows),
  ])
  return JSON.parse(stdout) as Growth
}
