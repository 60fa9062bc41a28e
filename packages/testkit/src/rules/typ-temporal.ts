import type { LogicalTypeName } from '@mortise/core/adapter'
import { checkEqual } from '../check/index.ts'
import { askServer, type RuleContext } from '../context/index.ts'
import { type Caller, column, ddlOf, insertInto, selectFrom } from '../contract/index.ts'
import { type Rule, rule, types } from '../rule/index.ts'
import { canonical } from './typ-canonical.ts'
import { proveType } from './typ-proof.ts'

const dates = [
  '2024-02-29',
  '1970-01-01',
  '1969-12-31',
  '1900-02-28',
  '1582-10-15',
  '0999-12-31',
  '0044-03-15',
  '0001-01-01',
  '9999-12-31',
]
const times = ['00:00:00', '00:00:00.000001', '12:34:56.700000', '23:59:59.999999', '09:05:03']
const timestamps = [
  '2024-02-29T23:59:59.999999Z',
  '2024-03-31T01:30:00.000000Z',
  '2024-03-10T02:30:00.500000Z',
  '1970-01-01T00:00:00.000000Z',
  '1969-12-31T23:59:59.999999Z',
  '1969-07-20T20:17:40.000001Z',
  '1900-01-01T00:00:00.000000Z',
  '0044-03-15T12:00:00.123456Z',
  '0001-01-01T00:00:00.000000Z',
  '9999-12-31T23:59:59.999999Z',
]

export const temporalRules: readonly Rule[] = [
  rule({
    id: 'TYP-040',
    title: 'A timestamp is the same instant with all its microseconds',
    level: 'MUST',
    law: 3,
    tier: 'core',
    since: '2026.1',
    rationale: 'A Date holds milliseconds; what passes through one has lost the order of events.',
    causes: [
      'the value passes through a Date',
      'the client parses timestamps itself',
      'two-digit years are taken for this century',
    ],
    needs: [types('timestamp')],
    run: (context) => proveTemporal(context, 'timestamp', timestamps),
  }),
  rule({
    id: 'TYP-041',
    title: 'A timestamp does not depend on the process’s time zone',
    level: 'MUST',
    law: 3,
    tier: 'core',
    since: '2026.1',
    rationale:
      'The same row must be the same instant on a laptop in Kathmandu and a server in UTC.',
    causes: ['a text without zone is parsed as local time', 'a Date is printed by its local parts'],
    needs: [types('timestamp')],
    async run(context) {
      const caller = await context.connect()
      const table = await context.create(caller, [
        column('id', 'integer'),
        column('v', 'timestamp'),
      ])
      const written = ['2024-07-01T12:00:00.500000Z', '2024-01-01T00:30:00.000000Z']
      const read = async (): Promise<unknown[]> => {
        const select = selectFrom(table)
        const rows = await caller.rows(select.columns, caller.request(select.operation))
        return rows.map(([, value]) => canonical(value))
      }
      const before = process.env.TZ
      try {
        process.env.TZ = 'Asia/Kathmandu'
        const { operation, values } = insertInto(
          table,
          ['id', 'v'],
          written.map((value, id) => [id, value]),
        )
        await caller.run(operation, values)
        checkEqual('timestamps written and read at UTC+05:45', await read(), written)
        process.env.TZ = 'America/St_Johns'
        checkEqual('timestamps written at UTC+05:45 and read at UTC−03:30', await read(), written)
      } finally {
        if (before === undefined) delete process.env.TZ
        else process.env.TZ = before
      }
      await checkStored(context, caller, table.table.name, written)
    },
  }),
  rule({
    id: 'TYP-042',
    title: 'A date is a day, whatever the year',
    level: 'MUST',
    law: 3,
    tier: 'core',
    since: '2026.1',
    rationale: 'A birthday that passes through an instant moves to the day before, west of London.',
    causes: ['the value passes through a Date', 'years below 100 are taken for 19xx'],
    needs: [types('date')],
    run: (context) => proveTemporal(context, 'date', dates),
  }),
  rule({
    id: 'TYP-043',
    title: 'A time of day keeps its microseconds',
    level: 'MUST',
    law: 3,
    tier: 'core',
    since: '2026.1',
    rationale: 'As for timestamps: what was written is what is read.',
    causes: ['the fraction is cut to milliseconds'],
    needs: [types('time')],
    run: (context) => proveTemporal(context, 'time', times),
  }),
  rule({
    id: 'TYP-044',
    title: 'Dates, times and timestamps sort on the server in the order of time',
    level: 'MUST',
    law: 3,
    tier: 'core',
    since: '2026.1',
    rationale: 'A timestamp stored as text must have a fixed width: "56Z" sorts after "56.5Z".',
    causes: ['fractions are stored with varying digits', 'years are stored without leading zeros'],
    needs: [types('timestamp', 'date', 'time')],
    async run(context) {
      for (const [type, values] of [
        [
          'timestamp',
          [...timestamps, '2024-03-31T01:30:00.000001Z', '2024-03-31T01:29:59.900000Z'],
        ],
        ['date', dates],
        ['time', times],
      ] as const) {
        const caller = await context.connect()
        const table = await context.create(caller, [column('v', type), column('id', 'integer')])
        for (const [id, value] of values.entries()) {
          const { operation, values: slots } = insertInto(table, ['v', 'id'], [[value, id]])
          await caller.run(operation, slots)
        }
        const select = selectFrom(table, ['id'])
        const rows = await caller.rows(select.columns, caller.request(select.operation))
        checkEqual(
          `${type}s in the server’s order`,
          rows.map(([id]) => values[id as number]),
          [...values].sort(),
        )
      }
    },
  }),
]

async function proveTemporal(
  context: RuleContext,
  type: LogicalTypeName,
  values: readonly string[],
): Promise<void> {
  await proveType(
    context,
    { name: type },
    values.map((value) => ({ value })),
    { normalise: canonical },
  )
  const caller = await context.connect()
  const table = await context.create(caller, [column('id', 'integer'), column('v', type)])
  const { operation, values: slots } = insertInto(
    table,
    ['id', 'v'],
    values.map((value, id) => [id, value]),
  )
  await caller.run(operation, slots)
  await checkStored(context, caller, table.table.name, values)
}

/**
 * What is stored must be the same moment to another reader of the table, wherever the server shows
 * it as text of the ISO 8601 kind.
 */
async function checkStored(
  context: RuleContext,
  caller: Caller,
  tableName: string,
  values: readonly string[],
): Promise<void> {
  const ddl = ddlOf(context.adapter, { name: 'text' })
  const name = context.adapter.dialect.quoteIdentifier(tableName)
  const rows = await askServer(context, caller, `select cast(v as ${ddl}) from ${name} order by id`)
  for (const [id, value] of values.entries()) {
    const stored = rows[id]?.[0] ?? null
    if (stored === null || !/^\d{4}-\d\d-\d\d|^\d\d:\d\d/.test(stored)) continue
    checkEqual(`what the server stores for ${value}`, canonical(stored), value)
  }
}
