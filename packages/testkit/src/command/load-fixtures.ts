import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { MisuseError } from '@mortise/core/adapter'
import { type Fixture, parseFixture } from '../fixture/index.ts'

/**
 * The fixtures of a module: its default export, one or a list.
 *
 * @throws MisuseError `FIXTURE_INVALID` when there is no such module or it exports none.
 */
export async function loadFixtures(file: string): Promise<readonly Fixture[]> {
  let module: { readonly default?: unknown }
  try {
    module = await import(pathToFileURL(resolve(file)).href)
  } catch (error) {
    throw new MisuseError('FIXTURE_INVALID', `${file} could not be loaded: ${String(error)}`, {
      cause: error,
    })
  }
  const exported = module.default
  if (exported === undefined) {
    throw new MisuseError(
      'FIXTURE_INVALID',
      `${file} has no default export; export the fixture as default`,
    )
  }
  const fixtures = (Array.isArray(exported) ? exported : [exported]).map(parseFixture)
  if (fixtures.length === 0) {
    throw new MisuseError('FIXTURE_INVALID', `${file} exports an empty list of fixtures`)
  }
  return fixtures
}
