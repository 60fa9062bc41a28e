import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { MisuseError } from '@mortise/core/adapter'

/** How `sqlite()` opens a database. */
export interface SqliteOptions {
  /**
   * A path, a `file:` URL, `:memory:` for a database in memory or `''` for a temporary one on disk.
   * A relative path is resolved once, when `sqlite()` is called.
   */
  readonly filename: string | URL
  /** The SQLite library. Default `better-sqlite3`. */
  readonly driver?: 'better-sqlite3' | 'node:sqlite' | undefined
  /** How long to wait for another connection's lock, in milliseconds. Default 5000; 0 never waits. */
  readonly busyTimeoutMs?: number | undefined
  /**
   * The file's journal mode. Default `wal`: readers and the writer do not block each other. The
   * others are for file systems without shared memory.
   */
  readonly journalMode?: 'wal' | 'delete' | 'truncate' | 'persist' | undefined
  /**
   * When SQLite waits for the disk. Default `normal`: with the WAL, a loss of power may undo the
   * last commits, but never damages the file; `full` makes each commit durable, and slow.
   */
  readonly synchronous?: 'off' | 'normal' | 'full' | 'extra' | undefined
  /**
   * What the integers of raw queries are. Default `number`, where one beyond ±(2^53 − 1) raises a
   * `ValueError`; `bigint` makes every integer a bigint. Columns of tables go by their type.
   */
  readonly integers?: 'number' | 'bigint' | undefined
  /** Whether ATTACH and DETACH may be used. Default false. */
  readonly allowAttach?: boolean | undefined
}

/** The options that a single call takes: `repo.query(sql`…`, { integers: 'bigint' })`. */
export interface SqliteCallOptions {
  /** As the adapter's option of the same name, for this call. */
  readonly integers?: 'number' | 'bigint' | undefined
}

/** The options with every default filled in. */
export interface Settings {
  /** An absolute path, `:memory:` or `''`. */
  readonly path: string
  /** Whether the path is that of a file that other connections may open too. */
  readonly shared: boolean
  readonly driver: 'better-sqlite3' | 'node:sqlite'
  readonly busyTimeoutMs: number
  readonly journalMode: 'wal' | 'delete' | 'truncate' | 'persist'
  readonly synchronous: 'off' | 'normal' | 'full' | 'extra'
  readonly integers: 'number' | 'bigint'
  readonly allowAttach: boolean
}

const integersChoices = ['number', 'bigint'] as const

/**
 * Parses what `sqlite()` was given.
 *
 * @throws MisuseError `UNKNOWN_OPTION`, `OPTION_INVALID`, naming the option.
 */
export function parseOptions(given: string | URL | SqliteOptions): Settings {
  const options: Readonly<Record<string, unknown>> =
    typeof given === 'string' || given instanceof URL ? { filename: given } : asRecord(given)
  for (const name of Object.keys(options)) {
    if (!known.includes(name)) {
      throw new MisuseError(
        'UNKNOWN_OPTION',
        `sqlite() has no option "${name}"; it takes ${known.join(', ')}`,
      )
    }
  }
  const path = parseFilename(options.filename)
  return Object.freeze({
    path,
    shared: path !== ':memory:' && path !== '',
    driver: choice(options, 'driver', ['better-sqlite3', 'node:sqlite']),
    busyTimeoutMs: milliseconds(options, 'busyTimeoutMs', 5000),
    journalMode: choice(options, 'journalMode', ['wal', 'delete', 'truncate', 'persist']),
    synchronous: choice(options, 'synchronous', ['normal', 'off', 'full', 'extra']),
    integers: choice(options, 'integers', integersChoices),
    allowAttach: flag(options, 'allowAttach'),
  })
}

/** The checks of the call options. */
export const callOptions: {
  readonly [name in keyof SqliteCallOptions]-?: (value: unknown) => void
} = {
  integers: (value) => void choice({ integers: value }, 'integers', integersChoices),
}

const known: readonly string[] = [
  'filename',
  'driver',
  'busyTimeoutMs',
  'journalMode',
  'synchronous',
  'integers',
  'allowAttach',
]

function asRecord(given: unknown): Readonly<Record<string, unknown>> {
  if (typeof given === 'object' && given !== null) return given as Record<string, unknown>
  throw invalid('filename', 'is missing; give a path, ":memory:" or an object of options')
}

function parseFilename(value: unknown): string {
  if (value instanceof URL) return parseUrl(value)
  if (typeof value !== 'string')
    throw invalid('filename', 'takes a path, a file: URL or ":memory:"')
  if (value === ':memory:' || value === '') return value
  if (value.includes('\0')) throw invalid('filename', 'holds a NUL character')
  if (value !== value.trim()) throw invalid('filename', 'begins or ends with a blank')
  if (!value.startsWith('file:')) return resolve(value)
  const url = URL.canParse(value) ? new URL(value) : undefined
  if (url === undefined || !value.startsWith('file://')) {
    throw invalid('filename', 'is no complete file: URL; write file:///path, or give the path')
  }
  return parseUrl(url)
}

function parseUrl(url: URL): string {
  if (url.protocol !== 'file:') throw invalid('filename', 'takes URLs that begin with file: only')
  if (url.search !== '' || url.hash !== '') {
    throw invalid('filename', "is a URL with parameters; use sqlite()'s own options instead")
  }
  return fileURLToPath(url)
}

/** One of the choices; the first is the default. */
function choice<const T extends readonly [string, ...string[]]>(
  options: Readonly<Record<string, unknown>>,
  name: string,
  choices: T,
): T[number] {
  const value = options[name]
  if (value === undefined) return choices[0]
  if (typeof value === 'string' && choices.includes(value)) return value
  throw invalid(name, `takes ${choices.map((each) => `'${each}'`).join(' or ')}`)
}

function milliseconds(
  options: Readonly<Record<string, unknown>>,
  name: string,
  standard: number,
): number {
  const value = options[name]
  if (value === undefined) return standard
  if (typeof value === 'number' && value >= 0 && value < 2 ** 31) return value
  throw invalid(name, 'takes milliseconds from 0 to 2147483647')
}

function flag(options: Readonly<Record<string, unknown>>, name: string): boolean {
  const value = options[name]
  if (value === undefined || typeof value === 'boolean') return value ?? false
  throw invalid(name, 'takes true or false')
}

function invalid(name: string, problem: string): MisuseError {
  return new MisuseError('OPTION_INVALID', `sqlite(): the option ${name} ${problem}`)
}
