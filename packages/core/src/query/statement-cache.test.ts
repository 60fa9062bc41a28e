import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type CachedStatement, StatementCache } from './statement-cache.ts'

function cacheOf(size: number, bytes = 1_000_000) {
  const counters = { hits: 0, misses: 0, evictions: 0, heals: 0 }
  const cache = new StatementCache({ size, bytes }, counters)
  const use = (sql: string): CachedStatement | undefined => {
    const statement = cache.take(sql, sql, undefined)
    if (statement === undefined) return undefined
    statement.handle ??= { sql }
    cache.release(statement)
    return statement
  }
  const leaving = () => cache.leaving().map((statement) => statement.sql)
  return { cache, counters, use, leaving }
}

describe('StatementCache', () => {
  it('gives the same statement for the same key and counts hits and misses', () => {
    const { use, counters } = cacheOf(2)
    const first = use('a')
    expect(use('a')).toBe(first)
    expect(use('b')).not.toBe(first)
    expect(use('a')).toBe(first)
    expect(counters).toMatchObject({ hits: 2, misses: 2 })
  })

  it('evicts the least recently used and hands it out once for deallocation', () => {
    const { use, leaving, counters } = cacheOf(2)
    use('a')
    use('b')
    use('a')
    use('c')
    expect(leaving()).toEqual(['b'])
    expect(leaving()).toEqual([])
    expect(counters.evictions).toBe(1)
  })

  it('is bounded by the bytes of its texts', () => {
    const { cache, use, leaving } = cacheOf(100, 20)
    use('aaaa')
    use('bbbb')
    use('cccc')
    expect(leaving()).toEqual(['aaaa'])
    expect(cache.bytes).toBe(16)
    expect(use('a text of more than twenty bytes')).toBeUndefined()
  })

  it('never evicts what is in flight, and catches up when it is done', () => {
    const { cache, leaving } = cacheOf(1)
    const a = cache.take('a', 'a', undefined) as CachedStatement
    a.handle = {}
    const b = cache.take('b', 'b', undefined) as CachedStatement
    b.handle = {}
    expect(leaving()).toEqual([])
    cache.release(b)
    expect(leaving()).toEqual(['b'])
    cache.release(a)
    expect(cache.size).toBe(1)
    expect(cache.has('a')).toBe(true)
  })

  it('forgets a statement that was never prepared', () => {
    const { cache, counters } = cacheOf(2)
    const failed = cache.take('a', 'a', undefined) as CachedStatement
    cache.release(failed)
    expect(cache.size).toBe(0)
    expect(cache.take('a', 'a', undefined)).not.toBe(failed)
    expect(counters).toMatchObject({ hits: 0, misses: 2 })
  })

  it('deallocates a forgotten statement only after its last call', () => {
    const { cache, leaving } = cacheOf(2)
    const stale = cache.take('a', 'a', undefined) as CachedStatement
    stale.handle = {}
    cache.forget(stale)
    expect(leaving()).toEqual([])
    const fresh = cache.take('a', 'a', undefined)
    expect(fresh).not.toBe(stale)
    cache.release(stale)
    expect(leaving()).toEqual(['a'])
  })

  it('is off at size 0', () => {
    const { use, counters } = cacheOf(0)
    expect(use('a')).toBeUndefined()
    expect(use('a')).toBeUndefined()
    expect(counters).toMatchObject({ hits: 0, misses: 2 })
  })

  it('agrees with a simple model under any sequence of overlapping calls', () => {
    const step = fc.record({ key: fc.integer({ min: 0, max: 6 }), keep: fc.boolean() })
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 4 }),
        fc.array(step, { maxLength: 60 }),
        (size, steps) => {
          const { cache, counters } = cacheOf(size)
          const open: CachedStatement[] = []
          const deallocated = new Set<CachedStatement>()
          for (const { key, keep } of steps) {
            const sql = `q${key}`
            const statement = cache.take(sql, sql, undefined) as CachedStatement
            expect(statement.sql).toBe(sql)
            expect(deallocated.has(statement)).toBe(false)
            statement.handle ??= {}
            if (keep) open.push(statement)
            else cache.release(statement)
            const oldest = open.length > 2 ? open.shift() : undefined
            if (oldest !== undefined) cache.release(oldest)
            for (const gone of cache.leaving()) {
              expect(gone.inFlight).toBe(0)
              expect(deallocated.has(gone)).toBe(false)
              deallocated.add(gone)
            }
            const inFlight = new Set(open).size
            expect(cache.size).toBeLessThanOrEqual(Math.max(size, inFlight))
          }
          for (const statement of open) cache.release(statement)
          expect(cache.size).toBeLessThanOrEqual(size)
          expect(counters.hits + counters.misses).toBe(steps.length)
        },
      ),
    )
  })
})
