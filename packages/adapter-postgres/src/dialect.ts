import { type RawExpression, standardDialect } from '@mortise/core/adapter'
import { capabilities } from './capabilities.ts'
import { types } from './types/codecs.ts'

/**
 * PostgreSQL's SQL. A parameter's type is left to the server, which takes it from the column or
 * operator beside it; a type that a fragment states (`sql.typed`) is written as a cast.
 */
export const dialect = standardDialect({
  name: 'postgresql',
  types,
  maxIdentifierBytes: capabilities.maxIdentifierBytes,
  placeholders: { style: 'numbered', prefix: '$' },
  returning: true,
  upsert: 'on_conflict',
  rowLocks: capabilities.rowLocks,
  cursor: 'declare',
  overrides: {
    write: {
      raw: (out, node, standard) => standard.raw(out, withCasts(node)),
    },
  },
})

/** A fragment whose typed values stand in casts. */
function withCasts(node: RawExpression): RawExpression {
  if (!node.parts.some((part) => typeof part === 'object' && part.kind === 'slot' && part.type)) {
    return node
  }
  return {
    kind: 'raw',
    parts: node.parts.flatMap((part) => {
      if (typeof part === 'string' || part.kind !== 'slot' || part.type === undefined) return [part]
      const ddl = types.codecs[part.type.name]?.ddl
      const name = typeof ddl === 'function' ? ddl(part.type) : ddl
      return name === undefined ? [part] : ['cast(', { ...part, type: undefined }, ` as ${name})`]
    }),
  }
}
