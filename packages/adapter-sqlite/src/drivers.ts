import type { Driver } from './driver.ts'
import { betterSqlite3 } from './driver-better-sqlite3.ts'
import { nodeSqlite } from './driver-node-sqlite.ts'
import type { Settings } from './options.ts'

/** The SQLite library that the options name. */
export function driverOf({ driver }: Settings): Driver {
  return driver === 'node:sqlite' ? nodeSqlite : betterSqlite3
}
