import type { LogicalType, Statement } from '../contract/index.ts'

/** Limits of one connection's cache. Reaching either evicts the least recently used. */
export interface StatementCacheLimits {
  /** Most statements. 0 turns the cache off. */
  readonly size: number
  /** Most bytes of SQL text, at two a character. */
  readonly bytes: number
}

/** Counters of one repo, over all its connections. */
export interface StatementCounters {
  hits: number
  misses: number
  evictions: number
  heals: number
}

/** A statement while the cache owns it. */
export class CachedStatement implements Statement {
  readonly id: number
  readonly sql: string
  readonly types: readonly (LogicalType | undefined)[] | undefined
  readonly key: string
  handle: unknown = undefined
  /** Calls that use it now; it is not evicted while there are any. */
  inFlight = 0
  /** False once the cache has let it go: it is deallocated when the last call ends. */
  cached = true

  constructor(
    id: number,
    key: string,
    sql: string,
    types: readonly (LogicalType | undefined)[] | undefined,
  ) {
    this.id = id
    this.key = key
    this.sql = sql
    this.types = types
  }
}

/**
 * The statements of one connection: least recently used first, bounded by count and bytes.
 *
 * It does no I/O. `take` and `release` answer the statements that are to be deallocated, and the
 * caller does it.
 */
export class StatementCache {
  readonly #limits: StatementCacheLimits
  readonly #counters: StatementCounters
  /** Oldest use first. */
  readonly #byKey = new Map<string, CachedStatement>()
  #newest: CachedStatement | undefined
  #bytes = 0
  #nextId = 1
  /** Statements let go that wait for their last call. */
  #leaving: CachedStatement[] = []

  constructor(limits: StatementCacheLimits, counters: StatementCounters) {
    this.#limits = limits
    this.#counters = counters
  }

  /** Statements held. */
  get size(): number {
    return this.#byKey.size
  }

  /** Whether a statement is held, without using it. */
  has(key: string): boolean {
    return this.#byKey.has(key)
  }

  /** Bytes of SQL text held. */
  get bytes(): number {
    return this.#bytes
  }

  /**
   * The statement for `key`, made where it is missing, with one more call in flight; undefined
   * where the cache is off or the text alone is over the limit.
   */
  take(
    key: string,
    sql: string,
    types: readonly (LogicalType | undefined)[] | undefined,
  ): CachedStatement | undefined {
    const newest = this.#newest
    if (newest !== undefined && newest.key === key) {
      this.#counters.hits++
      newest.inFlight++
      return newest
    }
    const found = this.#byKey.get(key)
    if (found !== undefined) {
      this.#counters.hits++
      this.#byKey.delete(key)
      this.#byKey.set(key, found)
      this.#newest = found
      found.inFlight++
      return found
    }
    this.#counters.misses++
    if (this.#limits.size === 0 || key.length * 2 > this.#limits.bytes) return undefined
    const made = new CachedStatement(this.#nextId++, key, sql, types)
    made.inFlight = 1
    this.#byKey.set(key, made)
    this.#newest = made
    this.#bytes += key.length * 2
    if (this.#byKey.size > this.#limits.size || this.#bytes > this.#limits.bytes) this.#evict()
    return made
  }

  /** One call less. A statement that never got a handle was not prepared: it is forgotten. */
  release(statement: CachedStatement): void {
    statement.inFlight--
    if (statement.inFlight > 0) return
    if (!statement.cached) {
      if (statement.handle !== undefined) this.#leaving.push(statement)
    } else if (statement.handle === undefined) this.#remove(statement)
    else if (this.#byKey.size > this.#limits.size || this.#bytes > this.#limits.bytes) {
      this.#evict()
    }
  }

  /** Lets a statement go that no longer fits the schema; the next call prepares a new one. */
  forget(statement: CachedStatement): void {
    if (!statement.cached) return
    this.#remove(statement)
    if (statement.inFlight === 0 && statement.handle !== undefined) this.#leaving.push(statement)
  }

  /** Lets every statement go. */
  clear(): void {
    for (const statement of [...this.#byKey.values()]) this.forget(statement)
  }

  /** Whether `leaving` has anything to give. */
  get hasLeaving(): boolean {
    return this.#leaving.length > 0
  }

  /** The statements to deallocate now; each is given once. */
  leaving(): readonly CachedStatement[] {
    const leaving = this.#leaving
    this.#leaving = []
    return leaving
  }

  #remove(statement: CachedStatement): void {
    if (this.#byKey.get(statement.key) !== statement) return
    this.#byKey.delete(statement.key)
    this.#bytes -= statement.key.length * 2
    statement.cached = false
    if (this.#newest === statement) this.#newest = undefined
  }

  /** Evicts oldest first; what is in flight stays, so the limit may be passed until it is done. */
  #evict(): void {
    for (const statement of this.#byKey.values()) {
      if (this.#byKey.size <= this.#limits.size && this.#bytes <= this.#limits.bytes) return
      if (statement.inFlight > 0) continue
      this.#remove(statement)
      this.#counters.evictions++
      if (statement.handle !== undefined) this.#leaving.push(statement)
    }
  }
}
