import { UnsupportedError } from '../../errors/index.ts'
import type { Expression, TableName } from '../expression.ts'
import type { ParsedDescription } from './parse-description.ts'
import { precedence, precedenceOf } from './precedence.ts'
import type { SqlOutput, SqlWriters } from './sql-writers.ts'

type ExpressionWriters = Pick<
  SqlWriters,
  | 'slot'
  | 'column'
  | 'excluded'
  | 'default'
  | 'literal'
  | 'compare'
  | 'in'
  | 'null'
  | 'not'
  | 'junction'
  | 'add'
  | 'count'
  | 'raw'
  | 'table'
>

/** The writers of expressions and names. */
export function expressionWriters(description: ParsedDescription): ExpressionWriters {
  return {
    slot(out, node) {
      out.placeholder(node.slot)
    },
    column(out, node) {
      const existing = out.existingRow
      if (existing && (node.of === undefined || sameTable(node.of, existing.table))) {
        out.identifier(existing.name)
        out.text('.')
      } else if (node.of) {
        out.table(node.of)
        out.text('.')
      }
      out.identifier(node.name)
    },
    excluded(out, node) {
      const byFunction = description.upsert === 'on_duplicate_key'
      out.text(byFunction ? 'values(' : 'excluded.')
      out.identifier(node.name)
      if (byFunction) out.text(')')
    },
    default(out) {
      if (!description.cellDefault)
        throw new UnsupportedError(
          'cellDefault',
          `${description.name} has no DEFAULT among values; leave the column out of the statement`,
        )
      out.text('default')
    },
    literal(out, node) {
      // A minus sign next to another one would start a comment.
      const negative =
        (typeof node.value === 'number' || typeof node.value === 'bigint') && node.value < 0
      if (negative) out.text('(')
      out.literal(node.value)
      if (negative) out.text(')')
    },
    compare(out, node) {
      binding(out, node.left, precedence.sum)
      out.text(` ${node.operator} `)
      binding(out, node.right, precedence.sum)
    },
    in(out, node) {
      if (node.list.length === 0) {
        out.text('1 = 0')
        return
      }
      binding(out, node.left, precedence.sum)
      out.text(' in (')
      out.list(node.list, (item) => out.expression(item))
      out.text(')')
    },
    null(out, node) {
      binding(out, node.of, precedence.sum)
      out.text(node.negated ? ' is not null' : ' is null')
    },
    not(out, node) {
      out.text('not ')
      out.operand(node.of)
    },
    junction(out, node) {
      const { kind, terms } = node
      if (terms.length === 0) out.text(kind === 'and' ? '1 = 1' : '1 = 0')
      const level = terms.length === 1 ? precedence.unknown : precedence[kind] + 1
      out.list(terms, (term) => binding(out, term, level), ` ${kind} `)
    },
    add(out, node) {
      binding(out, node.left, precedence.sum)
      out.text(' + ')
      binding(out, node.right, precedence.term)
    },
    count(out) {
      out.text('count(*)')
    },
    raw(out, node) {
      for (const part of node.parts) {
        if (typeof part === 'string') out.text(part)
        else if (part.kind === 'identifier') out.identifier(part.name)
        else if (part.kind === 'table') out.table(part)
        else if (part.kind === 'raw') out.expression(part)
        else out.operand(part)
      }
    },
    table(out, table) {
      if (table.prefix !== undefined) {
        out.identifier(table.prefix)
        out.text('.')
      }
      out.identifier(table.name)
    },
  }
}

/** Writes an operand of an operator that needs at least `level`. */
function binding(out: SqlOutput, expression: Expression, level: number): void {
  if (precedenceOf(expression) >= level) out.expression(expression)
  else out.operand(expression)
}

function sameTable(one: TableName, other: TableName): boolean {
  return one.name === other.name && one.prefix === other.prefix
}
