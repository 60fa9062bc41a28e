import {
  type Expression,
  type SqlOutput,
  type StandardDialect,
  standardDialect,
  UnsupportedError,
} from '@mortise/core/adapter'
import { capabilities } from './capabilities.ts'
import { types } from './codecs.ts'

/**
 * SQLite's SQL. Tables are STRICT, so that a column holds only values of its type; booleans and
 * enums are kept to theirs by a CHECK.
 */
export const dialect: StandardDialect = standardDialect({
  name: 'sqlite',
  types,
  maxIdentifierBytes: capabilities.maxIdentifierBytes,
  placeholders: 'positional',
  booleans: 'number',
  returning: true,
  upsert: 'on_conflict',
  cellDefault: false,
  emptyInsert: 'rowid',
  limitForOffset: '-1',
  begin: ({ readOnly }) => [readOnly === true ? 'begin' : 'begin immediate'],
  cursor: 'temporary_table',
  identity: 'integer_primary_key',
  prefixes: 'attached',
  overrides: {
    write: {
      create_table(out, operation, standard) {
        standard.create_table(out, operation)
        out.text(' strict')
      },
      columnDefinition(out, column, operation, standard) {
        standard.columnDefinition(out, column, operation)
        const { name, values } = column.type
        if (name === 'boolean') checkIn(out, column.name, [0, 1])
        if (name === 'enum' && values !== undefined) checkIn(out, column.name, values)
      },
      add(out, node, standard) {
        if (isDecimal(node.left) || isDecimal(node.right)) {
          throw new UnsupportedError(
            'types.decimal',
            'SQLite calculates with decimals as REAL, which is not exact; read the value, calculate, and write it back in one transaction',
          )
        }
        standard.add(out, node)
      },
    },
  },
})

function checkIn(out: SqlOutput, column: string, values: readonly (string | number)[]): void {
  out.text(' check (')
  out.identifier(column)
  out.text(' in (')
  out.list(values, (value) => out.literal(value))
  out.text('))')
}

function isDecimal(expression: Expression): boolean {
  return expression.kind === 'slot' && expression.type?.name === 'decimal'
}
