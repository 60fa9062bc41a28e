import type { ConflictTarget, Expression } from '../contract/index.ts'
import { MisuseError } from '../errors/index.ts'
import { valuesByColumn } from './changes.ts'
import type { Runtime } from './runtime.ts'
import type { ColumnPlan, TablePlan } from './table-plan.ts'

/** A `conflictTarget`, checked and turned into a tree. */
export interface ParsedTarget {
  /** Names its shape, its literals included. */
  readonly key: string
  readonly tree: ConflictTarget
  /** What it is where it was given as columns; else undefined. */
  readonly index: TargetIndex | undefined
}

/** A unique index by its columns, and the predicate of a partial one. */
export interface TargetIndex {
  readonly columns: readonly ColumnPlan[]
  /** The values that rows in a partial index have, encoded; `[]` for an index of all rows. */
  readonly predicate: readonly { readonly column: ColumnPlan; readonly value: unknown }[]
  /** The predicate with literals, as it stands in the target. */
  readonly where: Expression | undefined
}

/**
 * Parses `conflictTarget`; undefined where there is none.
 *
 * @throws MisuseError naming the option: unknown columns, an empty list, another kind of value
 * @throws UnsupportedError for what the manifest declares absent
 */
export function parseTarget(
  runtime: Runtime,
  plan: TablePlan,
  conflictTarget: unknown,
): ParsedTarget | undefined {
  if (conflictTarget === undefined) return undefined
  if (typeof conflictTarget === 'string' || Array.isArray(conflictTarget)) {
    return columnsTarget(runtime, plan, conflictTarget, undefined)
  }
  if (typeof conflictTarget === 'object' && conflictTarget !== null) {
    const names = Object.keys(conflictTarget).sort().join()
    if (names === 'columns' || names === 'columns,where') {
      const { columns, where } = conflictTarget as { columns: unknown; where?: unknown }
      return columnsTarget(runtime, plan, columns, where)
    }
    const given = conflictTarget as { constraint?: unknown; unsafeFragment?: unknown }
    if (names === 'constraint' && isText(given.constraint)) {
      runtime.need('upsert.constraint')
      return {
        key: `constraint ${JSON.stringify(given.constraint)}`,
        tree: { kind: 'constraint', name: given.constraint },
        index: undefined,
      }
    }
    if (names === 'unsafeFragment' && isText(given.unsafeFragment)) {
      runtime.need('upsert.unsafeFragment')
      return {
        key: `unsafe ${JSON.stringify(given.unsafeFragment)}`,
        tree: { kind: 'unsafe', sql: given.unsafeFragment },
        index: undefined,
      }
    }
  }
  throw new MisuseError(
    'OPTION_INVALID',
    'conflictTarget takes a column, a list of columns, { columns, where }, { constraint: name }, or { unsafeFragment: sql }',
  )
}

function columnsTarget(
  runtime: Runtime,
  plan: TablePlan,
  given: unknown,
  where: unknown,
): ParsedTarget {
  const columns = plan.columnsOf(typeof given === 'string' ? [given] : given, 'conflictTarget')
  runtime.need('upsert.columns')
  const key = `columns ${columns.map((column) => column.index).join()}`
  const sources = columns.map((column) => column.source)
  if (where === undefined) {
    return {
      key,
      tree: { kind: 'columns', columns: sources },
      index: { columns, predicate: [], where: undefined },
    }
  }
  runtime.need('upsert.partialIndex')
  const predicate = parsePredicate(plan, where)
  const tree = predicateTree(predicate)
  return {
    key: `${key} where ${describe(tree)}`,
    tree: { kind: 'columns', columns: sources, where: tree },
    index: { columns, predicate, where: tree },
  }
}

function parsePredicate(plan: TablePlan, where: unknown): TargetIndex['predicate'] {
  const option = 'conflictTarget.where'
  const predicate = Object.entries(valuesByColumn(where, option)).map(([property, value]) => {
    const column = plan.column(property, option)
    if (value === null) return { column, value: null }
    const encoded = column.encode(value, option)
    if (!['string', 'number', 'bigint', 'boolean'].includes(typeof encoded)) {
      throw new MisuseError(
        'OPTION_INVALID',
        `${option}.${property} cannot be written as a literal; use { unsafeFragment }`,
      )
    }
    return { column, value: encoded }
  })
  if (predicate.length > 0) return predicate
  throw new MisuseError('OPTION_INVALID', `${option} is empty; leave it out`)
}

/** Literals, because a database matches a predicate with an index by its text. */
function predicateTree(predicate: TargetIndex['predicate']): Expression {
  const terms = predicate.map(({ column, value }): Expression => {
    const left: Expression = { kind: 'column', name: column.source }
    if (value === null) return { kind: 'null', of: left, negated: false }
    const right: Expression = { kind: 'literal', value: value as string }
    return { kind: 'compare', operator: '=', left, right }
  })
  return terms.length === 1 ? (terms[0] as Expression) : { kind: 'and', terms }
}

/** JSON would write an infinite number as null and cannot write a bigint. */
function describe(predicate: Expression): string {
  return JSON.stringify(predicate, (_key, value) =>
    typeof value === 'bigint' || typeof value === 'number'
      ? { [typeof value]: String(value) }
      : value,
  )
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== ''
}
