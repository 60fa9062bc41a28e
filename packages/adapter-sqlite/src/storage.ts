import { closeSync, existsSync, openSync, readSync, rmSync } from 'node:fs'
import { MisuseError, type Storage } from '@mortise/core/adapter'
import { connect } from './connect.ts'
import type { Settings } from './options.ts'

/** Creates, drops and looks for the database file. Undefined for databases in memory. */
export function storageOf(settings: Settings): Storage | undefined {
  if (!settings.shared) return undefined
  const { path } = settings
  return {
    async create() {
      if (existsSync(path)) return 'exists'
      const signal = new AbortController().signal
      const connection = await connect(settings, { role: 'writer', signal }, new WeakSet())
      await connection.close()
      return 'created'
    },
    drop() {
      const kind = kindOfFile(path)
      if (kind === 'missing') return 'missing'
      if (kind === 'other') {
        throw new MisuseError(
          'NOT_A_DATABASE',
          'the file is no SQLite database, so it was not deleted; check the filename',
        )
      }
      for (const suffix of ['', '-wal', '-shm', '-journal']) rmSync(path + suffix, { force: true })
      return 'dropped'
    },
    status() {
      return kindOfFile(path) === 'database' ? 'up' : 'down'
    },
  }
}

/** The first 16 bytes of every database file (https://www.sqlite.org/fileformat2.html#magic_header_string). */
const header = 'SQLite format 3\0'

/** An empty file is a database without tables. */
function kindOfFile(path: string): 'missing' | 'database' | 'other' {
  if (!existsSync(path)) return 'missing'
  const file = openSync(path, 'r')
  try {
    const start = Buffer.alloc(header.length)
    const length = readSync(file, start)
    return length === 0 || start.toString('latin1') === header ? 'database' : 'other'
  } finally {
    closeSync(file)
  }
}
