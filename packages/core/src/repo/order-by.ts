import type { OrderTerm } from '../contract/index.ts'
import { MisuseError } from '../errors/index.ts'
import { type ColumnRef, isColumn, isSql, type SlotList, type SqlCompiler } from '../query/index.ts'
import type { ColumnPlan, TablePlan } from './table-plan.ts'

/** An `orderBy`, parsed. */
export interface ParsedOrder {
  /** Names its shape; undefined where text of the caller's own is in it. */
  readonly key: string | undefined
  /** Undefined where rows come as they come. */
  readonly terms: readonly OrderTerm[] | undefined
}

/**
 * Parses `orderBy`; values of fragments join `slots`.
 *
 * @throws MisuseError for unknown columns and directions
 */
export function parseOrder(
  plan: TablePlan,
  orderBy: unknown,
  compiler: SqlCompiler,
  slots: SlotList,
): ParsedOrder {
  if (orderBy === undefined) return { key: '', terms: undefined }
  const terms: OrderTerm[] = []
  let key: string | undefined = ''
  for (const item of Array.isArray(orderBy) ? orderBy : [orderBy]) {
    if (isSql(item)) {
      // What follows an expression (`desc`, `nulls last`) is in the fragment itself.
      terms.push({ by: compiler.expression(item, slots) })
      key = undefined
    } else {
      for (const { column, direction, nulls } of namedTerms(plan, item)) {
        terms.push({ by: { kind: 'column', name: column.source }, direction, nulls })
        if (key !== undefined) key += `${column.index}${direction}${nulls ?? ''},`
      }
    }
  }
  return { key, terms: terms.length === 0 ? undefined : terms }
}

interface NamedTerm extends Pick<OrderTerm, 'direction' | 'nulls'> {
  readonly column: ColumnPlan
}

function namedTerms(plan: TablePlan, item: unknown): NamedTerm[] {
  if (isColumn(item)) return [{ column: ownColumn(plan, item), direction: 'asc' }]
  if (typeof item === 'string') return [{ column: plan.column(item, 'orderBy'), direction: 'asc' }]
  if (typeof item === 'object' && item !== null && !Array.isArray(item)) {
    return Object.entries(item).map(([property, given]) =>
      directed(plan.column(property, 'orderBy'), given),
    )
  }
  throw new MisuseError(
    'OPTION_INVALID',
    'orderBy takes column names, { column: direction }, fragments, or a list of them',
  )
}

function ownColumn(plan: TablePlan, ref: ColumnRef): ColumnPlan {
  const column = plan.byProperty.get(ref.property)
  if (column?.ref === ref) return column
  throw new MisuseError(
    'UNKNOWN_COLUMN',
    `orderBy: ${ref.table.name}.${ref.property} is a column of another table than ${plan.info.name}`,
  )
}

function directed(column: ColumnPlan, given: unknown): NamedTerm {
  const asObject = typeof given === 'object' && given !== null && !Array.isArray(given)
  const {
    direction = 'asc',
    nulls,
    ...unknown
  } = (asObject ? given : { direction: given }) as { readonly [name: string]: unknown }
  if (
    (direction === 'asc' || direction === 'desc') &&
    (nulls === undefined || nulls === 'first' || nulls === 'last') &&
    Object.keys(unknown).length === 0 &&
    given !== undefined
  ) {
    return { column, direction, nulls }
  }
  throw new MisuseError(
    'OPTION_INVALID',
    `orderBy.${column.ref.property} takes 'asc', 'desc', or { direction, nulls: 'first' or 'last' }`,
  )
}
