import { defineTable, metadataOf, type Repo, sql, t } from '@mortise/core'
import { createTable } from './create-table.ts'

/** One line of the tour: code, and what it must give. */
export interface Step {
  readonly title: string
  readonly run: () => Promise<unknown>
  readonly gives: unknown
}

const members = defineTable('members', {
  id: t.integer({ primaryKey: true }),
  email: t.text(),
  team: t.text(),
  seat: t.integer(),
  name: t.text(),
  visits: t.integer({ default: 0 }),
  status: t.text({ default: 'active' }),
})

/** Makes the table and the unique indexes that the upserts are about. */
export async function prepareTour(repo: Repo): Promise<void> {
  const { dialect } = repo.adapter
  const table = { kind: 'table', name: 'members' } as const
  const unique = (name: string, columns: string[], status?: string): string =>
    dialect.compile({
      kind: 'create_index',
      name,
      table,
      columns,
      unique: true,
      where:
        status === undefined
          ? undefined
          : {
              kind: 'compare',
              operator: '=',
              left: { kind: 'column', name: 'status' },
              right: { kind: 'literal', value: status },
            },
    }).sql
  await repo.query(dialect.compile(createTable(members)).sql)
  await repo.query(unique('members_email', ['email']))
  await repo.query(unique('members_team_seat', ['team', 'seat']))
  await repo.query(unique('members_active_name', ['name'], 'active'))
  await repo.query(sql`create unique index members_lower_email on ${members} (lower(email))`)
}

/** The lines of the tour, in order: each finds what those before it left. */
export function tourSteps(repo: Repo): readonly Step[] {
  return [
    {
      title: 'an insert gives back the row as the database stored it',
      run: async () =>
        await repo.insert(members, { id: 1, email: 'ada@a.io', team: 'red', seat: 1, name: 'Ada' }),
      gives: {
        id: 1,
        email: 'ada@a.io',
        team: 'red',
        seat: 1,
        name: 'Ada',
        visits: 0,
        status: 'active',
      },
    },
    {
      title: "'nothing': the row that is there stays, and no row is made up",
      run: async () =>
        await repo.insert(
          members,
          { id: 2, email: 'ada@a.io', team: 'red', seat: 2, name: 'Eve' },
          { onConflict: 'nothing', conflictTarget: 'email' },
        ),
      gives: undefined,
    },
    {
      title: "'nothing' without a target: whichever unique index it meets",
      run: async () =>
        await repo.insert(
          members,
          { id: 2, email: 'eve@a.io', team: 'red', seat: 1, name: 'Eve' },
          { onConflict: 'nothing' },
        ),
      gives: undefined,
    },
    {
      title: "'replace_all': every column, the primary key too",
      run: async () =>
        await repo.insert(
          members,
          { id: 7, email: 'ada@a.io', team: 'red', seat: 1, name: 'Ada L.', visits: 3 },
          { onConflict: 'replace_all', conflictTarget: 'email' },
        ),
      gives: {
        id: 7,
        email: 'ada@a.io',
        team: 'red',
        seat: 1,
        name: 'Ada L.',
        visits: 3,
        status: 'active',
      },
    },
    {
      title: "'replace_all_except_primary_key': the id stays 7",
      run: async () =>
        await repo.insert(
          members,
          { id: 8, email: 'ada@a.io', team: 'blue', seat: 4, name: 'Ada B.', visits: 9 },
          { onConflict: 'replace_all_except_primary_key', conflictTarget: 'email' },
        ),
      gives: {
        id: 7,
        email: 'ada@a.io',
        team: 'blue',
        seat: 4,
        name: 'Ada B.',
        visits: 9,
        status: 'active',
      },
    },
    {
      title: 'replace: the columns that are named',
      run: async () =>
        await repo.insert(
          members,
          { id: 8, email: 'ada@a.io', team: 'red', seat: 5, name: 'Ada C.', visits: 1 },
          {
            onConflict: { replace: ['name'] },
            conflictTarget: 'email',
            returning: ['id', 'team', 'name', 'visits'],
          },
        ),
      gives: { id: 7, team: 'blue', name: 'Ada C.', visits: 9 },
    },
    {
      title: 'replaceAllExcept: the columns that are not named',
      run: async () =>
        await repo.insert(
          members,
          { id: 8, email: 'ada@a.io', team: 'red', seat: 5, name: 'Ada D.', visits: 1 },
          {
            onConflict: { replaceAllExcept: ['id', 'visits'] },
            conflictTarget: 'email',
            returning: ['id', 'team', 'name', 'visits'],
          },
        ),
      gives: { id: 7, team: 'red', name: 'Ada D.', visits: 9 },
    },
    {
      title: 'an update: set from the proposed row, add, on a condition',
      run: async () =>
        await repo.insert(
          members,
          { id: 8, email: 'ada@a.io', team: 'red', seat: 5, name: 'Ada E.', visits: 20 },
          {
            onConflict: {
              set: ({ excluded }) => ({ name: excluded.name }),
              inc: { visits: 1 },
              where: ({ existing, excluded }) => sql`${existing.visits} < ${excluded.visits}`,
            },
            conflictTarget: 'email',
            returning: ['id', 'name', 'visits'],
          },
        ),
      gives: { id: 7, name: 'Ada E.', visits: 10 },
    },
    {
      title: 'the same where the condition does not hold: nothing is written, nothing returned',
      run: async () =>
        await repo.insert(
          members,
          { id: 8, email: 'ada@a.io', team: 'red', seat: 5, name: 'Ada F.', visits: 2 },
          {
            onConflict: {
              inc: { visits: 1 },
              where: ({ existing, excluded }) => sql`${existing.visits} < ${excluded.visits}`,
            },
            conflictTarget: 'email',
          },
        ),
      gives: undefined,
    },
    {
      title: 'conflictTarget as a list: a unique index of two columns',
      run: async () =>
        await repo.insert(
          members,
          { id: 8, email: 'bob@b.io', team: 'red', seat: 5, name: 'Bob' },
          {
            onConflict: { replace: ['email', 'name'] },
            conflictTarget: ['team', 'seat'],
            returning: ['id', 'email', 'name', 'visits'],
          },
        ),
      gives: { id: 7, email: 'bob@b.io', name: 'Bob', visits: 10 },
    },
    {
      title: 'conflictTarget as a partial index: unique among the active',
      run: async () =>
        await repo.insert(
          members,
          { id: 8, email: 'bob@c.io', team: 'blue', seat: 1, name: 'Bob' },
          {
            onConflict: { inc: { visits: 5 } },
            conflictTarget: { columns: 'name', where: { status: 'active' } },
            returning: ['id', 'email', 'visits'],
          },
        ),
      gives: { id: 7, email: 'bob@b.io', visits: 15 },
    },
    {
      title: 'conflictTarget as text: an index on an expression',
      run: async () =>
        await repo.insert(
          members,
          { id: 8, email: 'BOB@b.io', team: 'blue', seat: 1, name: 'Bob the Second' },
          {
            onConflict: { replace: ['name'] },
            conflictTarget: { unsafeFragment: '(lower(email))' },
            returning: ['id', 'email', 'name'],
          },
        ),
      gives: { id: 7, email: 'bob@b.io', name: 'Bob the Second' },
    },
    {
      title: 'returning: false gives nothing back',
      run: async () =>
        await repo.insert(
          members,
          { id: 8, email: 'cy@c.io', team: 'blue', seat: 1, name: 'Cy' },
          { returning: false },
        ),
      gives: undefined,
    },
    {
      title: 'insertAll upserts as well; rows come back in the order given',
      run: async () =>
        await repo.insertAll(
          members,
          [
            { id: 9, email: 'dee@d.io', team: 'blue', seat: 2, name: 'Dee' },
            { id: 10, email: 'cy@c.io', team: 'blue', seat: 3, name: 'Cy the Second' },
          ],
          {
            onConflict: { replace: ['name'] },
            conflictTarget: 'email',
            returning: ['id', 'name'],
          },
        ),
      gives: {
        count: 2,
        rows: [
          { id: 9, name: 'Dee' },
          { id: 8, name: 'Cy the Second' },
        ],
      },
    },
    {
      title: 'one key twice in a batch is an error on every database, unless asked otherwise',
      run: async () => {
        const row = { id: 11, email: 'eli@e.io', team: 'red', seat: 8, name: 'Eli' }
        const twice = [row, { ...row, name: 'Eli the Second' }]
        const upsert = repo.insertAll(members, twice, {
          onConflict: 'replace_all',
          conflictTarget: 'email',
        })
        return await upsert.catch((error) => error.code)
      },
      gives: 'DUPLICATE_KEY_IN_BATCH',
    },
    {
      title: 'a target without a use is an error too, before anything is sent',
      run: async () => {
        const row = { id: 11, email: 'eli@e.io', team: 'red', seat: 8, name: 'Eli' }
        const insert = repo.insert(members, row, { conflictTarget: 'email' })
        return await insert.catch((error) => error.code)
      },
      gives: 'CONFLICT_TARGET_UNUSED',
    },
    {
      title: 'insertOrGet inserts, or gives the row that is there',
      run: async () => {
        const row = { id: 11, email: 'eli@e.io', team: 'red', seat: 8, name: 'Eli' }
        const first = await repo.insertOrGet(members, row, { conflictTarget: 'email' })
        const second = await repo.insertOrGet(
          members,
          { ...row, id: 12, name: 'Eli the Second' },
          { conflictTarget: 'email' },
        )
        return [first.inserted, second.inserted, second.row.id, second.row.name]
      },
      gives: [true, false, 11, 'Eli'],
    },
    {
      title: 'exists',
      run: async () => [
        await repo.exists(members),
        await repo.exists(members, { where: { team: 'red', visits: { gte: 15 } } }),
        await repo.exists(members, { where: { name: 'Nobody' } }),
      ],
      gives: [true, true, false],
    },
    {
      title: 'count',
      run: async () => [
        await repo.count(members),
        await repo.count(members, { where: { team: ['red', 'green'] } }),
      ],
      gives: [4, 2],
    },
    {
      title: 'checkout: one connection for all the calls, also for those on the outer repo',
      run: async () =>
        await repo.checkout(async (held) => {
          await held.update(members, 7, { visits: 16 })
          const member = await repo.get(members, 7, { select: ['id', 'visits'] })
          return { member, connectionsInUse: repo.stats().pool.inUse }
        }),
      gives: { member: { id: 7, visits: 16 }, connectionsInUse: 1 },
    },
    {
      title: 'all rows of a table share one frozen metadata object, and are plain objects',
      run: async () => {
        const first = await repo.all(members, { orderBy: 'id' })
        const second = await repo.all(members, { orderBy: { id: 'desc' } })
        const metadata = new Set([...first, ...second].map((row) => metadataOf(row)))
        const [only] = metadata
        return {
          rows: first.length + second.length,
          metadataObjects: metadata.size,
          frozen: Object.isFrozen(only),
          source: only?.source,
          keys: Object.keys(first[0] ?? {}).length,
        }
      },
      gives: { rows: 8, metadataObjects: 1, frozen: true, source: 'members', keys: 7 },
    },
  ]
}
