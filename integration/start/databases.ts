import { join } from 'node:path'
import { sqlite } from '@mortise/adapter-sqlite'
import type { Adapter } from '@mortise/core'
import { nodeSqliteIsExact } from '../fixtures/sqlite.ts'

/** A database that the workload and the tour run on. */
export interface Database {
  /** Heads its column. */
  readonly name: string
  /** What its figures stand for. */
  readonly note: string
  /** Makes an empty database with its files in `directory`. */
  open(directory: string): Promise<OpenDatabase>
}

/** A database while it exists. */
export interface OpenDatabase {
  /** An adapter for it; each is a client of its own. */
  adapter(): Adapter
  close(): Promise<void>
}

/** The databases, in the order of the tables' columns. */
export const databases: readonly Database[] = [
  sqliteFile('better-sqlite3', 'better-sqlite3'),
  ...(nodeSqliteIsExact ? [sqliteFile('node:sqlite', 'node-sqlite')] : []),
]

function sqliteFile(driver: 'better-sqlite3' | 'node:sqlite', fileName: string): Database {
  return {
    name: driver,
    note: 'SQLite in this process, on a file with a write-ahead log and synchronous=normal: a commit goes to the log but is not forced to the disk, and no statement crosses a network; the one connection that writes is always warm, so a checkout has little to save',
    async open(directory) {
      const filename = join(directory, `${fileName}.db`)
      return {
        adapter: () => sqlite({ filename, driver, journalMode: 'wal', synchronous: 'normal' }),
        async close() {},
      }
    },
  }
}
