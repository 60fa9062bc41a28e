import { type ConnectContext, type Connection, MisuseError } from '@mortise/core/adapter'
import { retryWhileBusy } from './busy-wait.ts'
import { CallLimits } from './call-limits.ts'
import { SqliteConnection } from './connection.ts'
import type { DriverDatabase } from './driver.ts'
import { driverOf } from './drivers.ts'
import { isBusy } from './native-error.ts'
import type { Settings } from './options.ts'
import { Session, sessionSettings } from './session.ts'

/** Opens one session. A lock on the file is waited for as long as `busyTimeoutMs` says. */
export async function connect(
  settings: Settings,
  context: Pick<ConnectContext, 'role' | 'signal'>,
  compileErrors: WeakSet<object>,
): Promise<Connection> {
  const database = await driverOf(settings).open(settings.path)
  try {
    const reader = context.role === 'reader'
    const session = new Session(database, sessionSettings(settings, reader))
    const begin = (): void => {
      session.begin()
      if (settings.shared && !reader) setJournalMode(database, settings.journalMode)
    }
    try {
      begin()
    } catch (error) {
      if (!isBusy(error)) throw error
      await retryWhileBusy(begin, error, settings.busyTimeoutMs, new CallLimits(context.signal))
    }
    return new SqliteConnection({ database, session, settings, reader, compileErrors })
  } catch (error) {
    database.close()
    throw error
  }
}

function setJournalMode(database: DriverDatabase, wanted: Settings['journalMode']): void {
  const [row] = database.prepare(`pragma journal_mode = ${wanted}`).readExact([])
  const mode = row?.[0]
  if (mode === wanted) return
  throw new MisuseError(
    'JOURNAL_MODE_REFUSED',
    `SQLite keeps the journal mode "${String(mode)}" where "${wanted}" was wanted; the file system may lack shared memory: give sqlite() another journalMode`,
  )
}
