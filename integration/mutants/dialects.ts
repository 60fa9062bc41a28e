import { type Mutant, mutant, withClaims, withCompile, withWriters } from './mutant.ts'

/** What a dialect writes. */
export const dialectMutants: readonly Mutant[] = [
  mutant('an index’s columns are not quoted', 'DIA-010', 'the rule got an error', (good) =>
    withWriters(good, {
      write: {
        create_index(out, operation, standard) {
          if (operation.where !== undefined) return standard.create_index(out, operation)
          out.text('create index ')
          out.identifier(operation.name)
          out.text(' on ')
          out.table(operation.table)
          out.text(` (${operation.columns.join(', ')})`)
        },
      },
    }),
  ),
  mutant('a name that is too long is cut', 'DIA-011', 'a name of 1025 bytes', (good) =>
    withWriters(good, {
      quoteIdentifier: (name, standard) =>
        Buffer.byteLength(name) > 1024 ? standard(name.slice(0, 200)) : standard(name),
    }),
  ),
  mutant(
    'the manifest claims longer names than the dialect takes',
    'DIA-011',
    'IDENTIFIER',
    (good) => withClaims(good, { maxIdentifierBytes: 2048 }),
  ),
  mutant('a backtick in a literal is doubled', 'DIA-012', 'the literal of "back`tick"', (good) =>
    withWriters(good, {
      quoteLiteral: (value, standard) =>
        standard(typeof value === 'string' ? value.replaceAll('`', '``') : value),
    }),
  ),
  mutant('NaN is written as it prints', 'DIA-013', 'NaN', (good) =>
    withWriters(good, {
      quoteLiteral: (value, standard) => (Number.isNaN(value) ? 'NaN' : standard(value)),
    }),
  ),
  mutant(
    'a value that is used twice is bound once',
    'PAR-012',
    'the rule got an error',
    (good) =>
      withCompile(good, (dialect) => (operation) => {
        const { sql, slots } = dialect.compile(operation)
        return { sql, slots: [...new Set(slots)] }
      }),
    { catalogue: 28 },
  ),
  mutant('like is written as glob', 'QRY-010', 'the rows where {"title":{"like":"%b%"}}', (good) =>
    withWriters(good, {
      write: {
        compare(out, node, standard) {
          if (node.operator !== 'like') return standard.compare(out, node)
          out.operand(node.left)
          out.text(' glob ')
          out.operand(node.right)
        },
      },
    }),
  ),
  mutant(
    'an offset without a limit is dropped',
    'QRY-011',
    'the ids with {"orderBy":"id","offset":3}',
    (good) =>
      withWriters(good, {
        write: {
          limit(out, operation, standard) {
            if (operation.limit === undefined) return out.text('limit -1')
            standard.limit(out, operation)
          },
        },
      }),
  ),
  mutant('where nulls go is not written', 'QRY-011', '"nulls":"last"', (good) =>
    withWriters(good, {
      write: {
        orderTerm: (out, term, standard) => standard.orderTerm(out, { ...term, nulls: undefined }),
      },
    }),
  ),
  mutant('an update forgets the prefix', 'QRY-016', 'the rows in the', (good) =>
    withWriters(good, {
      write: {
        update: (out, operation, standard) =>
          standard.update(out, {
            ...operation,
            table: { kind: 'table', name: operation.table.name },
          }),
      },
    }),
  ),
  mutant('decimals are added as floats', 'WRT-017', 'no exact decimal', (good) =>
    withWriters(good, {
      write: {
        add(out, node) {
          out.operand(node.left)
          out.text(' + ')
          out.operand(node.right)
        },
      },
    }),
  ),
  {
    name: 'an update or delete is about the first part of its condition',
    killedBy: [
      { rule: 'WRT-015', message: 'update of a key that is not there' },
      { rule: 'WRT-016', message: 'deleteAll with a condition' },
    ],
    adapter: (good) =>
      withWriters(good, {
        write: {
          update: (out, operation, standard) =>
            standard.update(out, { ...operation, where: firstOf(operation.where) }),
          delete: (out, operation, standard) =>
            standard.delete(out, { ...operation, where: firstOf(operation.where) }),
        },
      }),
  },
  {
    name: 'an insert without columns is written with empty lists',
    killedBy: [
      { rule: 'WRT-011', message: 'syntax' },
      { rule: 'UPS-023', message: 'syntax' },
    ],
    adapter: (good) =>
      withWriters(good, { write: { emptyInsert: (out) => out.text('() values ()') } }),
  },
  mutant(
    'a failed insert keeps the rows before its error',
    'ERR-018',
    'the rows after a failed insert',
    (good) =>
      withCompile(good, (dialect) => (operation) => {
        const { sql, slots } = dialect.compile(operation)
        return { sql: sql.replace(/^insert into/, 'insert or fail into'), slots }
      }),
  ),
]

type Condition = Parameters<
  Parameters<typeof withWriters>[0]['dialect']['compile']
>[0] extends infer O
  ? O extends { readonly kind: 'update'; readonly where?: infer W }
    ? W
    : never
  : never

function firstOf(where: Condition): Condition {
  return where?.kind === 'and' ? where.terms[0] : where
}
