import { standardDialect, UnsupportedError } from '@mortise/core/adapter'
import { types } from './type-table.ts'

/** SQLite's SQL, as far as it is not the standard's. */
export const dialect = standardDialect({
  name: 'sqlite',
  types,
  maxIdentifierBytes: 1000,
  upsert: 'on_conflict',
  returning: true,
  cellDefault: false,
  emptyInsert: 'rowid',
  limitForOffset: '-1',
  begin: () => ['begin immediate'],
  identity: 'integer_primary_key',
  cursor: 'temporary_table',
  overrides: {
    write: {
      add(out, node, standard) {
        if (node.right.kind === 'slot' && node.right.type?.name === 'decimal') {
          throw new UnsupportedError('types.decimal', 'SQLite adds decimals as inexact floats')
        }
        standard.add(out, node)
      },
    },
  },
})
