import type { Adapter, Connection, Result } from '@mortise/core/adapter'
import { checkThat, RuleFailure, show } from '../check/index.ts'
import { column, insertInto, raw, request, selectFrom, typed } from '../contract/index.ts'
import { interactive, type Rule, rule } from '../rule/index.ts'
import { checkManifest } from './manifest-shape.ts'

/**
 * Step by step from an empty adapter to one that works. Each step looks at what it needs before it
 * uses it, so that the first thing missing is named and nothing else.
 */
export const startRules: readonly Rule[] = [
  rule({
    id: 'CON-001',
    title: 'connect() gives a connection that can execute and close',
    level: 'MUST',
    law: 6,
    tier: 'start',
    since: '2026.1',
    step: 'connect() → return a connection with execute() and close()',
    rationale: 'Everything else goes through a connection; these two methods are all it must have.',
    causes: ['connect is missing or returns the client itself', 'the database does not answer'],
    async run(context) {
      need(context.adapter, 'connect', 'function')
      const { connection } = await context.connect()
      checkThat('what connect() gave', typeof connection === 'object' && connection !== null, {
        expected: 'a connection',
        seen: show(connection),
      })
      for (const method of ['execute', 'close'] as const) {
        checkThat(`connection.${method}`, typeof connection[method] === 'function', {
          expected: 'a method',
          seen: `${show(connection[method])} for connection.${method}`,
        })
      }
    },
  }),
  rule({
    id: 'EXE-001',
    title: 'A select answers with its columns, its rows as arrays, and affected',
    level: 'MUST',
    law: 6,
    tier: 'start',
    since: '2026.1',
    step: 'execute() → return { columns, rows, affected }',
    rationale: 'Core builds every row object from these arrays, in the order of the columns.',
    causes: [
      'the client gives rows as objects: ask it for arrays',
      'columns is a list of names, not of { name }',
    ],
    async run(context) {
      const { connection } = await context.connect()
      checkSelectOne(await connection.execute(request('select 1', { access: 'read' })), 'select 1')
      const two = await connection.execute(request('select 1 as one, 2 as two', { access: 'read' }))
      checkSelectOne(two, 'select 1 as one, 2 as two')
      const names = two.columns.map(({ name }) => name)
      checkThat('the column names', names.join() === 'one,two', {
        expected: 'one, two',
        seen: `columns ${show(names)} for "select 1 as one, 2 as two"`,
      })
    },
  }),
  rule({
    id: 'DIA-001',
    title: 'The dialect quotes names, writes literals and compiles operations',
    level: 'MUST',
    law: 12,
    tier: 'start',
    since: '2026.1',
    step: 'dialect → describe your SQL: standardDialect({ name, types, placeholders, … })',
    rationale: 'Core writes no SQL of its own: everything it sends comes from the dialect.',
    causes: [
      'the adapter has no dialect',
      'a dialect was spread into another object: use its extend()',
    ],
    async run(context) {
      const { dialect } = context.adapter
      need(context.adapter, 'dialect', 'object')
      for (const method of ['quoteIdentifier', 'quoteLiteral', 'compile', 'transaction'] as const) {
        checkThat(`dialect.${method}`, typeof dialect[method] === 'function', {
          expected: 'a method',
          seen: `${show(dialect[method])} for dialect.${method}`,
        })
      }
      const caller = await context.connect()
      const sql = `select ${dialect.quoteLiteral("it's")} as ${dialect.quoteIdentifier('a "name"')}`
      const result = await caller.text(sql)
      const seen = [result.columns[0]?.name, (result.rows[0] as unknown[])[0]]
      checkThat('a quoted literal and name', seen[0] === 'a "name"' && seen[1] === "it's", {
        expected: `it's as a "name"`,
        seen: `${show(seen[1])} as ${show(seen[0])} for ${show(sql)}`,
      })
      await caller.text(dialect.ping)
    },
  }),
  rule({
    id: 'PAR-001',
    title: 'Parameters reach the statement in the order of the placeholders',
    level: 'MUST',
    law: 3,
    tier: 'start',
    since: '2026.1',
    step: 'execute() → bind request.parameters, in the order of the dialect’s placeholders',
    rationale: 'Values travel beside the SQL, never in it.',
    causes: [
      'request.parameters is not handed to the client',
      'the dialect’s `placeholders` is not the client’s style',
    ],
    async run(context) {
      const caller = await context.connect()
      const { operation, values } = raw(
        'select ',
        typed('text', 'first'),
        ' as a, ',
        typed('text', 'second'),
        ' as b',
      )
      const { sql } = context.adapter.dialect.compile(operation)
      const result = await caller.text(sql, {
        parameters: values.map(({ value }) => value),
        access: 'read',
      })
      const row = result.rows[0]
      checkThat('the row', Array.isArray(row) && row[0] === 'first' && row[1] === 'second', {
        expected: '["first", "second"]',
        seen: `${show(row)} for ${show(sql)} with two texts`,
      })
    },
  }),
  rule({
    id: 'TYP-001',
    title: 'The type table names the column types, and null passes through it',
    level: 'MUST',
    law: 3,
    tier: 'start',
    since: '2026.1',
    step: 'types → for each logical type its DDL name, with encode and decode where the driver’s values differ',
    rationale: 'Core declares columns, encodes parameters and decodes rows by this table alone.',
    causes: [
      'the adapter has no types',
      'a codec has no ddl',
      'create table writes something the database refuses',
    ],
    async run(context) {
      need(context.adapter, 'types', 'object')
      const { codecs } = context.adapter.types
      for (const name of ['integer', 'text'] as const) {
        checkThat(`types.codecs.${name}`, codecs?.[name]?.ddl !== undefined, {
          expected: 'a codec with a ddl',
          seen: `${show(codecs?.[name])} for types.codecs.${name}`,
        })
      }
      const caller = await context.connect()
      const table = await context.create(caller, [column('n', 'integer'), column('s', 'text')])
      for (const row of [
        [1, 'one'],
        [2, null],
        [-3, ''],
      ]) {
        const { operation, values } = insertInto(table, ['n', 's'], [row])
        await caller.run(operation, values)
      }
      const select = selectFrom(table)
      const rows = await caller.rows(select.columns, caller.request(select.operation))
      const expected = [
        [-3, ''],
        [1, 'one'],
        [2, null],
      ]
      checkThat('the rows', show(rows) === show(expected), {
        expected: show(expected),
        seen: `${show(rows)} for an integer and a text column`,
      })
    },
  }),
  rule({
    id: 'EXE-002',
    title: 'affected counts the rows that a statement wrote, and is null for DDL',
    level: 'MUST',
    law: 6,
    tier: 'start',
    since: '2026.1',
    step: 'execute() → affected: the number of rows written, null for a statement that does not count',
    rationale: 'updateAll, deleteAll and insertAll answer with this number.',
    causes: ['the client’s count is under another name', 'DDL reports 0: give null'],
    async run(context) {
      const caller = await context.connect()
      const table = context.table([column('n', 'integer')])
      const created = await caller.run({ kind: 'create_table', ...table })
      checkAffected(created.affected, null, 'create table')
      const insert = insertInto(table, ['n'], [[1], [2], [3]])
      checkAffected(
        (await caller.run(insert.operation, insert.values)).affected,
        3,
        'an insert of 3 rows',
      )
      const remove = await caller.run(
        {
          kind: 'delete',
          table: table.table,
          where: {
            kind: 'compare',
            operator: '<',
            left: { kind: 'column', name: 'n' },
            right: { kind: 'slot', slot: 0, type: { name: 'integer' } },
          },
        },
        [typed('integer', 3)],
      )
      checkAffected(remove.affected, 2, 'a delete of 2 rows')
    },
  }),
  rule({
    id: 'ERR-001',
    title: 'A failed statement throws, is classified, and leaves the connection usable',
    level: 'MUST',
    law: 2,
    tier: 'start',
    since: '2026.1',
    step: 'classifyError() → say what the database’s error means: { kind, code }',
    rationale: 'Core decides retry, staleness and the connection’s fate by this description alone.',
    causes: [
      'classifyError answers undefined for the client’s error class',
      'execute swallows the error',
    ],
    async run(context) {
      need(context.adapter, 'classifyError', 'function')
      const caller = await context.connect()
      let thrown: unknown
      try {
        await caller.text('select from where')
      } catch (error) {
        thrown = error
      }
      checkThat('a text that is no SQL', thrown !== undefined, {
        expected: 'an error',
        seen: 'no error for "select from where"',
      })
      const description = context.adapter.classifyError(thrown)
      checkThat('classifyError', typeof description?.kind === 'string', {
        expected: '{ kind: … }',
        seen: `${show(description)} for the error of "select from where"`,
      })
      await caller.text('select 1')
    },
  }),
  rule({
    id: 'MAN-001',
    title: 'The manifest is complete',
    level: 'MUST',
    law: 6,
    tier: 'start',
    since: '2026.1',
    step: 'capabilities → fill in the manifest: native, emulated or absent for each entry',
    rationale: 'An entry that is missing would be neither proved nor refused.',
    causes: ['an entry is missing', 'the topology is missing'],
    run(context) {
      need(context.adapter, 'capabilities', 'object')
      need(context.adapter, 'name', 'string')
      const { topology } = context.adapter
      checkThat('topology', ['pool', 'writer-readers', 'single', 'stateless'].includes(topology), {
        expected: 'pool, writer-readers, single or stateless',
        seen: `${show(topology)} for topology`,
      })
      checkManifest(context.adapter.capabilities)
    },
  }),
  rule({
    id: 'TX-001',
    title: 'A rollback undoes and a commit keeps',
    level: 'MUST',
    law: 1,
    tier: 'start',
    since: '2026.1',
    step: 'dialect.transaction() → begin, commit and rollback that work on this connection',
    rationale:
      'A transaction that keeps what was rolled back, or loses what was committed, is none.',
    causes: [
      'the client opens another connection for each statement',
      'autocommit is on',
      'the manifest should say transactions: batch or none',
    ],
    needs: [interactive],
    async run(context) {
      const caller = await context.connect()
      const table = await context.create(caller, [column('n', 'integer')])
      for (const [n, end] of [
        [1, 'rollback'],
        [2, 'commit'],
      ] as const) {
        await caller.transaction({ kind: 'begin' })
        const { operation, values } = insertInto(table, ['n'], [[n]])
        await caller.run(operation, values)
        await caller.transaction({ kind: end })
      }
      const select = selectFrom(table)
      const rows = await caller.rows(select.columns, caller.request(select.operation))
      checkThat('the rows', show(rows) === show([[2]]), {
        expected: 'the committed row alone',
        seen: `${show(rows)} after a rollback of 1 and a commit of 2`,
      })
    },
  }),
  rule({
    id: 'CON-002',
    title: 'close() ends the session, and what comes after it is refused',
    level: 'MUST',
    law: 2,
    tier: 'start',
    since: '2026.1',
    step: 'close() → end the session',
    rationale: 'A session that stays open holds locks and a place on the server.',
    causes: ['close does nothing', 'close returns before the session is over'],
    async run(context) {
      const { connection } = await context.connect()
      await connection.close()
      let answer: unknown
      try {
        answer = await connection.execute(request('select 1'))
      } catch {
        return
      }
      throw new RuleFailure(
        'a statement after close()',
        'an error',
        `${show(answer)} for "select 1" on a closed connection`,
      )
    },
  }),
]

function need(adapter: Adapter, part: keyof Adapter, type: 'function' | 'object' | 'string'): void {
  const value: unknown = adapter[part]
  checkThat(`the adapter’s ${part}`, typeof value === type && value !== null, {
    expected: type === 'object' ? 'an object' : `a ${type}`,
    seen: `${show(value)} for ${part}`,
  })
}

function checkSelectOne(result: Awaited<ReturnType<Connection['execute']>>, sql: string): void {
  const seen = (value: unknown) => `${show(value)} for ${JSON.stringify(sql)}`
  checkThat('the answer', typeof result === 'object' && result !== null, {
    expected: '{ columns, rows, affected }',
    seen: seen(result),
  })
  const { columns, rows, affected } = result as Partial<Result>
  checkThat(
    'columns',
    Array.isArray(columns) && columns.every((each) => typeof each?.name === 'string'),
    {
      expected: '[{ name }, …]',
      seen: seen(columns),
    },
  )
  checkThat('rows', Array.isArray(rows) && rows.length === 1 && Array.isArray(rows[0]), {
    expected: '[[1]]: rows as arrays',
    seen: seen(rows),
  })
  const [first]: readonly unknown[] = (rows as readonly (readonly unknown[])[])[0] ?? []
  checkThat('the value', first === 1 || first === 1n, { expected: '1', seen: seen(first) })
  checkThat('affected', affected === null || affected === 0, {
    expected: 'null: a select writes nothing',
    seen: `affected ${seen(affected)}`,
  })
}

function checkAffected(seen: unknown, expected: number | null, of: string): void {
  checkThat('affected', seen === expected, {
    expected: String(expected),
    seen: `affected ${show(seen)} for ${of}`,
  })
}
