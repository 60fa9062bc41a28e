import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Storage } from '@mortise/core/adapter'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { sqlite } from './adapter.ts'
import { drivers } from './testing/fixture.ts'

describe.each(drivers)('the storage of %s', (driver) => {
  let directory: string
  let filename: string
  let storage: Storage

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'mortise-sqlite-'))
    filename = join(directory, 'test.db')
    storage = sqlite({ filename, driver }).storage as Storage
  })
  afterEach(() => rmSync(directory, { recursive: true }))

  it('creates, finds and drops the file, each as often as one likes', async () => {
    expect(await storage.status()).toBe('down')
    expect(await storage.drop()).toBe('missing')
    expect(await storage.create()).toBe('created')
    expect(await storage.create()).toBe('exists')
    expect(await storage.status()).toBe('up')
    for (const suffix of ['-wal', '-shm']) writeFileSync(filename + suffix, '')
    expect(await storage.drop()).toBe('dropped')
    expect(await storage.status()).toBe('down')
    for (const suffix of ['', '-wal', '-shm']) expect(existsSync(filename + suffix)).toBe(false)
  })

  it('does not delete what is no database', async () => {
    writeFileSync(filename, 'dear diary')
    expect(await storage.status()).toBe('down')
    expect(() => storage.drop()).toThrow('no SQLite database')
    expect(existsSync(filename)).toBe(true)
  })
})
