import type { Request } from '../contract/index.ts'

/** A request of the pool's own: no types, no shape, no cached statement, no limits. */
export function plainRequest(sql: string, parameters: readonly unknown[] = []): Request {
  return {
    sql,
    parameters,
    types: undefined,
    access: 'unknown',
    shape: undefined,
    statement: undefined,
    signal: undefined,
    deadline: undefined,
    options: undefined,
  }
}
