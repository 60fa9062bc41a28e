import { describe, expect, it } from 'vitest'
import { plainDescription, postgres, sqlite } from '../../testing/dialects.ts'
import type { SelectOperation } from '../operation.ts'
import { standardDialect } from './standard-dialect.ts'

const select: SelectOperation = {
  kind: 'select',
  table: { kind: 'table', name: 't', prefix: 's' },
  columns: [{ kind: 'column', name: 'a' }],
  where: {
    kind: 'compare',
    operator: '=',
    left: { kind: 'literal', value: 'x' },
    right: { kind: 'slot', slot: 0, type: { name: 'uuid' } },
  },
}

describe('overrides', () => {
  it('of quoting take effect wherever a name or literal stands', () => {
    const dialect = standardDialect({
      ...plainDescription,
      cursor: 'declare',
      overrides: {
        quoteIdentifier: (name, standard) => standard(name).toUpperCase(),
        quoteLiteral: (value, standard) => `N${standard(value)}`,
      },
    })
    expect(dialect.quoteIdentifier('a')).toBe('"A"')
    expect(dialect.compile(select).sql).toBe(`select "A" from "S"."T" where N'x' = ?`)
    expect(dialect.transaction({ kind: 'savepoint', name: 'a' })).toEqual(['savepoint "A"'])
    expect(dialect.cursor?.close('a')).toBe('close "A"')
  })

  it('of one writer take effect wherever its node stands, and may add to the standard one', () => {
    const dialect = standardDialect({
      ...plainDescription,
      overrides: {
        write: {
          slot(out, node, standard) {
            standard.slot(out, node)
            if (node.type) out.text(`::${node.type.name}`)
          },
          table: (out, table) => out.identifier(`${table.prefix}_${table.name}`),
        },
      },
    })
    expect(dialect.compile(select).sql).toBe(`select "a" from "s_t" where 'x' = ?::uuid`)
    expect(dialect.compile({ kind: 'exists', select }).sql).toContain('from "s_t"')
  })

  it('of commands and cursor replace the standard ones', () => {
    const cursor = { ...sqlite.cursor, hidden: 2 } as NonNullable<typeof sqlite.cursor>
    const dialect = postgres.extend({
      overrides: {
        cursor,
        transaction: (command, standard) =>
          command.kind === 'commit' ? ['commit and chain'] : standard(command),
      },
    })
    expect(dialect.cursor).toBe(cursor)
    expect(dialect.transaction({ kind: 'commit' })).toEqual(['commit and chain'])
    expect(dialect.transaction({ kind: 'rollback' })).toEqual(['rollback'])
  })

  it('are refused when they are unknown or no functions', () => {
    const attempt = (overrides: object) => () => standardDialect({ ...plainDescription, overrides })
    expect(attempt({ quoteIdentifer: () => '' })).toThrow('did you mean "quoteIdentifier"?')
    expect(attempt({ write: { inserts: () => {} } })).toThrow('did you mean "insert"?')
    expect(attempt({ quoteLiteral: 'x' })).toThrow('"quoteLiteral" is no function')
    expect(attempt({ write: { insert: undefined } })).not.toThrow()
  })
})

describe('extend', () => {
  const casting = postgres.extend({
    overrides: {
      write: {
        literal(out, node, standard) {
          standard.literal(out, node)
          out.text('::text')
        },
      },
    },
  })

  it('changes entries and keeps the others and the overrides', () => {
    const near = casting.extend({ name: 'near', quotes: '`', maxIdentifierBytes: 100 })
    expect(near.name).toBe('near')
    expect(near.maxIdentifierBytes).toBe(100)
    expect(near.compile(select).sql).toBe("select `a` from `s`.`t` where 'x'::text = $1")
  })

  it('lays overrides on those that are there', () => {
    const twice = casting.extend({
      overrides: {
        write: {
          literal(out, node, standard) {
            out.text('lower(')
            standard.literal(out, node)
            out.text(')')
          },
        },
      },
    })
    expect(twice.compile(select).sql).toContain("lower('x'::text)")
    expect(casting.compile(select).sql).not.toContain('lower')
  })
})

describe('a dialect', () => {
  it('gives the same text for the same tree and leaves the tree as it was', () => {
    const tree = structuredClone(select)
    expect(postgres.compile(select)).toEqual(postgres.compile(tree))
    expect(select).toEqual(tree)
  })

  it('has its parts on its prototype, so that a copy of it is none', () => {
    expect(Object.keys({ ...postgres })).toEqual([])
  })

  it('refuses a name that is too long before anything is sent', () => {
    const table = { kind: 'table', name: 'ä'.repeat(32) } as const
    const refused = expect.objectContaining({ code: 'IDENTIFIER_TOO_LONG' })
    expect(() => postgres.compile({ ...select, table })).toThrow(refused)
    expect(() => postgres.transaction({ kind: 'release', name: table.name })).toThrow(refused)
    expect(sqlite.compile({ ...select, table }).sql).toContain(table.name)
  })
})

describe('a description', () => {
  it('needs a name and types, and nothing else', () => {
    const dialect = standardDialect(plainDescription)
    expect(dialect.name).toBe('plain')
    expect(dialect.maxIdentifierBytes).toBe(128)
    expect(dialect.ping).toBe('select 1')
  })

  it.each([
    [undefined, 'described by an object'],
    [{}, 'the entry "name"'],
    [{ name: 'x' }, 'the entry "types"'],
    [{ ...plainDescription, upserts: 'none' }, 'did you mean "upsert"?'],
    [{ ...plainDescription, upsert: 'merge' }, '"none" or "on_conflict"'],
    [{ ...plainDescription, maxIdentifierBytes: 0 }, 'a whole number of bytes'],
    [{ ...plainDescription, placeholders: 'numbered' }, '{ style: "numbered", prefix }'],
    [
      { ...plainDescription, placeholders: { style: 'named', prefix: ':', name: "'" } },
      'the entry "placeholders"',
    ],
    [{ ...plainDescription, returning: { insert: true } }, '{ insert, update, delete }'],
    [{ ...plainDescription, limitForOffset: '1; drop' }, 'a whole number as text'],
    [{ ...plainDescription, rowLocks: ['exclusive'] }, '"no key update"'],
    [{ ...plainDescription, begin: 'immediate' }, 'or a function'],
    [{ ...plainDescription, ping: '' }, 'a statement'],
  ])('is refused when it is wrong: %#', (description, message) => {
    const attempt = () => standardDialect(description as never)
    expect(attempt).toThrow(message)
    expect(attempt).toThrow(expect.objectContaining({ code: 'DIALECT_INVALID' }))
  })
})
