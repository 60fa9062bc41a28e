import { MisuseError, UnsupportedError } from '../../errors/index.ts'
import { writeWhere } from './change-writers.ts'
import type { ParsedDescription } from './parse-description.ts'
import type { SqlWriters } from './sql-writers.ts'

type SelectWriters = Pick<SqlWriters, 'select' | 'exists' | 'orderTerm' | 'limit' | 'lock'>

/** The writers of selects and their clauses. */
export function selectWriters(description: ParsedDescription): SelectWriters {
  return {
    select(out, operation) {
      out.text('select ')
      if (operation.columns.length === 0) out.text('1')
      out.list(operation.columns, (column) => out.expression(column))
      out.text(' from ')
      out.table(operation.table)
      writeWhere(out, operation.where)
      if (operation.orderBy?.length) {
        out.text(' order by ')
        out.list(operation.orderBy, (term) => out.writers.orderTerm(out, term))
      }
      if (operation.limit || operation.offset) {
        out.text(' ')
        out.writers.limit(out, operation)
      }
      if (operation.lock) {
        out.text(' ')
        out.writers.lock(out, operation.lock)
      }
    },
    exists(out, operation) {
      out.text('select case when exists (')
      out.writers.select(out, operation.select)
      out.text(') then 1 else 0 end as ')
      out.identifier('found')
    },
    orderTerm(out, { by, direction, nulls }) {
      if (nulls && description.nullsOrder === 'case') {
        out.text('case when ')
        out.operand(by)
        out.text(` is null then ${nulls === 'first' ? '0 else 1' : '1 else 0'} end, `)
      }
      out.expression(by)
      if (direction) out.text(` ${direction}`)
      if (nulls && description.nullsOrder === 'native')
        out.text(nulls === 'first' ? ' nulls first' : ' nulls last')
    },
    limit(out, { limit, offset }) {
      if (description.limit === 'fetch') {
        if (offset) {
          out.text('offset ')
          out.operand(offset)
          out.text(limit ? ' rows ' : ' rows')
        }
        if (limit) {
          out.text('fetch next ')
          out.operand(limit)
          out.text(' rows only')
        }
        return
      }
      if (limit) {
        out.text('limit ')
        out.operand(limit)
      } else if (description.limitForOffset !== undefined)
        out.text(`limit ${description.limitForOffset}`)
      if (!offset) return
      out.text(limit || description.limitForOffset !== undefined ? ' offset ' : 'offset ')
      out.operand(offset)
    },
    lock(out, { mode, skipLocked, noWait }) {
      if (!description.rowLocks.includes(mode))
        throw new UnsupportedError(
          'rowLocks',
          `${description.name} has no row lock "${mode}"; ${
            description.rowLocks.length > 0
              ? `it has ${description.rowLocks.map((each) => `"${each}"`).join(', ')}`
              : 'leave out the lock'
          }`,
        )
      if (skipLocked && noWait)
        throw new MisuseError(
          'OPERATION_INVALID',
          'a row lock cannot both skip locked rows and refuse to wait for them; choose one',
        )
      out.text(`for ${mode}`)
      if (skipLocked) out.text(' skip locked')
      if (noWait) out.text(' nowait')
    },
  }
}
