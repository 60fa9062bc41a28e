import { MisuseError, UnsupportedError } from '../../errors/index.ts'
import type { ConflictAction, InsertOperation } from '../operation.ts'
import { existingRowName } from './on-conflict-writers.ts'
import type { ParsedDescription } from './parse-description.ts'
import type { SqlOutput, SqlWriters } from './sql-writers.ts'

type InsertWriters = Pick<SqlWriters, 'insert' | 'emptyInsert' | 'returning'>

/** The writers of inserts and of `returning`, which they share with updates and deletes. */
export function insertWriters(description: ParsedDescription): InsertWriters {
  return {
    insert(out, operation) {
      const { columns, rows, onConflict, returning } = operation
      checkRows(operation)
      out.text('insert into ')
      out.table(operation.table)
      writeAlias(out, description, operation, onConflict)
      out.text(' ')
      if (columns.length === 0) out.writers.emptyInsert(out, operation)
      else {
        out.text('(')
        out.identifiers(columns)
        out.text(') values ')
        out.list(rows, (row) => {
          out.text('(')
          out.list(row, (cell) => out.expression(cell))
          out.text(')')
        })
      }
      if (onConflict) {
        out.text(' ')
        out.writers.onConflict(out, onConflict, operation)
      }
      if (returning && returning.length > 0) {
        out.text(' ')
        out.writers.returning(out, returning, operation)
      }
    },
    emptyInsert(out, operation) {
      const { rows, onConflict } = operation
      const count = Math.max(rows.length, 1)
      if (description.emptyInsert === 'empty_lists') {
        out.text('() values ')
        writeTimes(out, count, '()')
      } else if (description.emptyInsert === 'rowid' && (count > 1 || onConflict)) {
        out.text('(')
        out.identifier(rowidName(operation))
        out.text(') values ')
        writeTimes(out, count, '(null)')
      } else if (count === 1) out.text('default values')
      else {
        const column = operation.primaryKey[0]
        if (!description.cellDefault || column === undefined)
          throw new MisuseError(
            'OPERATION_INVALID',
            `${description.name} cannot insert several rows of defaults in one statement here; insert them one by one`,
          )
        out.text('(')
        out.identifier(column)
        out.text(') values ')
        writeTimes(out, count, '(default)')
      }
    },
    returning(out, columns, operation) {
      if (!description.returning[operation.kind])
        throw new UnsupportedError(
          `returning.${operation.kind}`,
          `${description.name} has no RETURNING for ${operation.kind}; read the row in a statement of its own`,
        )
      out.text('returning ')
      out.identifiers(columns)
    },
  }
}

function writeAlias(
  out: SqlOutput,
  description: ParsedDescription,
  { table }: InsertOperation,
  onConflict: ConflictAction | undefined,
): void {
  if (description.upsert !== 'on_conflict' || onConflict?.kind !== 'update') return
  const name = existingRowName(table)
  if (name === table.name) return
  out.text(' as ')
  out.identifier(name)
}

function checkRows({ columns, rows }: InsertOperation): void {
  if (columns.length > 0 && rows.length === 0)
    throw new MisuseError('OPERATION_INVALID', 'an insert has no rows; do not send it')
  const wrong = rows.findIndex((row) => row.length !== columns.length)
  if (wrong >= 0)
    throw new MisuseError(
      'OPERATION_INVALID',
      `row ${wrong} of an insert has ${rows[wrong]?.length} values for ${columns.length} columns; give one a column`,
    )
}

/**
 * A name of SQLite's rowid that no column of the operation hides. A NULL for it means a new one,
 * so `("_rowid_") values (null)` is a row of defaults that, unlike `default values`, may be one of
 * several and may carry ON CONFLICT.
 */
function rowidName({ primaryKey, returning, onConflict }: InsertOperation): string {
  const set = onConflict?.kind === 'update' ? onConflict.set.map(({ column }) => column) : []
  const target = onConflict?.target?.kind === 'columns' ? onConflict.target.columns : []
  const taken = [...primaryKey, ...(returning ?? []), ...set, ...target].map((name) =>
    name.toLowerCase(),
  )
  return ['_rowid_', 'rowid', 'oid'].find((name) => !taken.includes(name)) ?? '_rowid_'
}

function writeTimes(out: SqlOutput, count: number, sql: string): void {
  out.list(Array.from({ length: count }), () => out.text(sql))
}
