import { MisuseError, UnsupportedError } from '../../errors/index.ts'
import type { TableName } from '../expression.ts'
import type { Assignment, ConflictAction, InsertOperation } from '../operation.ts'
import { checkAssignments, writeWhere } from './change-writers.ts'
import type { ParsedDescription } from './parse-description.ts'
import type { SqlOutput, SqlWriters } from './sql-writers.ts'

type ConflictWriters = Pick<SqlWriters, 'onConflict' | 'conflictTarget' | 'assignment'>

/** The writers of upserts. */
export function conflictWriters(description: ParsedDescription): ConflictWriters {
  const { name, upsert } = description
  return {
    onConflict(out, action, operation) {
      if (action.kind === 'update') checkAssignments(action.set)
      if (upsert === 'none')
        throw new UnsupportedError(
          `upsert.${action.kind}`,
          `${name} has no upserts; insert and handle the unique violation`,
        )
      if (upsert === 'on_conflict') onConflictClause(out, action, operation)
      else {
        refuseWhatDuplicateKeyLacks(name, action)
        onDuplicateKeyClause(out, action, operation, upsert === 'on_duplicate_key_alias')
      }
    },
    conflictTarget(out, target) {
      switch (target.kind) {
        case 'columns':
          out.text('(')
          out.identifiers(target.columns)
          out.text(')')
          writeWhere(out, target.where)
          break
        case 'constraint':
          out.text('on constraint ')
          out.identifier(target.name)
          break
        case 'unsafe':
          out.text(target.sql)
          break
      }
    },
    assignment(out, { column, value }) {
      out.identifier(column)
      out.text(' = ')
      out.expression(value)
    },
  }
}

/**
 * What the row that is there already is called in an upsert's update: the table's own name, or an
 * alias where that name is the proposed row's.
 */
export function existingRowName(table: TableName): string {
  return table.name.toLowerCase() === 'excluded' ? 'existing_row' : table.name
}

function onConflictClause(
  out: SqlOutput,
  action: ConflictAction,
  operation: InsertOperation,
): void {
  out.text('on conflict ')
  if (action.target) {
    out.writers.conflictTarget(out, action.target)
    out.text(' ')
  }
  if (action.kind === 'nothing') {
    out.text('do nothing')
    return
  }
  out.text('do update set ')
  out.withExistingRow(operation.table, existingRowName(operation.table), () => {
    out.list(action.set, (assignment) => out.writers.assignment(out, assignment))
    writeWhere(out, action.where)
  })
}

function onDuplicateKeyClause(
  out: SqlOutput,
  action: ConflictAction,
  operation: InsertOperation,
  alias: boolean,
): void {
  if (alias) out.text('as excluded ')
  out.text('on duplicate key update ')
  const set = action.kind === 'nothing' ? noChange(operation) : action.set
  out.withExistingRow(operation.table, operation.table.name, () => {
    out.list(set, (assignment) => out.writers.assignment(out, assignment))
  })
}

/** A column set to itself: INSERT IGNORE would also hide values that do not fit. */
function noChange(operation: InsertOperation): readonly Assignment[] {
  const column = operation.primaryKey[0] ?? operation.columns[0]
  if (column === undefined)
    throw new MisuseError(
      'OPERATION_INVALID',
      'an insert that ignores conflicts needs a column or a primary key here; give one',
    )
  return [{ column, value: { kind: 'column', name: column } }]
}

function refuseWhatDuplicateKeyLacks(name: string, action: ConflictAction): void {
  if (action.target) {
    const { target } = action
    const capability =
      target.kind === 'constraint'
        ? 'constraint'
        : target.kind === 'unsafe'
          ? 'unsafeFragment'
          : target.where
            ? 'partialIndex'
            : 'columns'
    throw new UnsupportedError(
      `upsert.${capability}`,
      `${name} cannot say which unique index an upsert is about; leave out conflictTarget`,
    )
  }
  if (action.kind === 'update' && action.where)
    throw new UnsupportedError(
      'upsert.updateWhere',
      `${name} has no condition in an upsert's update; leave out \`where\``,
    )
}
