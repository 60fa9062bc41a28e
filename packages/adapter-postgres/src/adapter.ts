import { type Adapter, defineAdapter } from '@mortise/core/adapter'
import { capabilities } from './capabilities.ts'
import { openSession } from './connect/open-session.ts'
import { dialect } from './dialect.ts'
import { classifyError } from './errors.ts'
import { parseOptions } from './options/options.ts'
import type { PostgresOptions } from './options/postgres-options.ts'
import { AdapterTypes } from './types/adapter-types.ts'
import { types } from './types/codecs.ts'
import type { TypePreset } from './types/presets.ts'
import { parseTypes, type TypeOptions } from './types/type-options.ts'

/** What a call may be given besides the options of every database. */
export interface PostgresCallOptions {
  /**
   * How this call reads raw values. Options that are one object for all calls are parsed once.
   * Default: the adapter's option `types`.
   */
  readonly types: TypePreset | TypeOptions
}

/**
 * The PostgreSQL adapter, for 15 and later.
 *
 * @param input a connection string, `postgres://user:password@host:port/database`, or options.
 * Default: what the `PG…` variables of the environment say, as libpq reads them.
 * @throws MisuseError for an option that is unknown or malformed. Nothing is connected here.
 */
export function postgres(input?: string | PostgresOptions): Adapter<PostgresCallOptions> {
  const options = parseOptions(input)
  const adapterTypes = new AdapterTypes(options.types)
  return defineAdapter<PostgresCallOptions>({
    name: 'postgresql',
    capabilities,
    dialect,
    types,
    topology: 'pool',
    connect: async (context) => (await openSession(options, context)).useTypes(adapterTypes),
    classifyError,
    callOptions: { types: (value) => void parseTypes(value as TypeOptions) },
  })
}
