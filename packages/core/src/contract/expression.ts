import type { LogicalType } from './logical-type.ts'

/** A table by name, in a schema where `prefix` is given. */
export interface TableName {
  readonly kind: 'table'
  readonly name: string
  readonly prefix?: string | undefined
}

/** A column by its database name; `of` qualifies it. */
export interface ColumnName {
  readonly kind: 'column'
  readonly name: string
  /** The table to qualify by; undefined writes the bare name. */
  readonly of?: TableName | undefined
}

/**
 * A place for a value. `slot` counts from 0 in the operation's own list of values; the same slot
 * may stand in several places.
 */
export interface Slot {
  readonly kind: 'slot'
  readonly slot: number
  readonly type?: LogicalType | undefined
}

export type ComparisonOperator = '=' | '<>' | '<' | '<=' | '>' | '>=' | 'like'

/** The expressions of core's operation trees. Values never stand in them, only slots. */
export type Expression =
  | Slot
  | ColumnName
  /** The row that the insert proposed, in an upsert's update. */
  | { readonly kind: 'excluded'; readonly name: string }
  /** The column's default, in an insert's row. */
  | { readonly kind: 'default' }
  /** A literal that the dialect quotes: for a partial index's predicate, where a parameter will not do. */
  | { readonly kind: 'literal'; readonly value: string | number | bigint | boolean | null }
  | {
      readonly kind: 'compare'
      readonly operator: ComparisonOperator
      readonly left: Expression
      readonly right: Expression
    }
  /** An empty list is never true. */
  | { readonly kind: 'in'; readonly left: Expression; readonly list: readonly Expression[] }
  | { readonly kind: 'null'; readonly of: Expression; readonly negated: boolean }
  | { readonly kind: 'not'; readonly of: Expression }
  /** No terms: true for `and`, false for `or`. */
  | { readonly kind: 'and' | 'or'; readonly terms: readonly Expression[] }
  | { readonly kind: 'add'; readonly left: Expression; readonly right: Expression }
  | { readonly kind: 'count' }
  | RawExpression

/** SQL of the caller's own with places for values and names: what the `sql` tag makes. */
export interface RawExpression {
  readonly kind: 'raw'
  readonly parts: readonly (string | Expression | TableName | Identifier)[]
}

/** A bare identifier, quoted by the dialect. */
export interface Identifier {
  readonly kind: 'identifier'
  readonly name: string
}
