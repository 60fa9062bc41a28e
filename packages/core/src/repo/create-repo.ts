import type { Adapter } from '../contract/index.ts'
import { asRepo, RepoHandle } from './handle.ts'
import { parseRepoOptions, type RepoOptions } from './options.ts'
import { poolEvents } from './pool-events.ts'
import type { Repo } from './repo.ts'
import { Runtime } from './runtime.ts'

/**
 * Makes a repo. Nothing is opened before the first call; `close()` or `await using` ends it.
 *
 * @throws MisuseError `UNKNOWN_OPTION`, `OPTION_INVALID`
 * @throws UnsupportedError `prefix`, for a schema where the database has none
 */
export function createRepo<const A extends Adapter>(options: RepoOptions<A>): Repo<A> {
  const { prefix, ...parsed } = parseRepoOptions(options)
  const runtime = new Runtime({
    ...parsed,
    poolEvents: (telemetry) => poolEvents(parsed.adapter, telemetry),
  })
  if (prefix !== undefined) runtime.need('prefix')
  return asRepo<A>(new RepoHandle(runtime, undefined, prefix))
}
