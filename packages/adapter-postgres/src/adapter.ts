import { type Adapter, defineAdapter } from '@mortise/core/adapter'
import { capabilities } from './capabilities.ts'
import { openSession } from './connect/open-session.ts'
import { dialect } from './dialect.ts'
import { classifyError } from './errors.ts'
import { parseOptions } from './options/options.ts'
import type { PostgresOptions } from './options/postgres-options.ts'
import { types } from './types/codecs.ts'

/**
 * The PostgreSQL adapter, for 15 and later.
 *
 * @param input a connection string, `postgres://user:password@host:port/database`, or options.
 * Default: what the `PG…` variables of the environment say, as libpq reads them.
 * @throws MisuseError for an option that is unknown or malformed. Nothing is connected here.
 */
export function postgres(input?: string | PostgresOptions): Adapter {
  const options = parseOptions(input)
  return defineAdapter({
    name: 'postgresql',
    capabilities,
    dialect,
    types,
    topology: 'pool',
    connect: (context) => openSession(options, context),
    classifyError,
  })
}
