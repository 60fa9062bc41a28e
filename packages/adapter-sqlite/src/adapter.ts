import { type Adapter, defineAdapter } from '@mortise/core/adapter'
import { capabilities } from './capabilities.ts'
import { types } from './codecs.ts'
import { connect } from './connect.ts'
import { dialect } from './dialect.ts'
import { describeError } from './errors.ts'
import { callOptions, parseOptions, type SqliteCallOptions, type SqliteOptions } from './options.ts'
import { storageOf } from './storage.ts'

/**
 * The adapter of a SQLite database: a file (one writer, several readers), or a database in memory
 * (one connection).
 *
 * @throws MisuseError `UNKNOWN_OPTION`, `OPTION_INVALID`
 */
export function sqlite(options: string | URL | SqliteOptions): Adapter<SqliteCallOptions> {
  const settings = parseOptions(options)
  // What SQLite refuses to compile was refused before any value was bound, so its message is shown.
  const compileErrors = new WeakSet<object>()
  const storage = storageOf(settings)
  return defineAdapter<SqliteCallOptions>({
    name: 'sqlite',
    capabilities,
    dialect,
    types,
    callOptions,
    topology: settings.shared ? 'writer-readers' : 'single',
    connect: (context) => connect(settings, context, compileErrors),
    classifyError: (error) =>
      describeError(error, typeof error === 'object' && error !== null && compileErrors.has(error)),
    ...(storage === undefined ? {} : { storage }),
  })
}
