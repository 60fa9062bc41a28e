import { MisuseError, ValueError } from '@mortise/core/adapter'
import { checkEqual, checkErrorIs, checkRefuses, checkThat, show } from '../check/index.ts'
import {
  type Caller,
  column,
  createTable,
  equals,
  insertInto,
  request,
  selectFrom,
  typed,
} from '../contract/index.ts'
import { type Rule, rule, types } from '../rule/index.ts'

const tough = [
  'select',
  'Order',
  'user',
  'two words',
  'dotted.name',
  'quote"d',
  "apo'strophe",
  'back`tick',
  '[bracket]',
  'per%cent',
  'col:on',
  'que?stion',
  'dol$1ar',
  'back\\slash',
  'semi;colon --',
  'tab\tnewline\n',
  'ünïcödé 名前 🧱',
  '1digit',
  ' leading and trailing ',
  '"',
  '',
].filter((name) => name !== '')

export const nameRules: readonly Rule[] = [
  rule({
    id: 'DIA-010',
    title: 'Any name can be a column, a table and an index',
    level: 'MUST',
    law: 12,
    tier: 'core',
    since: '2026.1',
    rationale: 'Names come from databases that others have made, and some from their users.',
    causes: [
      'a name is not quoted somewhere',
      'a quote inside a name is not doubled',
      'names are changed to lower case',
    ],
    needs: [types('integer')],
    async run(context) {
      const caller = await context.connect()
      for (const name of tough) {
        const what = `the name ${show(name)}`
        const table = {
          table: { kind: 'table' as const, name: context.name(name) },
          columns: [column('id', 'integer', { nullable: false }), column(name, 'integer')],
          primaryKey: ['id'],
        }
        await caller.run(
          createTable(table, {
            unique: [{ name: context.name(`${name} u`), columns: [name] }],
            checks: [
              {
                name: context.name(`${name} c`),
                expression: {
                  kind: 'raw',
                  parts: [{ kind: 'identifier', name }, ' < 100'],
                },
              },
            ],
          }),
        )
        try {
          await caller.run({
            kind: 'create_index',
            name: context.name(`${name} i`),
            table: table.table,
            columns: [name, 'id'],
          })
          const { operation, values } = insertInto(table, ['id', name], [[1, 7]])
          await caller.run(operation, values)
          const integer = { name: 'integer' as const }
          await caller.run(
            {
              kind: 'update',
              table: table.table,
              set: [
                {
                  column: name,
                  value: {
                    kind: 'add',
                    left: { kind: 'column', name, of: table.table },
                    right: { kind: 'slot', slot: 0, type: integer },
                  },
                },
              ],
              where: equals(name, 1, integer),
            },
            [typed('integer', 1), typed('integer', 7)],
          )
          const select = selectFrom(table, [name])
          const made = caller.request(select.operation)
          const result = await caller.connection.execute(made)
          checkEqual(
            what,
            result.columns.map((each) => each.name),
            [name],
          )
          checkEqual(what, await caller.rows(select.columns, made), [[8]])
        } finally {
          await caller.run({ kind: 'drop_table', table: table.table })
        }
      }
    },
  }),
  rule({
    id: 'DIA-011',
    title: 'A name that the database cannot hold is refused, never cut',
    level: 'MUST',
    law: 12,
    tier: 'core',
    since: '2026.1',
    rationale: 'Two names that are cut to the same beginning are one column.',
    causes: ['maxIdentifierBytes is wrong', 'the length is counted in characters, not in bytes'],
    needs: [types('integer')],
    async run(context) {
      const { dialect, capabilities } = context.adapter
      const most = capabilities.maxIdentifierBytes
      if (most > 100_000) context.notApplicable(`maxIdentifierBytes is ${most}: too long to try`)
      for (const unit of ['x', 'é', '🧱']) {
        const bytes = Buffer.byteLength(unit)
        const longest = unit
          .repeat(Math.floor(most / bytes))
          .padEnd(Math.floor(most / bytes) * unit.length + (most % bytes), 'x')
        const caller = await context.connect()
        const table = await context.create(caller, [
          column('id', 'integer'),
          column(longest, 'integer'),
        ])
        const { operation, values } = insertInto(table, ['id', longest], [[1, 2]])
        await caller.run(operation, values)
        const { columns } = await caller.run(selectFrom(table, [longest]).operation)
        checkThat(`a column name of ${most} bytes`, columns[0]?.name === longest, {
          expected: `the name of ${longest.length} characters`,
          seen: show(columns[0]?.name),
        })
        const error = await checkRefuses(`a name of ${most + 1} bytes`, () =>
          dialect.quoteIdentifier(`${longest}x`),
        )
        checkErrorIs(`the error for a name of ${most + 1} bytes`, error, MisuseError)
      }
      for (const name of ['nul\0inside', '']) {
        await checkRefuses(`the name ${show(name)}`, () => dialect.quoteIdentifier(name))
      }
    },
  }),
  rule({
    id: 'DIA-012',
    title: 'A quoted literal is the value, whatever it holds',
    level: 'MUST',
    law: 12,
    tier: 'core',
    since: '2026.1',
    rationale:
      'The predicate of a partial index is written as literals; a hole here is an injection.',
    causes: [
      'a backslash escapes in this database',
      'a quote is not doubled',
      'numbers lose digits',
    ],
    needs: [types('text', 'integer', 'bigint', 'float')],
    async run(context) {
      const caller = await context.connect()
      const { dialect } = context.adapter
      for (const value of [
        ...tough,
        '',
        "''",
        "\\'",
        '\\',
        '%_',
        "'; drop table x; --",
        '\u2028',
      ]) {
        await checkLiteral(caller, 'text', value, dialect.quoteLiteral(value))
      }
      for (const value of [0, -1, 2_147_483_648]) {
        await checkLiteral(caller, 'integer', value, dialect.quoteLiteral(value))
      }
      for (const value of [2n ** 53n + 1n, -5n, 2n ** 63n - 1n]) {
        await checkLiteral(caller, 'bigint', value, dialect.quoteLiteral(value))
      }
      for (const value of [0.1, -1.5, 1e-7, 1 / 3]) {
        await checkLiteral(caller, 'float', value, dialect.quoteLiteral(value))
      }
      const result = await caller.text(
        `select 5 - ${dialect.quoteLiteral(-1)} as a, ${dialect.quoteLiteral(null)} as b, case when ${dialect.quoteLiteral(true)} then 1 else 0 end as c, case when ${dialect.quoteLiteral(false)} then 1 else 0 end as d`,
        { access: 'read' },
      )
      const [minus, nothing, yes, no] = result.rows[0] as unknown[]
      checkEqual('5 minus the literal −1', Number(minus), 6)
      checkEqual('the literal null', nothing, null)
      checkEqual('the literals true and false', [Number(yes), Number(no)], [1, 0])
    },
  }),
  rule({
    id: 'DIA-013',
    title: 'What has no literal is refused',
    level: 'MUST',
    law: 12,
    tier: 'core',
    since: '2026.1',
    rationale: 'NaN written into SQL is the name of a column.',
    causes: ['numbers are written with String(value)', 'a text is cut at NUL'],
    async run(context) {
      const { dialect } = context.adapter
      const caller = await context.connect()
      for (const value of [Number.NaN, Number.POSITIVE_INFINITY, 'a\0b', '\ud800']) {
        let literal: string
        try {
          literal = dialect.quoteLiteral(value)
        } catch (error) {
          checkErrorIs(`the error for the literal ${show(value)}`, error, ValueError)
          continue
        }
        const type = typeof value === 'number' ? 'float' : 'text'
        await checkLiteral(caller, type, value, literal)
      }
    },
  }),
]

async function checkLiteral(
  caller: Caller,
  type: 'text' | 'integer' | 'bigint' | 'float',
  value: unknown,
  literal: string,
): Promise<void> {
  const asked = request(`select ${literal} as v`, { access: 'read' })
  // Without a type, a driver may refuse an integer that is too large for a number.
  const [row] =
    type === 'bigint'
      ? await caller.rows([{ name: 'v', type: { name: 'bigint' } }], asked)
      : (await caller.connection.execute(asked)).rows
  const seen = (row as readonly unknown[])[0]
  const same = type === 'text' ? seen : type === 'float' ? Number(seen) : String(seen)
  checkEqual(
    `the literal of ${show(value)}`,
    same,
    type === 'text' || type === 'float' ? value : String(value),
  )
}
