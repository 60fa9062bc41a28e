import { ValueError } from '@mortise/core/adapter'
import { checkEqual, checkThat, show } from '../check/index.ts'
import { askServer } from '../context/index.ts'
import { column, ddlOf, raw, selectFrom, typed } from '../contract/index.ts'
import { type Rule, rule, types } from '../rule/index.ts'
import { canonical } from './typ-canonical.ts'
import { proveType } from './typ-proof.ts'

const max64 = 2n ** 63n - 1n
const min64 = -(2n ** 63n)
const subnormal = 5e-324

export const numberRules: readonly Rule[] = [
  rule({
    id: 'TYP-002',
    title: 'Integers are exact from end to end of their range',
    level: 'MUST',
    law: 3,
    tier: 'core',
    since: '2026.1',
    rationale: 'An identifier that is off by one belongs to somebody else.',
    causes: [
      'integers are bound as doubles or as text',
      'the column type is narrower than the logical type says',
    ],
    needs: [types('integer')],
    async run(context) {
      const ends = [0, 1, -1, 127, -128, 32_767, -32_768]
      await proveType(
        context,
        { name: 'integer', bits: 16 },
        ends.map((value) => ({ value })),
      )
      const wider = [2_147_483_647, -2_147_483_648, 65_536, 16_777_217]
      await proveType(
        context,
        { name: 'integer', bits: 32 },
        wider.map((value) => ({ value })),
      )
      const widest = [Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER, 2 ** 52 + 1, 4_294_967_296]
      await proveType(
        context,
        { name: 'integer' },
        widest.map((value) => ({ value })),
      )
    },
  }),
  rule({
    id: 'TYP-003',
    title: 'A bigint keeps all 64 bits',
    level: 'MUST',
    law: 3,
    tier: 'core',
    since: '2026.1',
    rationale: 'Numbers above 2^53 that pass through a double come out as their neighbours.',
    causes: [
      'the client returns 64-bit integers as numbers unless told otherwise',
      'decode turns the value into a number first',
      'a bigint is bound as a double',
    ],
    needs: [types('bigint')],
    async run(context) {
      const edge = 2n ** 53n
      const values = [0n, -1n, edge - 1n, edge, edge + 1n, -edge - 1n, max64, max64 - 1n, min64]
      await proveType(
        context,
        { name: 'bigint' },
        values.map((value) => ({ value })),
      )
    },
  }),
  rule({
    id: 'TYP-004',
    title: 'An integer column refuses to read what is beyond 2^53',
    level: 'MUST',
    law: 3,
    tier: 'core',
    since: '2026.1',
    rationale:
      'Another program may have written the value; a number close to it is worse than an error.',
    causes: ['decode takes any number', 'the client rounds before decode can look'],
    needs: [types('integer')],
    async run(context) {
      const caller = await context.connect()
      const table = await context.create(caller, [column('v', 'integer')])
      const name = context.adapter.dialect.quoteIdentifier(table.table.name)
      const literal = context.adapter.dialect.quoteLiteral(2n ** 53n + 1n)
      await caller.text(`insert into ${name} (v) values (${literal})`)
      const select = selectFrom(table)
      let rows: unknown
      try {
        rows = await caller.rows(select.columns, caller.request(select.operation))
      } catch (error) {
        checkThat('reading 2^53 + 1 as an integer', error instanceof ValueError, {
          expected: 'a ValueError',
          seen: show(error),
        })
        return
      }
      checkThat('reading 2^53 + 1 as an integer', false, {
        expected: 'a ValueError',
        seen: show(rows),
      })
    },
  }),
  rule({
    id: 'TYP-005',
    title: 'A raw 64-bit integer arrives exactly or not at all',
    level: 'MUST',
    law: 3,
    tier: 'core',
    since: '2026.1',
    rationale:
      'A raw query has no column types to warn by; its numbers must be right all the same.',
    causes: ['the client’s fast mode rounds large integers without an error'],
    async run(context) {
      const caller = await context.connect()
      const { dialect } = context.adapter
      for (const value of [2n ** 53n + 1n, -(2n ** 53n) - 1n, max64, min64]) {
        let seen: unknown
        try {
          const result = await caller.text(`select ${dialect.quoteLiteral(value)} as v`, {
            access: 'read',
          })
          seen = (result.rows[0] as readonly unknown[])[0]
        } catch {
          continue
        }
        checkThat(`a raw ${value}`, typeof seen !== 'number' && String(seen) === String(value), {
          expected: `${value}n or an error`,
          seen: show(seen),
        })
      }
    },
  }),
  rule({
    id: 'TYP-006',
    title: 'A float keeps every bit, and special values are kept or refused',
    level: 'MUST',
    law: 3,
    tier: 'core',
    since: '2026.1',
    rationale: 'NaN that becomes null, or −0 that becomes 0, changes results silently.',
    causes: [
      'NaN is bound as NULL',
      'the server prints floats with too few digits',
      'the client turns whole floats into integers and back',
    ],
    needs: [types('float')],
    async run(context) {
      const exact = [0, 1, -1.5, 0.1, 1 / 3, 1e21, 2 ** 53, 123_456_789.123_456_78, 1e-7, 1e300]
      const odd = [
        Number.NaN,
        Number.POSITIVE_INFINITY,
        Number.NEGATIVE_INFINITY,
        -0,
        subnormal,
        Number.MAX_VALUE,
        Number.MIN_VALUE * 3,
      ]
      await proveType(context, { name: 'float' }, [
        ...exact.map((value) => ({ value })),
        ...odd.map((value) => ({ value, mayRefuse: true })),
      ])
    },
  }),
  rule({
    id: 'TYP-007',
    title: 'A decimal keeps every digit that was written',
    level: 'MUST',
    law: 3,
    tier: 'core',
    since: '2026.1',
    rationale: 'Money: 1.50 is not 1.5, and the fortieth digit is somebody’s cent.',
    causes: [
      'the value passes through a number',
      'the column type has number affinity',
      'trailing zeros are cut off while decoding',
    ],
    needs: [types('decimal')],
    async run(context) {
      const values = [
        '0',
        '1.50',
        '-0.10',
        '0.00000000000000000001',
        '100000000000000000000',
        '1234567890123456789012345678901234567890',
        '123456789012345678901234567890.123456789',
        '9007199254740993.1',
      ]
      await proveType(
        context,
        { name: 'decimal' },
        values.map((value) => ({ value })),
      )
      const caller = await context.connect()
      const type = { name: 'decimal' as const, precision: 10, scale: 2 }
      const table = await context.create(caller, [column('v', type)])
      const name = context.adapter.dialect.quoteIdentifier(table.table.name)
      const { operation, values: slots } = raw(
        `insert into ${name} (v) values (`,
        typed(type, '12345678.90'),
        ')',
      )
      await caller.run(operation, slots)
      const select = selectFrom(table)
      const rows = await caller.rows(select.columns, caller.request(select.operation))
      checkEqual('a decimal of scale 2', rows, [['12345678.90']])
    },
  }),
  rule({
    id: 'TYP-008',
    title: 'A boolean is true or false to the server and to the application',
    level: 'MUST',
    law: 3,
    tier: 'core',
    since: '2026.1',
    rationale: 'A 1 that is not === true passes tests and fails conditions.',
    causes: ['booleans are read as the driver gives them: 1 and 0', 'booleans are bound as text'],
    needs: [types('boolean')],
    async run(context) {
      await proveType(context, { name: 'boolean' }, [{ value: true }, { value: false }])
    },
  }),
  rule({
    id: 'TYP-009',
    title: 'Numbers sort on the server as they do in the application',
    level: 'MUST',
    law: 3,
    tier: 'core',
    since: '2026.1',
    rationale: 'A number that is stored as text comes back right and sorts wrong: 10 before 9.',
    causes: ['the column type or the bound value is text'],
    needs: [types('integer', 'bigint', 'float')],
    async run(context) {
      const caller = await context.connect()
      for (const [type, values] of [
        ['integer', [-20, -3, 0, 9, 10, 100, 20_000]],
        ['bigint', [-(2n ** 62n), -3n, 9n, 10n, 2n ** 53n + 1n, 2n ** 62n]],
        ['float', [-1.5, -0.25, 0, 0.5, 9.5, 10.25, 1e10]],
      ] as const) {
        const table = await context.create(caller, [column('v', type)])
        const name = context.adapter.dialect.quoteIdentifier(table.table.name)
        for (const value of values.toReversed()) {
          const { operation, values: slots } = raw(
            `insert into ${name} (v) values (`,
            typed(type, value),
            ')',
          )
          await caller.run(operation, slots)
        }
        const select = selectFrom(table)
        const rows = await caller.rows(select.columns, caller.request(select.operation))
        checkEqual(
          `${type}s in the server’s order`,
          rows.map(([value]) => value),
          values,
        )
      }
    },
  }),
  rule({
    id: 'TYP-010',
    title: 'An integer parameter is an integer to the server',
    level: 'MUST',
    law: 3,
    tier: 'core',
    since: '2026.1',
    rationale: 'A 1 that arrives as 1.0 prints otherwise, divides otherwise and misses indexes.',
    causes: ['the client binds every JavaScript number as a double: encode integers as bigint'],
    needs: [types('integer', 'text')],
    async run(context) {
      const caller = await context.connect()
      const ddl = ddlOf(context.adapter, { name: 'text' })
      for (const value of [1, -7, 1_000_000_000_000]) {
        const { operation, values } = raw(
          'select cast(',
          typed('integer', value),
          ` as ${ddl}) as v`,
        )
        const rows = await caller.rows(
          [{ name: 'v', type: { name: 'text' } }],
          caller.request(operation, values),
        )
        checkEqual(`the server’s text of the parameter ${value}`, rows, [[String(value)]])
      }
    },
  }),
  rule({
    id: 'TYP-011',
    title: 'Null is null in every type, also between values',
    level: 'MUST',
    law: 3,
    tier: 'core',
    since: '2026.1',
    rationale:
      'A null that repeats the value before it, or comes back as 0 or "", is a wrong answer.',
    causes: ['a column buffer is reused and not cleared', 'encode or decode is called with null'],
    async run(context) {
      const caller = await context.connect()
      const samples = Object.entries(sampleOf).filter(
        ([name]) => context.adapter.types.codecs[name as keyof typeof sampleOf] !== undefined,
      ) as [keyof typeof sampleOf, unknown][]
      const columns = samples.map(([name]) => column(`c_${name}`, name))
      const table = await context.create(caller, [column('id', 'integer'), ...columns])
      const name = context.adapter.dialect.quoteIdentifier(table.table.name)
      for (const id of [1, 2, 3]) {
        const cells = samples.flatMap(([type, value]) => [
          ', ',
          typed(type, id === 2 ? null : value),
        ])
        const { operation, values } = raw(
          `insert into ${name} values (`,
          typed('integer', id),
          ...cells,
          ')',
        )
        await caller.run(operation, values)
      }
      const select = selectFrom(table)
      const rows = await caller.rows(select.columns, caller.request(select.operation))
      const full = samples.map(([, value]) => value)
      const spelled = rows.map((row) => row.map(canonical))
      checkEqual('rows around a row of nulls', spelled, [
        [1, ...full],
        [2, ...full.map(() => null)],
        [3, ...full],
      ])
      const isNull = columns.map((each) => `${each.name} is null`).join(' and ')
      const counted = await askServer(
        context,
        caller,
        `select count(*) from ${name} where ${isNull}`,
      )
      checkEqual('the rows that are null to the server', counted, [['1']])
    },
  }),
]

/** One value a type. */
const sampleOf = {
  boolean: true,
  integer: 7,
  bigint: 9_007_199_254_740_993n,
  float: 1.5,
  decimal: '1.50',
  text: 'seven',
  bytes: Uint8Array.of(7, 0, 255),
  uuid: '0190b5a2-7c1e-7bcd-8f00-0123456789ab',
  date: '2024-02-29',
  time: '23:59:59.123456',
  timestamp: '2024-02-29T23:59:59.123456Z',
} as const
