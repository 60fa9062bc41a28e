import type { ColumnPlan } from './table-plan.ts'

/** Encoded values that name one row. */
export type RowKey = readonly { readonly column: ColumnPlan; readonly value: unknown }[]
