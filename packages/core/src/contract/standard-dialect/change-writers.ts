import { MisuseError } from '../../errors/index.ts'
import type { Expression } from '../expression.ts'
import type { Assignment } from '../operation.ts'
import type { SqlOutput, SqlWriters } from './sql-writers.ts'

type ChangeWriters = Pick<SqlWriters, 'update' | 'delete'>

/** The writers of updates and deletes. */
export function changeWriters(): ChangeWriters {
  return {
    update(out, operation) {
      checkAssignments(operation.set)
      out.text('update ')
      out.table(operation.table)
      out.text(' set ')
      out.list(operation.set, (assignment) => out.writers.assignment(out, assignment))
      writeWhere(out, operation.where)
      if (!operation.returning?.length) return
      out.text(' ')
      out.writers.returning(out, operation.returning, operation)
    },
    delete(out, operation) {
      out.text('delete from ')
      out.table(operation.table)
      writeWhere(out, operation.where)
      if (!operation.returning?.length) return
      out.text(' ')
      out.writers.returning(out, operation.returning, operation)
    },
  }
}

/** Appends ` where …` where there is a condition. */
export function writeWhere(out: SqlOutput, where: Expression | undefined): void {
  if (!where) return
  out.text(' where ')
  out.expression(where)
}

/** Refuses an update that sets nothing. */
export function checkAssignments(set: readonly Assignment[]): void {
  if (set.length === 0)
    throw new MisuseError('OPERATION_INVALID', 'an update sets no column; give at least one')
}
