import type { Request } from '@mortise/core/adapter'

/** A request with everything left out that a rule does not speak of. */
export function request(sql: string, parts: Partial<Request> = {}): Request {
  return {
    sql,
    parameters: [],
    types: undefined,
    access: 'unknown',
    shape: undefined,
    statement: undefined,
    signal: undefined,
    deadline: undefined,
    options: undefined,
    ...parts,
  }
}
