import { type IsolationLevel, sql, t, UnsupportedError } from '@mortise/core'
import { checkEqual, checkErrorIs, checkRefuses, checkThat, show } from '../check/index.ts'
import { claimAt, denies, interactive, type Rule, rule, type SupportPath } from '../rule/index.ts'

const levels: readonly IsolationLevel[] = [
  'read uncommitted',
  'read committed',
  'repeatable read',
  'snapshot',
  'serializable',
]

export const claimRules: readonly Rule[] = [
  rule({
    id: 'MAN-010',
    title: 'What the manifest denies is refused before anything is sent',
    level: 'MUST',
    law: 6,
    tier: 'core',
    since: '2026.1',
    rationale: 'An option that is silently ignored is a lock that was not taken.',
    causes: ['the dialect writes it although the manifest denies it', 'another error comes first'],
    async run(context) {
      const { capabilities } = context.adapter
      const repo = context.repo()
      const rows = context.define({
        n: t.integer({ primaryKey: true }),
        s: t.text({ nullable: true }),
      })
      await context.build(repo, rows)
      await repo.insertAll(rows, [{ n: 1 }])
      const table = rows.n.table.name
      const one = { n: 1, s: null }
      const lock = capabilities.rowLocks[0]
      const calls: readonly (readonly [SupportPath, () => Promise<unknown>])[] = [
        ['returning.insert', () => repo.insert(rows, one, { returning: true })],
        ['returning.update', () => repo.update(rows, 1, { s: 'x' }, { returning: true })],
        ['returning.delete', () => repo.delete(rows, 1, { returning: true })],
        ['upsert.nothing', () => repo.insertAll(rows, [one], { onConflict: 'nothing' })],
        [
          'upsert.update',
          () =>
            repo.insertAll(rows, [one], { onConflict: { replace: ['s'] }, conflictTarget: 'n' }),
        ],
        [
          'upsert.columns',
          () => repo.insertAll(rows, [one], { onConflict: 'nothing', conflictTarget: 'n' }),
        ],
        [
          'upsert.partialIndex',
          () =>
            repo.insertAll(rows, [one], {
              onConflict: 'nothing',
              conflictTarget: { columns: 'n', where: { s: 'x' } },
            }),
        ],
        [
          'upsert.constraint',
          () =>
            repo.insertAll(rows, [one], {
              onConflict: 'nothing',
              conflictTarget: { constraint: table },
            }),
        ],
        [
          'upsert.unsafeFragment',
          () =>
            repo.insertAll(rows, [one], {
              onConflict: 'nothing',
              conflictTarget: { unsafeFragment: '(n)' },
            }),
        ],
        [
          'readOnlyTransactions',
          () => repo.transaction((tx) => tx.count(rows), { readOnly: true }),
        ],
        [
          'deferrableTransactions',
          () => repo.transaction((tx) => tx.count(rows), { deferrable: true }),
        ],
        ['scripts', () => repo.script('select 1; select 2')],
        ['prefix', () => repo.withPrefix('elsewhere').count(rows)],
        ...(lock === undefined
          ? []
          : ([
              ['skipLocked', () => repo.all(rows, { lock: { mode: lock, skipLocked: true } })],
              ['noWait', () => repo.all(rows, { lock: { mode: lock, noWait: true } })],
            ] as const)),
      ]
      const refused = async (what: string, call: () => Promise<unknown>) => {
        const sent = context.sent()
        const error = await checkRefuses(what, call)
        checkErrorIs(`the error of ${what}`, error, UnsupportedError)
        checkEqual(`what was sent for ${what}`, context.sent() - sent, 0)
      }
      for (const [path, call] of calls) {
        if (claimAt(capabilities, path) === 'absent')
          await refused(`${path}, which is absent,`, call)
      }
      if (capabilities.transactions === 'interactive') {
        for (const isolation of levels) {
          if (capabilities.isolationLevels.includes(isolation)) continue
          await refused(`the isolation level ${isolation}, which is not claimed,`, () =>
            repo.transaction((tx) => tx.count(rows), { isolation }),
          )
        }
      } else {
        await refused('a transaction, which is absent,', () =>
          repo.transaction((tx) => tx.count(rows)),
        )
      }
      if (lock === undefined) {
        await refused('a row lock, which is absent,', () => repo.all(rows, { lock: 'update' }))
      }
      if (capabilities.streaming === 'absent') {
        await refused('a stream, which is absent,', async () => {
          for await (const _ of repo.stream(sql`select 1`)) break
        })
      }
    },
  }),
  rule({
    id: 'MAN-011',
    title: 'What the manifest claims of connections, they have',
    level: 'MUST',
    law: 6,
    tier: 'core',
    since: '2026.1',
    rationale: 'A claim without the method behind it fails at its first use.',
    causes: ['a method was renamed or left out', 'the manifest was copied from another adapter'],
    async run(context) {
      const { capabilities, dialect, migrationLocks = {} } = context.adapter
      const { connection } = await context.connect()
      const has = (claim: string, what: string, there: boolean) =>
        checkThat(claim, there, { expected: what, seen: 'none' })
      if (capabilities.streaming === 'interleaved' || capabilities.streaming === 'exclusive') {
        has(
          `streaming: ${capabilities.streaming}`,
          'connection.stream',
          connection.stream !== undefined,
        )
      }
      if (capabilities.streaming === 'emulated') {
        has('streaming: emulated', 'dialect.cursor', dialect.cursor !== undefined)
      }
      if (capabilities.scripts === 'native') {
        has('scripts: native', 'connection.executeScript', connection.executeScript !== undefined)
      }
      if (capabilities.cancel === 'server') {
        has('cancel: server', 'connection.cancel', connection.cancel !== undefined)
      }
      if (capabilities.transactions === 'batch') {
        has('transactions: batch', 'connection.executeBatch', connection.executeBatch !== undefined)
      }
      checkEqual(
        'the names of adapter.migrationLocks',
        Object.keys(migrationLocks).sort(),
        [...capabilities.migrationLocks].sort(),
      )
      checkThat(
        'isolationLevels',
        capabilities.isolationLevels.every((each) => levels.includes(each)),
        {
          expected: levels.join(', '),
          seen: show(capabilities.isolationLevels),
        },
      )
      if (capabilities.transactions === 'interactive') {
        has(
          'transactions: interactive',
          'a default isolation level',
          capabilities.isolationLevels.length > 0,
        )
      }
    },
  }),
  rule({
    id: 'MAN-012',
    title: 'RETURNING is claimed where the database has it',
    level: 'SHOULD',
    law: 6,
    tier: 'core',
    since: '2026.1',
    rationale: 'An application does without, because the manifest said so, and need not.',
    causes: ['the manifest was left at absent'],
    async run(context) {
      const { capabilities, dialect } = context.adapter
      const caller = await context.connect()
      const table = context.table([{ name: 'n', type: { name: 'integer' }, nullable: true }])
      await caller.run({ kind: 'create_table', ...table })
      const name = dialect.quoteIdentifier(table.table.name)
      for (const [path, text] of [
        ['returning.insert', `insert into ${name} (n) values (1) returning n`],
        ['returning.update', `update ${name} set n = 2 returning n`],
        ['returning.delete', `delete from ${name} returning n`],
      ] as const) {
        if (claimAt(capabilities, path) !== 'absent') continue
        const works = await caller.text(text).then(
          ({ rows }) => rows.length === 1,
          () => false,
        )
        checkThat(`${path}: absent`, !works, {
          expected: 'a database without it',
          seen: 'RETURNING works',
        })
      }
    },
  }),
  rule({
    id: 'MAN-013',
    title: 'Savepoints are claimed where the database has them',
    level: 'SHOULD',
    law: 6,
    tier: 'core',
    since: '2026.1',
    rationale: 'Without them no nested transaction can fail alone.',
    causes: ['the manifest was left at absent'],
    needs: [interactive, denies('savepoints')],
    async run(context) {
      const caller = await context.connect()
      await caller.transaction({ kind: 'begin' })
      const works = await caller
        .text('savepoint probe')
        .then(() => caller.text('rollback to savepoint probe'))
        .then(
          () => true,
          () => false,
        )
      await caller.transaction({ kind: 'rollback' })
      checkThat('savepoints: absent', !works, {
        expected: 'a database without them',
        seen: 'a savepoint was made and rolled back to',
      })
    },
  }),
  rule({
    id: 'MAN-014',
    title: 'Upserts are claimed where the database has them',
    level: 'SHOULD',
    law: 6,
    tier: 'core',
    since: '2026.1',
    rationale: 'What an application writes instead is a race.',
    causes: ['the manifest was left at absent'],
    async run(context) {
      const { capabilities, dialect } = context.adapter
      const caller = await context.connect()
      const table = context.table(
        [
          { name: 'n', type: { name: 'integer' }, nullable: false },
          { name: 'v', type: { name: 'integer' }, nullable: true },
        ],
        ['n'],
      )
      await caller.run({ kind: 'create_table', ...table })
      const name = dialect.quoteIdentifier(table.table.name)
      for (const [path, text] of [
        ['upsert.nothing', `insert into ${name} (n) values (1) on conflict do nothing`],
        ['upsert.columns', `insert into ${name} (n) values (1) on conflict (n) do nothing`],
        ['upsert.update', `insert into ${name} (n) values (1) on conflict (n) do update set v = 2`],
      ] as const) {
        if (claimAt(capabilities, path) !== 'absent') continue
        const works = await caller.text(text).then(
          () => true,
          () => false,
        )
        checkThat(`${path}: absent`, !works, {
          expected: 'a database without it',
          seen: 'ON CONFLICT works',
        })
      }
    },
  }),
  rule({
    id: 'MAN-015',
    title: 'maxParameters is the database’s own limit',
    level: 'SHOULD',
    law: 6,
    tier: 'core',
    since: '2026.1',
    rationale:
      'A limit claimed too low splits every large insert into more statements than it needs.',
    causes: ['the limit of an older version was taken'],
    async run(context) {
      const most = context.adapter.capabilities.maxParameters
      if (most > 65_535) context.notApplicable(`maxParameters is ${most}: too many to double`)
      const caller = await context.connect()
      const tried = Math.max(most * 2, 999)
      const { operation, values } = {
        operation: {
          kind: 'raw' as const,
          parts: [
            'select count(*) as n where 1 in (',
            ...Array.from({ length: tried }, (_, slot) => [
              slot === 0 ? '' : ', ',
              { kind: 'slot' as const, slot, type: { name: 'integer' as const } },
            ]).flat(),
            ')',
          ],
        },
        values: Array.from({ length: tried }, (_, value) => ({
          type: { name: 'integer' as const },
          value,
        })),
      }
      const works = await caller.run(operation, values, { access: 'read' }).then(
        () => true,
        () => false,
      )
      checkThat(`maxParameters: ${most}`, !works, {
        expected: `${tried} parameters refused by the database`,
        seen: `${tried} parameters taken`,
      })
    },
  }),
  rule({
    id: 'MAN-016',
    title: 'What connections have is claimed',
    level: 'SHOULD',
    law: 6,
    tier: 'core',
    since: '2026.1',
    rationale: 'A method that nobody may call is work for nothing.',
    causes: ['the manifest was left at absent'],
    async run(context) {
      const { connection } = await context.connect()
      const { streaming, scripts, cancel } = context.adapter.capabilities
      for (const [method, claimed, says] of [
        ['stream', streaming !== 'absent' && streaming !== 'emulated', `streaming: ${streaming}`],
        ['executeScript', scripts !== 'absent', `scripts: ${scripts}`],
        ['cancel', cancel !== 'before_start', `cancel: ${cancel}`],
      ] as const) {
        checkThat(`connection.${method}`, claimed || connection[method] === undefined, {
          expected: 'a manifest that claims it',
          seen: says,
        })
      }
    },
  }),
]
