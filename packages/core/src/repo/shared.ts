/** A symbol, because a document that came as JSON must never pass for a shared value. */
const sharedMark: unique symbol = Symbol('mortise.shared')

/** A value sent once for all rows of an `insertAll`, where the database can: what `shared` makes. */
export interface Shared<V> {
  readonly [sharedMark]: true
  readonly value: V
}

/** Marks a value that is the same in many rows of an `insertAll`: it is sent once where that can be. */
export function shared<V>(value: V): Shared<V> {
  return Object.freeze({ [sharedMark]: true, value })
}

/** Whether a value was marked by `shared`. */
export function isShared(value: unknown): value is Shared<unknown> {
  return typeof value === 'object' && value !== null && sharedMark in value
}
