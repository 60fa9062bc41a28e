import type { LockMode, RowLock } from '../contract/index.ts'
import { MisuseError, UnsupportedError } from '../errors/index.ts'
import type { Runtime } from './runtime.ts'

const modes: readonly LockMode[] = ['update', 'no key update', 'share', 'key share']
const optionNames = ['mode', 'skipLocked', 'noWait']

/**
 * Parses `lock` against the manifest; undefined where there is none.
 *
 * @throws MisuseError for what is no lock
 * @throws UnsupportedError `rowLocks`, `skipLocked`, `noWait`
 */
export function parseLock(runtime: Runtime, lock: unknown): RowLock | undefined {
  if (lock === undefined) return undefined
  const given = (typeof lock === 'string' ? { mode: lock } : lock) as RowLock
  if (
    typeof given !== 'object' ||
    given === null ||
    !modes.includes(given.mode) ||
    Object.keys(given).some((name) => !optionNames.includes(name))
  ) {
    throw new MisuseError(
      'OPTION_INVALID',
      `lock takes ${modes.map((mode) => `'${mode}'`).join(', ')}, or { mode, skipLocked, noWait }`,
    )
  }
  const { mode, skipLocked = false, noWait = false } = given
  if (typeof skipLocked !== 'boolean' || typeof noWait !== 'boolean') {
    throw new MisuseError('OPTION_INVALID', "lock's skipLocked and noWait take true or false")
  }
  if (skipLocked && noWait) {
    throw new MisuseError('OPTION_INVALID', 'lock takes skipLocked or noWait, not both')
  }
  const { capabilities, name } = runtime.adapter
  if (!capabilities.rowLocks.includes(mode)) {
    throw new UnsupportedError(
      'rowLocks',
      `${name} has no row lock '${mode}' (its manifest lists ${capabilities.rowLocks.length === 0 ? 'none' : capabilities.rowLocks.join(', ')}); leave lock out`,
    )
  }
  if (skipLocked) runtime.need('skipLocked')
  if (noWait) runtime.need('noWait')
  return { mode, skipLocked, noWait }
}

/** Names a lock in an operation's key. */
export function lockKey(lock: RowLock | undefined): string {
  return lock === undefined ? '' : `${lock.mode} ${lock.skipLocked} ${lock.noWait}`
}
