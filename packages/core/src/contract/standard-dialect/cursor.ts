import type { CursorSql } from '../dialect.ts'

/**
 * How rows are read piece by piece through `execute`.
 *
 * - `declare`: SQL's own cursor, in a transaction (PostgreSQL).
 * - `temporary_table`: a temporary table with a rowid (SQLite). Its rows are numbered from 1 in the
 *   query's order, so each piece is one range of the table's own b-tree. What SQLite changes on
 *   the way: a repeated column name becomes `id:1`, and integers in the place of a REAL column of a
 *   compound select become floats. A column aliased `_rowid_` hides the rowid, and
 *   `pragma query_only` forbids the table.
 */
export type CursorStyle = 'declare' | 'temporary_table'

/** The statements of a cursor. Names are quoted by `quoteIdentifier`. */
export function cursorOf(style: CursorStyle, quoteIdentifier: (name: string) => string): CursorSql {
  if (style === 'declare')
    return {
      within: 'transaction',
      open: (name, sql) => `declare ${quoteIdentifier(name)} no scroll cursor for ${sql}`,
      fetch: (name, count) => `fetch forward ${wholeNumber(count)} from ${quoteIdentifier(name)}`,
      hidden: 0,
      close: (name) => `close ${quoteIdentifier(name)}`,
    }
  return {
    within: 'session',
    open: (name, sql) => `create temporary table ${quoteIdentifier(name)} as ${sql}`,
    fetch: (name, count, done) =>
      `select * from temp.${quoteIdentifier(name)} where _rowid_ > ${wholeNumber(done)} order by _rowid_ limit ${wholeNumber(count)}`,
    hidden: 0,
    close: (name) => `drop table if exists temp.${quoteIdentifier(name)}`,
  }
}

function wholeNumber(value: number): string {
  if (!Number.isSafeInteger(value) || value < 0)
    throw new RangeError('a cursor counts in whole numbers from 0')
  return String(value)
}
