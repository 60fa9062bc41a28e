/**
 * Stands before `target`: members of `overrides` come from there, the others from the target, with
 * its methods bound to it. Unlike a plain Proxy it works before frozen objects and objects with
 * private fields; unlike a copy it sees getters as they are at that moment.
 */
export function facade<T extends object>(
  target: T,
  overrides: { readonly [name: PropertyKey]: unknown },
): T {
  const bound = new Map<PropertyKey, readonly [original: unknown, bound: unknown]>()

  function read(name: PropertyKey): unknown {
    const value: unknown = Reflect.get(target, name, target)
    if (typeof value !== 'function') return value
    if (Object.hasOwn(overrides, name)) return overrides[name]
    const known = bound.get(name)
    if (known?.[0] === value) return known[1]
    const made: unknown = value.bind(target)
    bound.set(name, [value, made])
    return made
  }

  return new Proxy({} as T, {
    get: (_, name) => read(name),
    set: (_, name, value) => Reflect.set(target, name, value, target),
    has: (_, name) => Reflect.has(target, name),
    ownKeys: () => Reflect.ownKeys(target),
    getOwnPropertyDescriptor: (_, name) =>
      Object.hasOwn(target, name)
        ? { value: read(name), enumerable: true, configurable: true, writable: true }
        : undefined,
  })
}
