import { checkEqual, checkRefuses, RuleFailure, show } from '../check/index.ts'
import {
  type Caller,
  column,
  encode,
  insertInto,
  raw,
  selectFrom,
  slot,
  typed,
} from '../contract/index.ts'
import { type Rule, rule, types } from '../rule/index.ts'

const hostile = [
  "'; drop table x; --",
  "' or '1'='1",
  '"; --',
  "\\'; drop table x; --",
  '#{x} %s ? %1$s',
  '$1 $2 :a @b ?1',
  '/* */ -- ;',
  "''''",
]

export const parameterRules: readonly Rule[] = [
  rule({
    id: 'PAR-010',
    title: 'A statement takes as many parameters as the manifest says',
    level: 'MUST',
    law: 6,
    tier: 'core',
    since: '2026.1',
    rationale:
      'insertAll splits its rows at this number; a claim too high breaks every large insert.',
    causes: ['maxParameters is higher than the database’s limit', 'the count wraps at 16 bits'],
    needs: [types('integer')],
    async run(context) {
      const caller = await context.connect()
      const most = context.adapter.capabilities.maxParameters
      if (most > 200_000) context.notApplicable(`maxParameters is ${most}: too many to try`)
      const parts = Array.from({ length: most }, (_, i) => [
        i === 0 ? '' : ', ',
        typed('integer', i),
      ])
      const { operation, values } = raw(
        `select count(*) as n where ${most - 1} in (`,
        parts.flat(),
        ')',
      )
      const { rows } = await caller.run(operation, values, { access: 'read' })
      checkEqual(`a statement with ${most} parameters`, Number((rows[0] as unknown[])[0]), 1)
    },
  }),
  rule({
    id: 'PAR-011',
    title: 'Too few and too many parameters are refused',
    level: 'MUST',
    law: 3,
    tier: 'core',
    since: '2026.1',
    rationale: 'A missing value that is bound as NULL is written, and nobody hears of it.',
    causes: ['the client binds NULL for what is missing', 'the client ignores what is left over'],
    async run(context) {
      const caller = await context.connect()
      const { operation } = raw('select ', typed('text', ''), ' as a, ', typed('text', ''), ' as b')
      const { sql } = context.adapter.dialect.compile(operation)
      for (const [name, parameters] of [
        ['no parameter for two places', []],
        ['one parameter for two places', ['one']],
        ['three parameters for two places', ['one', 'two', 'three']],
      ] as const) {
        await checkRefuses(name, () => caller.text(sql, { parameters, access: 'read' }))
        await caller.text('select 1')
      }
      await checkRefuses('a parameter for no place', () =>
        caller.text('select 1', { parameters: ['one'], access: 'read' }),
      )
    },
  }),
  rule({
    id: 'PAR-012',
    title: 'A value that is used twice is there twice',
    level: 'MUST',
    law: 3,
    tier: 'core',
    since: '2026.1',
    rationale: 'An upsert names a value in its row and again in its update.',
    causes: ['a repeated name binds its first place only', '`slots` leaves out repetitions'],
    needs: [types('text', 'integer')],
    async run(context) {
      const caller = await context.connect()
      const table = await context.create(caller, [
        column('a', 'text'),
        column('b', 'integer'),
        column('c', 'text'),
      ])
      const text = { name: 'text' as const }
      await caller.run(
        {
          kind: 'insert',
          table: table.table,
          columns: ['a', 'b', 'c'],
          rows: [[slot(1, text), slot(0, { name: 'integer' }), slot(1, text)]],
          primaryKey: [],
        },
        [typed('integer', 5), typed('text', 'twice')],
      )
      const select = selectFrom(table)
      const rows = await caller.rows(select.columns, caller.request(select.operation))
      checkEqual('a row with one value in two columns', rows, [['twice', 5, 'twice']])
    },
  }),
  rule({
    id: 'PAR-013',
    title: 'What looks like a placeholder in a string, a name or a comment is none',
    level: 'MUST',
    law: 12,
    tier: 'core',
    since: '2026.1',
    rationale: 'Rewriting placeholders without reading SQL shifts every value by one.',
    causes: ['placeholders are counted or rewritten by a regular expression'],
    async run(context) {
      const caller = await context.connect()
      const quoted = context.adapter.dialect.quoteIdentifier('a ? $1 :b')
      const { operation, values } = raw(
        `select 'a ? $1 :a ''?' as s, /* ? $1 :c */ `,
        typed('text', 'value'),
        ` as ${quoted} -- ? $2 @d\n`,
      )
      const result = await caller.run(operation, values, { access: 'read' })
      checkEqual('the row', result.rows, [["a ? $1 :a '?", 'value']])
      checkEqual('the quoted name', result.columns[1]?.name, 'a ? $1 :b')
    },
  }),
  rule({
    id: 'PAR-014',
    title: 'Text that would be SQL stays a value',
    level: 'MUST',
    law: 12,
    tier: 'core',
    since: '2026.1',
    rationale: 'This is what parameters are for.',
    causes: ['values are written into the text', 'the client’s own escaping is used'],
    needs: [types('text')],
    async run(context) {
      const caller = await context.connect()
      const table = await context.create(caller, [column('id', 'integer'), column('v', 'text')])
      for (const [id, value] of hostile.entries()) {
        const { operation, values } = insertInto(table, ['id', 'v'], [[id, value]])
        await caller.run(operation, values)
      }
      const select = selectFrom(table)
      const rows = await caller.rows(select.columns, caller.request(select.operation))
      checkEqual(
        'hostile texts',
        rows.map(([, value]) => value),
        hostile,
      )
    },
  }),
  rule({
    id: 'PAR-015',
    title: 'A negative number after a minus is subtracted',
    level: 'MUST',
    law: 12,
    tier: 'core',
    since: '2026.1',
    rationale: 'Written into the text, -1 after a minus begins a comment and hides the condition.',
    causes: ['values are written into the text'],
    needs: [types('integer')],
    async run(context) {
      const caller = await context.connect()
      const { operation, values } = raw('select 5 -', typed('integer', -1), ' as v')
      const rows = await caller.rows(
        [{ name: 'v', type: { name: 'integer' } }],
        caller.request(operation, values, { access: 'read' }),
      )
      checkEqual('5 minus −1', rows, [[6]])
    },
  }),
  rule({
    id: 'PAR-016',
    title: 'One statement takes values of any type, one after the other',
    level: 'MUST',
    law: 3,
    tier: 'core',
    since: '2026.1',
    rationale: 'The types of the first execution must not shape the values of the second.',
    causes: [
      'a prepared statement keeps the types of its first values',
      'encoding depends on the cache',
    ],
    needs: [types('integer', 'text', 'float', 'bytes')],
    async run(context) {
      const caller = await context.connect()
      const values = [
        typed('integer', 1),
        typed('text', 'one'),
        typed('text', null),
        typed('float', 1.5),
        typed('bytes', Uint8Array.of(1, 2)),
        typed('integer', 2),
        typed('text', '2'),
      ]
      for (const value of [...values, ...values]) {
        await checkEcho(caller, value)
      }
    },
  }),
]

/** Inserts one value into a column of its type and reads it. */
async function checkEcho(caller: Caller, value: ReturnType<typeof typed>): Promise<void> {
  const { operation, values } = raw('select ', value, ' as v')
  const made = caller.request(operation, values, { access: 'read' })
  let seen: unknown
  try {
    seen = (await caller.rows([{ name: 'v', type: value.type }], made))[0]?.[0]
  } catch (error) {
    throw new RuleFailure(
      `${value.type.name} ${show(value.value)} as a parameter`,
      'no error',
      show(error),
    )
  }
  checkEqual(`${value.type.name} ${show(value.value)} as a parameter`, seen, value.value)
  encode(caller.adapter, value)
}
