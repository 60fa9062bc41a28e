import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  type Adapter,
  type Connection,
  DatabaseError,
  type Request,
  type Result,
  type RowShape,
  type Statement,
} from '@mortise/core/adapter'
import { afterEach, expect } from 'vitest'
import { sqlite } from '../adapter.ts'
import type { SqliteCallOptions, SqliteOptions } from '../options.ts'

/** The drivers that this runtime can use, for `describe.each`. */
export const drivers: readonly ('better-sqlite3' | 'node:sqlite')[] = nodeSqliteIsExact()
  ? ['better-sqlite3', 'node:sqlite']
  : ['better-sqlite3']

/** node:sqlite cuts text at NUL before Node.js 24.16, and the adapter refuses it there. */
function nodeSqliteIsExact(): boolean {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  return major > 24 || (major === 24 && minor >= 16)
}

/** The drivers in memory and on a file. */
export const places = drivers.flatMap((driver) =>
  (['memory', 'file'] as const).map((place) => ({ driver, place })),
)

export type Place = (typeof places)[number]

/** A database of one test; everything is closed and deleted after it. */
export class Fixture {
  readonly adapter: Adapter<SqliteCallOptions>
  readonly #open: Connection[]

  constructor(adapter: Adapter<SqliteCallOptions>, open: Connection[]) {
    this.adapter = adapter
    this.#open = open
  }

  async connect(role: 'any' | 'writer' | 'reader' = 'writer'): Promise<Connection> {
    const connection = await this.adapter.connect({
      role,
      signal: new AbortController().signal,
      onNotice: () => undefined,
      onClosed: () => undefined,
    })
    this.#open.push(connection)
    return connection
  }
}

/** Makes databases that are cleaned up after each test. To be called once in a test file. */
export function fixtures(): (place: Place, options?: Partial<SqliteOptions>) => Fixture {
  const open: Connection[] = []
  const directories: string[] = []
  afterEach(async () => {
    for (const connection of open.splice(0)) await connection.close()
    for (const directory of directories.splice(0)) rmSync(directory, { recursive: true })
  })
  return ({ driver, place }, options) => {
    let filename = ':memory:'
    if (place === 'file') {
      const directory = mkdtempSync(join(tmpdir(), 'mortise-sqlite-'))
      directories.push(directory)
      filename = join(directory, 'test.db')
    }
    return new Fixture(sqlite({ filename, driver, ...options }), open)
  }
}

/** A request with the rest filled in. */
export function request(sql: string, parts: Partial<Request> = {}): Request {
  return {
    sql,
    parameters: [],
    types: undefined,
    access: 'unknown',
    shape: undefined,
    statement: undefined,
    signal: undefined,
    deadline: undefined,
    options: undefined,
    ...parts,
  }
}

/** A statement as the runtime's cache makes it. */
export function statement(sql: string): Statement {
  return { id: 1, sql, types: undefined, handle: undefined }
}

/** Runs a statement. */
export async function run(
  connection: Connection,
  sql: string,
  parameters: readonly unknown[] = [],
  parts: Partial<Request> = {},
): Promise<Result> {
  return await connection.execute(request(sql, { parameters, ...parts }))
}

/** The rows of a shape as the runtime gives them to the application. */
export function built(result: Pick<Result, 'rows' | 'shaped'>, shape: RowShape): object[] {
  if (result.shaped === true) return [...result.rows]
  return (result.rows as readonly (readonly unknown[])[]).map((values) => {
    expect(values).toHaveLength(shape.columns.length)
    const row = {}
    shape.columns.forEach(({ property, decode }, i) => {
      const value = values[i]
      Object.defineProperty(row, property, {
        value: value === null || decode === undefined ? value : decode(value),
        configurable: true,
        enumerable: true,
        writable: true,
      })
    })
    shape.attach?.(row)
    return row
  })
}

/** The rows of a statement. */
export async function rows(
  connection: Connection,
  sql: string,
  parameters: readonly unknown[] = [],
  parts: Partial<Request> = {},
): Promise<readonly unknown[]> {
  return (await run(connection, sql, parameters, parts)).rows
}

/** What the statement fails with, as the runtime would see it. */
export async function failure(
  of: Fixture | Adapter<SqliteCallOptions>,
  work: () => unknown,
): Promise<DatabaseError | Error> {
  try {
    await work()
  } catch (error) {
    const adapter = of instanceof Fixture ? of.adapter : of
    const description = adapter.classifyError(error)
    return description === undefined ? (error as Error) : new DatabaseError(description)
  }
  throw new Error('it did not fail')
}
