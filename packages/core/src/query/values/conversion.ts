/**
 * One logical type's conversion between the application's value and the canonical value. Neither
 * side sees null. Both throw a `ValueError` that names no place; `compileCodec` adds it.
 */
export interface Conversion {
  /** Application value to canonical value, exactly or not at all. */
  readonly toCanonical: (value: unknown) => unknown
  /** Canonical value to application value; undefined where they are the same. */
  readonly toApplication: ((canonical: unknown) => unknown) | undefined
}
