import type { Shared } from './repo.ts'

/** Marks a value that is the same in many rows of an `insertAll`: it is sent once where that can be. */
export function shared<V>(value: V): Shared<V> {
  return Object.freeze({ kind: 'mortise.shared', value })
}

/** Whether a value was marked by `shared`. */
export function isShared(value: unknown): value is Shared<unknown> {
  return (
    typeof value === 'object' &&
    value !== null &&
    (value as { kind?: unknown }).kind === 'mortise.shared'
  )
}
