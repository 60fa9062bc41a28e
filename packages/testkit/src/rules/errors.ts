import type { ErrorDescription, ErrorKind } from '@mortise/core/adapter'
import { checkEqual, checkRefuses, checkThat, NotApplicable, show } from '../check/index.ts'
import {
  type Caller,
  column,
  createTable,
  insertInto,
  raw,
  selectFrom,
  type TestTable,
  typed,
} from '../contract/index.ts'
import { type Rule, rule } from '../rule/index.ts'

const secret = 'hunter2-9f3c'

export const errorRules: readonly Rule[] = [
  rule({
    id: 'ERR-010',
    title: 'A unique violation is called so, with the names that the database tells',
    level: 'MUST',
    law: 4,
    tier: 'core',
    since: '2026.1',
    rationale: '"This address is taken" hangs on knowing which constraint refused the row.',
    causes: [
      'the code is not mapped',
      'names are taken from a message that is localised or reworded',
    ],
    async run(context) {
      const caller = await context.connect()
      const name = context.name('key')
      const table = await context.create(
        caller,
        [
          column('id', 'integer', { nullable: false }),
          column('mail', 'text'),
          column('host', 'text'),
        ],
        { primaryKey: ['id'], unique: [{ name, columns: ['mail', 'host'] }] },
      )
      await insert(caller, table, [1, 'a', 'b'])
      const unique = await violation(caller, 'unique_violation', table, () =>
        insert(caller, table, [2, 'a', 'b']),
      )
      checkNames(unique, { table, constraint: [name], columns: ['mail', 'host'] })
      const key = await violation(caller, 'unique_violation', table, () =>
        insert(caller, table, [1, 'c', 'd']),
      )
      checkNames(key, { table, constraint: undefined, columns: ['id'] })
    },
  }),
  rule({
    id: 'ERR-011',
    title: 'A foreign key violation is called so, from either side',
    level: 'MUST',
    law: 4,
    tier: 'core',
    since: '2026.1',
    rationale:
      'A row that is still referred to and a row that refers to nothing are the same breach.',
    causes: ['the code is not mapped', 'foreign keys are off unless the session turns them on'],
    async run(context) {
      const caller = await context.connect()
      const parent = await context.create(caller, [column('id', 'integer', { nullable: false })], {
        primaryKey: ['id'],
      })
      const name = context.name('reference')
      const child = await context.create(caller, [column('parent', 'integer')], {
        foreignKeys: [
          {
            name,
            columns: ['parent'],
            references: parent.table,
            referencedColumns: ['id'],
          },
        ],
      })
      await insert(caller, parent, [1])
      await insert(caller, child, [1])
      const missing = await violation(caller, 'foreign_key_violation', child, () =>
        insert(caller, child, [2]),
      )
      checkNames(missing, { table: child, constraint: [name], columns: ['parent'] })
      await violation(caller, 'foreign_key_violation', parent, () =>
        caller.run({ kind: 'delete', table: parent.table }),
      )
    },
  }),
  rule({
    id: 'ERR-012',
    title: 'A check violation is called so',
    level: 'MUST',
    law: 4,
    tier: 'core',
    since: '2026.1',
    rationale: 'A check is the last guard of a rule of the business, and its name says which.',
    causes: ['the code is not mapped'],
    async run(context) {
      const caller = await context.connect()
      const name = context.name('positive')
      const table = context.table([column('n', 'integer')])
      await caller.definition(
        createTable(table, {
          checks: [
            {
              name,
              expression: { kind: 'raw', parts: [{ kind: 'identifier', name: 'n' }, ' > 0'] },
            },
          ],
        }),
        'the database has no check constraints',
      )
      await insert(caller, table, [1])
      const described = await violation(caller, 'check_violation', table, () =>
        insert(caller, table, [-1]),
      )
      checkNames(described, { table, constraint: [name], columns: ['n'] })
    },
  }),
  rule({
    id: 'ERR-013',
    title: 'A null where none may be is called so, with its column',
    level: 'MUST',
    law: 4,
    tier: 'core',
    since: '2026.1',
    rationale: 'The commonest mistake in a form should name its field.',
    causes: ['the code is not mapped', 'the column is taken from the wrong part of the message'],
    async run(context) {
      const caller = await context.connect()
      const table = await context.create(caller, [
        column('id', 'integer'),
        column('due', 'text', { nullable: false }),
      ])
      const described = await violation(caller, 'not_null_violation', table, () =>
        insert(caller, table, [1, null]),
      )
      checkNames(described, { table, constraint: undefined, columns: ['due'] })
    },
  }),
  rule({
    id: 'ERR-014',
    title: 'Bad SQL, missing and duplicate objects are told apart',
    level: 'MUST',
    law: 4,
    tier: 'core',
    since: '2026.1',
    rationale:
      'A migrator that finds its table there already goes on; one that cannot be parsed must not.',
    causes: ['the database has one code for several of them, and the driver does not look further'],
    async run(context) {
      const caller = await context.connect()
      const table = await context.create(caller, [column('n', 'integer')])
      const quote = (name: string) => context.adapter.dialect.quoteIdentifier(name)
      const name = quote(table.table.name)
      const kinds: readonly (readonly [ErrorKind, string])[] = [
        ['syntax', `select from ${name} where`],
        ['syntax', `selekt * from ${name}`],
        ['undefined_object', `select * from ${quote(context.name('missing'))}`],
        ['undefined_object', `select no_such_column from ${name}`],
        ['duplicate_object', `create table ${name} (n ${'integer'})`],
      ]
      for (const [kind, sql] of kinds) {
        const described = await failure(caller, sql, () => caller.text(sql))
        checkEqual(`the kind of the error of ${show(sql)}`, described?.kind, kind)
      }
    },
  }),
  rule({
    id: 'ERR-015',
    title: 'A description holds no values',
    level: 'MUST',
    law: 10,
    tier: 'core',
    since: '2026.1',
    rationale: 'Error messages go to logs, to trackers and to people who may not see the row.',
    causes: ['the database’s message is passed on although it shows the row or the key'],
    async run(context) {
      const caller = await context.connect()
      const table = await context.create(
        caller,
        [
          column('id', 'integer'),
          column('password', 'text', { nullable: false }),
          column('other', 'text', { nullable: false }),
        ],
        { unique: [{ columns: ['password'] }] },
      )
      await insert(caller, table, [1, secret, 'x'])
      const calls: readonly (readonly [string, () => Promise<unknown>])[] = [
        ['a unique violation', () => insert(caller, table, [2, secret, 'x'])],
        ['a null violation', () => insert(caller, table, [3, `${secret}3`, null])],
        [
          'a value that is no number',
          () => {
            const { operation, values } = raw(
              'select * from no_such_table where secret = ',
              typed('text', secret),
            )
            return caller.run(operation, values)
          },
        ],
      ]
      for (const [what, call] of calls) {
        const error = await checkRefuses(what, call)
        const described = context.adapter.classifyError(error)
        const text = JSON.stringify(described ?? null)
        checkThat(`the description of ${what}`, !text.includes(secret), {
          expected: 'no value of the row',
          seen: text.replaceAll(secret, '<the value>'),
        })
      }
    },
  }),
  rule({
    id: 'ERR-016',
    title: 'Errors that are not the database’s are left alone',
    level: 'MUST',
    law: 4,
    tier: 'core',
    since: '2026.1',
    rationale: 'A bug in the application must not look like a lost connection.',
    causes: ['classifyError has a last branch for everything', 'it reads properties of undefined'],
    run(context) {
      const foreign = [
        new TypeError('x is not a function'),
        new Error('connection is not what I expected'),
        Object.assign(new Error('no entry'), { code: 'ENOENT' }),
        undefined,
        null,
        'a text',
        42,
        {},
        Object.create(null),
      ]
      for (const error of foreign) {
        let described: ErrorDescription | undefined
        try {
          described = context.adapter.classifyError(error)
        } catch (thrown) {
          checkThat(`classifyError of ${show(error)}`, false, {
            expected: 'undefined',
            seen: `it threw ${show(thrown)}`,
          })
        }
        checkEqual(`classifyError of ${show(error)}`, described, undefined)
      }
    },
  }),
  rule({
    id: 'ERR-017',
    title: 'Names in an error are the real ones, however odd, or left out',
    level: 'MUST',
    law: 4,
    tier: 'core',
    since: '2026.1',
    rationale:
      'A name cut out of a message by its punctuation is a wrong name as soon as names have some.',
    causes: ['names are cut out of the message by a regular expression that a name can break'],
    async run(context) {
      const caller = await context.connect()
      for (const odd of ['a.b', 'c, d', 'e "f"', 'constraint failed: x', 'é (g)', "it's"]) {
        const table = context.table([column('plain', 'integer'), column(odd, 'text')])
        const constraint = context.name(odd)
        await caller.run(
          createTable(table, { unique: [{ name: constraint, columns: [odd, 'plain'] }] }),
        )
        await insert(caller, table, [1, 'x'])
        const unique = await violation(caller, 'unique_violation', table, () =>
          insert(caller, table, [1, 'x']),
        )
        checkNames(unique, { table, constraint: [constraint], columns: [odd, 'plain'] })
      }
    },
  }),
  rule({
    id: 'ERR-018',
    title: 'A statement that fails writes none of its rows',
    level: 'MUST',
    law: 1,
    tier: 'core',
    since: '2026.1',
    rationale:
      'insertAll sends many rows in one statement; half of them is neither success nor failure.',
    causes: [
      'rows are sent one by one without a transaction',
      'the database is told to keep what went before',
    ],
    async run(context) {
      const caller = await context.connect()
      const table = await context.create(caller, [column('id', 'integer', { nullable: false })], {
        primaryKey: ['id'],
      })
      const { operation, values } = insertInto(table, ['id'], [[1], [2], [3], [2], [5]])
      await checkRefuses('an insert whose fourth row is a duplicate', () =>
        caller.run(operation, values),
      )
      const select = selectFrom(table)
      const rows = await caller.rows(select.columns, caller.request(select.operation))
      checkEqual('the rows after a failed insert', rows, [])
    },
  }),
]

async function insert(caller: Caller, table: TestTable, row: readonly unknown[]): Promise<unknown> {
  const names = table.columns.map(({ name }) => name)
  const { operation, values } = insertInto(table, names, [row])
  return await caller.run(operation, values)
}

/** The description of a call that must fail. The connection must be usable after it, if it is kept. */
async function failure(
  caller: Caller,
  what: string,
  call: () => unknown,
): Promise<ErrorDescription | undefined> {
  const error = await checkRefuses(what, call)
  if (error instanceof NotApplicable) throw error
  const described = caller.adapter.classifyError(error)
  checkThat(`classifyError after ${what}`, described !== undefined, {
    expected: 'a description',
    seen: `undefined for ${show(error)}`,
  })
  checkThat(`the fate of the connection after ${what}`, described.fate !== 'discard', {
    expected: 'keep: nothing happened to the session',
    seen: 'discard',
  })
  await caller.text('select 1')
  return described
}

async function violation(
  caller: Caller,
  kind: ErrorKind,
  table: TestTable,
  call: () => unknown,
): Promise<ErrorDescription> {
  const what = `a ${kind.replaceAll('_', ' ')} on the columns ${table.columns.map(({ name }) => name).join(', ')}`
  const described = await failure(caller, what, call)
  checkEqual(`the kind of ${what}`, described?.kind, kind)
  checkThat(`retrying ${what}`, described?.retryable !== true, {
    expected: 'not retryable: it would fail again',
    seen: 'retryable',
  })
  return described as ErrorDescription
}

/** What is told must be right; what is not told is no mistake. */
function checkNames(
  described: ErrorDescription,
  real: {
    readonly table: TestTable
    readonly constraint: readonly string[] | undefined
    readonly columns: readonly string[]
  },
): void {
  if (described.table !== undefined) {
    checkEqual('the table that the error names', described.table, real.table.table.name)
  }
  if (described.constraint !== undefined && real.constraint !== undefined) {
    checkThat(
      'the constraint that the error names',
      real.constraint.includes(described.constraint),
      {
        expected: real.constraint.join(' or '),
        seen: show(described.constraint),
      },
    )
  }
  const columns = described.columns ?? (described.column === undefined ? [] : [described.column])
  for (const name of columns) {
    checkThat('the column that the error names', real.columns.includes(name), {
      expected: real.columns.map(show).join(', '),
      seen: show(name),
    })
  }
}
