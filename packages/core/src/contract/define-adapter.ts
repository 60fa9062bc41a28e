import { MisuseError } from '../errors/index.ts'
import type { Adapter } from './adapter.ts'

/**
 * Checks an adapter's definition and gives the adapter, frozen.
 *
 * @throws MisuseError `ADAPTER_INVALID`, naming the part that is wrong and what to do about it.
 */
export function defineAdapter<CallOptions extends object = Record<never, never>>(
  definition: Adapter<CallOptions>,
): Adapter<CallOptions> {
  if (typeof definition !== 'object' || definition === null)
    throw new MisuseError('ADAPTER_INVALID', 'an adapter is defined by an object')
  return Object.freeze({ ...definition })
}
