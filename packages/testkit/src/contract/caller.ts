import type {
  Adapter,
  Connection,
  LogicalType,
  Operation,
  Request,
  Result,
  TransactionCommand,
} from '@mortise/core/adapter'
import { NotApplicable, RuleFailure, show } from '../check/index.ts'
import { request } from './request.ts'
import { encode, shapeOf, type Value } from './value.ts'

/** A column that a select is to give, with the type to decode it as. */
export interface SelectedColumn {
  readonly name: string
  readonly type: LogicalType
}

/**
 * Speaks to one connection as core would, without core: it compiles by the dialect, encodes and
 * decodes by the type table, and leaves everything else alone.
 */
export class Caller {
  readonly adapter: Adapter
  readonly connection: Connection

  constructor(adapter: Adapter, connection: Connection) {
    this.adapter = adapter
    this.connection = connection
  }

  /** Executes a text, with driver values as they are. */
  async text(sql: string, parts?: Partial<Request>): Promise<Result> {
    return await this.connection.execute(request(sql, parts))
  }

  /** The request of an operation with its values. */
  request(operation: Operation, values: readonly Value[] = [], parts?: Partial<Request>): Request {
    const { sql, slots } = this.adapter.dialect.compile(operation)
    const used = slots.map((slot) => {
      const value = values[slot]
      if (value === undefined) {
        throw new RuleFailure(
          `the slots of ${show(sql)}`,
          `numbers below ${values.length}`,
          show(slots),
        )
      }
      return value
    })
    return request(sql, {
      parameters: used.map((value) => encode(this.adapter, value)),
      types: used.map(({ type }) => type),
      access: operation.kind === 'select' || operation.kind === 'exists' ? 'read' : 'write',
      ...parts,
    })
  }

  /** Compiles and executes an operation. */
  async run(
    operation: Operation,
    values?: readonly Value[],
    parts?: Partial<Request>,
  ): Promise<Result> {
    return await this.connection.execute(this.request(operation, values, parts))
  }

  /** Executes a request and gives the rows as arrays of canonical values. */
  async rows(columns: readonly SelectedColumn[], made: Request): Promise<unknown[][]> {
    const shape = shapeOf(this.adapter, columns)
    const result = await this.connection.execute({ ...made, shape })
    return canonicalRows(result, shape)
  }

  /** Begins, commits, rolls back or handles a savepoint, as core does. */
  async transaction(command: TransactionCommand): Promise<Result | undefined> {
    if (this.connection.control !== undefined) return await this.connection.control(command)
    let last: Result | undefined
    for (const sql of this.adapter.dialect.transaction(command)) last = await this.text(sql)
    return last
  }

  /** Runs DDL; a database that cannot make such a thing makes the rule not applicable. */
  async definition(operation: Operation, otherwise: string): Promise<void> {
    try {
      await this.run(operation)
    } catch {
      throw new NotApplicable(otherwise)
    }
  }
}

/** The rows of a result as arrays of canonical values, whether the driver shaped them or not. */
export function canonicalRows(
  result: Pick<Result, 'rows' | 'shaped'>,
  shape: NonNullable<Request['shape']>,
): unknown[][] {
  return result.rows.map((row) => {
    if (result.shaped) {
      return shape.columns.map(({ property }) => (row as Record<string, unknown>)[property])
    }
    return (row as readonly unknown[]).map((value, i) => {
      const decodeColumn = shape.columns[i]?.decode
      return value === null || decodeColumn === undefined ? value : decodeColumn(value)
    })
  })
}
