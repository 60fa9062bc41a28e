import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { describe, expect, it } from 'vitest'
import { sqlite } from './adapter.ts'
import { callOptions, parseOptions } from './options.ts'

const refused = (options: unknown): string => {
  try {
    parseOptions(options as string)
  } catch (error) {
    return `${(error as { code: string }).code}: ${(error as Error).message}`
  }
  return 'accepted'
}

describe('parseOptions', () => {
  it('fills in the defaults', () => {
    expect(parseOptions(':memory:')).toEqual({
      path: ':memory:',
      shared: false,
      driver: 'better-sqlite3',
      busyTimeoutMs: 5000,
      journalMode: 'wal',
      synchronous: 'normal',
      integers: 'number',
      allowAttach: false,
    })
  })

  it('resolves paths and file URLs at once', () => {
    const path = resolve('a b.db')
    expect(parseOptions('a b.db')).toMatchObject({ path, shared: true })
    expect(parseOptions(pathToFileURL(path))).toMatchObject({ path })
    expect(parseOptions({ filename: pathToFileURL(path).href })).toMatchObject({ path })
    expect(parseOptions('')).toMatchObject({ path: '', shared: false })
  })

  it('refuses filenames that SQLite would read otherwise', () => {
    for (const filename of [
      'a\0b',
      ' a.db',
      'a.db ',
      'file:a.db',
      'file:///a.db?mode=memory',
      new URL('https://example.org/a.db'),
      5,
      undefined,
    ]) {
      expect(refused({ filename }), String(filename)).toMatch(/^OPTION_INVALID: .*filename/)
    }
    expect(refused(undefined)).toMatch(/^OPTION_INVALID: .*filename/)
  })

  it('refuses unknown options and wrong values, and names them', () => {
    expect(refused({ filename: 'x', timeout: 5 })).toMatch(/^UNKNOWN_OPTION: .*"timeout"/)
    for (const [name, value] of Object.entries({
      driver: 'sqlite3',
      busyTimeoutMs: -1,
      journalMode: 'off',
      synchronous: 2,
      integers: 'string',
      allowAttach: 1,
    })) {
      expect(refused({ filename: 'x', [name]: value })).toMatch(
        new RegExp(`^OPTION_INVALID: .*${name}`),
      )
    }
  })

  it('checks the options of a call', () => {
    expect(() => callOptions.integers('bigint')).not.toThrow()
    expect(() => callOptions.integers('big')).toThrow('integers')
  })
})

describe('sqlite', () => {
  it('is one connection in memory, and a writer with readers on a file', () => {
    expect(sqlite(':memory:')).toMatchObject({ name: 'sqlite', topology: 'single' })
    expect(sqlite('')).toMatchObject({ topology: 'single' })
    expect(sqlite('a.db')).toMatchObject({ topology: 'writer-readers' })
    expect(sqlite(':memory:').storage).toBeUndefined()
  })
})
