import type { Access, LogicalType, RowShape } from '../contract/index.ts'
import { type RowBuilder, shapeBuilder } from './row-builder.ts'

/** A statement ready to run again and again: everything but its parameters. */
export interface Query {
  readonly sql: string
  /** Explicit parameter types; undefined where there is none. */
  readonly types: readonly (LogicalType | undefined)[] | undefined
  /** The cache's key: two texts, or two type lists, never share one. */
  readonly key: string
  readonly access: Access
  readonly shape: RowShape | undefined
  /** Builds the rows of `shape`; without one, rows are named by the result's columns. */
  readonly build: RowBuilder | undefined
  /** Whether the text is the caller's own, so that it may have changed the session. */
  readonly raw: boolean
}

/** A statement that core wrote. */
export function builtQuery(
  sql: string,
  types: readonly (LogicalType | undefined)[] | undefined,
  access: Access,
  shape: RowShape | undefined,
): Query {
  return {
    sql,
    types,
    key: cacheKey(sql, types),
    access,
    shape,
    build: shape === undefined ? undefined : shapeBuilder(shape),
    raw: false,
  }
}

/** A statement that the caller wrote. */
export function rawQuery(
  sql: string,
  types: readonly (LogicalType | undefined)[] | undefined,
): Query {
  return {
    sql,
    types,
    key: cacheKey(sql, types),
    access: 'unknown',
    shape: undefined,
    build: undefined,
    raw: true,
  }
}

/** NUL stands in no SQL text and in no type's description, so it parts them without doubt. */
function cacheKey(sql: string, types: readonly (LogicalType | undefined)[] | undefined): string {
  if (types === undefined) return sql
  return `${sql}\0${types.map((type) => (type === undefined ? '' : JSON.stringify(type))).join('\0')}`
}
