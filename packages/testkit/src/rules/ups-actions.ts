import { DatabaseError, MisuseError, sql, t } from '@mortise/core'
import { checkEqual, checkErrorIs, checkRefuses } from '../check/index.ts'
import { claims, type Rule, rule } from '../rule/index.ts'
import { ada, grace, type Rows, targets, withPeople } from './ups-people.ts'
import { checkReturned, waysOf } from './ups-ways.ts'

const quiet = { returning: false } as const

export const upsertActionRules: readonly Rule[] = [
  rule({
    id: 'UPS-010',
    title: '"nothing" leaves the row that is there, gives none back, and invents no id',
    level: 'MUST',
    law: 1,
    tier: 'core',
    since: '2026.1',
    rationale: 'An id of a row that was never written points at nothing, or at another’s row.',
    causes: ['the last inserted id of another statement is taken', 'a conflict counts as written'],
    needs: [claims('upsert.nothing')],
    async run(context) {
      for (const way of waysOf(context)) {
        const { repo, people, read } = await withPeople(context)
        const fresh = await way.write(repo, people, ada, { onConflict: 'nothing' })
        checkReturned('a row that is new', way, fresh, { id: 1, ...ada })
        await repo.insert(people, { ...grace }, quiet)
        for (const target of targets(context, 'mail')) {
          const again = await way.write(
            repo,
            people,
            { ...ada, name: 'other' },
            { onConflict: 'nothing', ...target },
          )
          checkReturned('a row that is there', way, again, undefined)
        }
        checkEqual(`the rows (${way.name})`, await read(), [
          { id: 1, ...ada },
          { id: 2, ...grace },
        ])
        const { count } = await repo.insertAll(
          people,
          [ada, { ...ada, mail: 'new', nick: 'new' }, grace],
          {
            onConflict: 'nothing',
          },
        )
        checkEqual('the count of three rows, one of them new', count, 1)
      }
    },
  }),
  rule({
    id: 'UPS-011',
    title: '"nothing" with a target still raises for another unique index',
    level: 'MUST',
    law: 1,
    tier: 'core',
    since: '2026.1',
    rationale: 'Ignoring every conflict hides the one that nobody thought of.',
    causes: ['the target is left out of the text', 'INSERT IGNORE is used'],
    needs: [claims('upsert.nothing'), claims('upsert.columns')],
    async run(context) {
      const { repo, people, read } = await withPeople(context)
      await repo.insert(people, ada, quiet)
      for (const way of waysOf(context)) {
        const error = await checkRefuses(`a conflict on another index (${way.name})`, () =>
          way.write(
            repo,
            people,
            { ...grace, nick: ada.nick },
            { onConflict: 'nothing', conflictTarget: 'mail' },
          ),
        )
        checkErrorIs('the error', error, DatabaseError)
        checkEqual('the kind of the error', error.kind, 'unique_violation')
      }
      checkEqual('the rows', await read(), [{ id: 1, ...ada }])
    },
  }),
  rule({
    id: 'UPS-012',
    title: '"replace_all" replaces every column that can be written',
    level: 'MUST',
    law: 1,
    tier: 'core',
    since: '2026.1',
    rationale: 'What the application proposed is what must be there.',
    causes: ['columns with a default are left out', 'a renamed column is set by its property'],
    needs: [claims('upsert.update'), claims('upsert.columns')],
    async run(context) {
      for (const way of waysOf(context)) {
        const { repo, people, read } = await withPeople(context)
        await repo.insertAll(people, [ada, grace])
        const proposed = { id: 1, mail: 'ada@new', nick: 'a2', name: 'Ada King', visits: 7 }
        const seen = await way.write(repo, people, proposed, {
          onConflict: 'replace_all',
          conflictTarget: 'id',
        })
        checkReturned('replace_all', way, seen, proposed)
        checkEqual(`the rows (${way.name})`, await read(), [proposed, { id: 2, ...grace }])
      }
    },
  }),
  rule({
    id: 'UPS-013',
    title: '"replace_all_except_primary_key" never touches the key: made, composite or renamed',
    level: 'MUST',
    law: 1,
    tier: 'core',
    since: '2026.1',
    rationale: 'A key that changes in an upsert tears off every row that refers to it.',
    causes: [
      'the key’s column name is compared with its property',
      'a proposed key that the database made is written',
    ],
    needs: [claims('upsert.update'), claims('upsert.columns')],
    async run(context) {
      const onConflict = 'replace_all_except_primary_key'
      for (const way of waysOf(context)) {
        const { repo, people, read } = await withPeople(context)
        await repo.insertAll(people, [ada, grace])
        const seen = await way.write(
          repo,
          people,
          { ...ada, name: 'Ada King', visits: 9 },
          { onConflict, conflictTarget: 'mail' },
        )
        const expected = { id: 1, ...ada, name: 'Ada King', visits: 9 }
        checkReturned('a made key', way, seen, expected)
        checkEqual(`the rows (${way.name})`, await read(), [expected, { id: 2, ...grace }])

        const places = context.define({
          country: t.text({ primaryKey: true, source: 'c_country' }),
          code: t.integer({ primaryKey: true, source: 'c_code' }),
          slug: t.text({ source: 'c_slug' }),
          title: t.text({ source: 'c_title' }),
        })
        await context.build(repo, places, { unique: [{ columns: ['c_slug'] }] })
        await repo.insert(places, { country: 'at', code: 1, slug: 'wien', title: 'Wien' }, quiet)
        const place = await way.write(
          repo,
          places,
          { country: 'de', code: 2, slug: 'wien', title: 'Vienna' },
          { onConflict, conflictTarget: 'slug' },
        )
        const kept = { country: 'at', code: 1, slug: 'wien', title: 'Vienna' }
        checkReturned('a composite, renamed key', way, place, kept)
        checkEqual(`the places (${way.name})`, await repo.all(places), [kept])
      }
    },
  }),
  rule({
    id: 'UPS-014',
    title: '{ replace } changes the named columns, { replaceAllExcept } all others',
    level: 'MUST',
    law: 1,
    tier: 'core',
    since: '2026.1',
    rationale: 'A counter that is not named must survive the upsert.',
    causes: ['every column of the insert is replaced'],
    needs: [claims('upsert.update'), claims('upsert.columns')],
    async run(context) {
      const proposed = { ...ada, nick: 'a2', name: 'Ada King', visits: 9 }
      for (const way of waysOf(context)) {
        for (const [onConflict, expected] of [
          [{ replace: ['name'] }, { ...ada, name: 'Ada King' }],
          [{ replace: ['visits', 'nick'] }, { ...ada, visits: 9, nick: 'a2' }],
          [
            { replaceAllExcept: ['id', 'visits', 'mail'] },
            { ...ada, nick: 'a2', name: 'Ada King' },
          ],
        ] as const) {
          const { repo, people, read } = await withPeople(context)
          await repo.insert(people, ada, quiet)
          const seen = await way.write(repo, people, proposed, {
            onConflict,
            conflictTarget: 'mail',
          })
          const what = JSON.stringify(onConflict)
          checkReturned(what, way, seen, { id: 1, ...expected })
          checkEqual(`the rows after ${what} (${way.name})`, await read(), [{ id: 1, ...expected }])
        }
      }
    },
  }),
  rule({
    id: 'UPS-015',
    title: 'An update on conflict sets, adds, and sees both the existing and the proposed row',
    level: 'MUST',
    law: 1,
    tier: 'core',
    since: '2026.1',
    rationale: 'Counting in an upsert is what keeps two writers from losing one another’s count.',
    causes: [
      'a column without a table name means the proposed row',
      '`excluded` is written for the existing one',
    ],
    needs: [claims('upsert.update'), claims('upsert.columns')],
    async run(context) {
      for (const way of waysOf(context)) {
        const { repo, people, read } = await withPeople(context)
        const proposed = { ...ada, name: 'Proposed', visits: 100 }
        await repo.insert(people, { ...ada, visits: 5 }, quiet)
        await way.write(repo, people, proposed, {
          onConflict: { inc: { visits: 2 }, set: { nick: 'set' } },
          conflictTarget: 'mail',
        })
        checkEqual(`set and inc (${way.name})`, await read(), [
          { id: 1, ...ada, nick: 'set', visits: 7 },
        ])
        const seen = await way.write(repo, people, proposed, {
          onConflict: {
            set: ({ existing, excluded }: Rows) => ({
              name: excluded.name,
              visits: sql`${existing.visits} * 2 + ${excluded.visits}`,
            }),
          },
          conflictTarget: 'mail',
        })
        const expected = { id: 1, ...ada, nick: 'set', name: 'Proposed', visits: 114 }
        checkReturned('expressions of both rows', way, seen, expected)
        checkEqual(`expressions of both rows (${way.name})`, await read(), [expected])
      }
    },
  }),
  rule({
    id: 'UPS-016',
    title: 'An update on conflict whose condition does not hold writes nothing',
    level: 'MUST',
    law: 1,
    tier: 'core',
    since: '2026.1',
    rationale: 'An older version must not overwrite a newer one.',
    causes: [
      'the condition is left out',
      'the condition is about the proposed row instead of the existing one',
    ],
    needs: [claims('upsert.update'), claims('upsert.columns'), claims('upsert.updateWhere')],
    async run(context) {
      for (const way of waysOf(context)) {
        const { repo, people, read } = await withPeople(context)
        await repo.insert(people, { ...ada, visits: 5 }, quiet)
        const options = {
          onConflict: {
            set: { name: 'newer' },
            where: ({ existing, excluded }: Rows) => sql`${existing.visits} < ${excluded.visits}`,
          },
          conflictTarget: 'mail',
        }
        const older = await way.write(repo, people, { ...ada, visits: 4 }, options)
        checkReturned('a condition that does not hold', way, older, undefined)
        checkEqual(`the rows (${way.name})`, await read(), [{ id: 1, ...ada, visits: 5 }])
        const newer = await way.write(repo, people, { ...ada, visits: 6 }, options)
        const expected = { id: 1, ...ada, name: 'newer', visits: 5 }
        checkReturned('a condition that holds', way, newer, expected)
        checkEqual(`the rows (${way.name})`, await read(), [expected])
      }
    },
  }),
  rule({
    id: 'UPS-021',
    title: 'A list of new and existing rows is written row by row, and answered in the order given',
    level: 'MUST',
    law: 4,
    tier: 'core',
    since: '2026.1',
    rationale: 'The caller puts ids to its objects by their place in the list.',
    causes: ['returned rows are sorted or reordered', 'ids are counted on from the last one'],
    needs: [claims('upsert.update'), claims('upsert.columns')],
    async run(context) {
      const { repo, people, read } = await withPeople(context)
      const three = { mail: 'c', nick: 'c', name: 'C', visits: 3 }
      await repo.insertAll(people, [grace, three])
      const rows = [
        { ...three, visits: 30 },
        { ...ada, visits: 10 },
        { ...grace, visits: 20 },
        { mail: 'd', nick: 'd', name: 'D', visits: 40 },
      ]
      const options = { onConflict: { replace: ['visits'] }, conflictTarget: 'mail' } as const
      if (context.adapter.capabilities.returning.insert === 'native') {
        const written = await repo.insertAll(people, rows, {
          ...options,
          returning: ['mail', 'visits'],
        })
        checkEqual(
          'the rows given back',
          written.rows,
          rows.map(({ mail, visits }) => ({ mail, visits })),
        )
      } else await repo.insertAll(people, rows, options)
      const stored = await read()
      checkEqual(
        'the rows',
        stored.map(({ mail, visits }) => `${mail} ${visits}`).sort(),
        rows.map(({ mail, visits }) => `${mail} ${visits}`).sort(),
      )
      checkEqual(
        'the ids of the rows that were there',
        stored.slice(0, 2).map(({ id, mail }) => [id, mail]),
        [
          [1, grace.mail],
          [2, three.mail],
        ],
      )
    },
  }),
  rule({
    id: 'UPS-022',
    title: 'A key that a list proposes twice is an error, unless asked otherwise',
    level: 'MUST',
    law: 1,
    tier: 'core',
    since: '2026.1',
    rationale: 'Databases disagree: one fails, one takes the last, one depends on the batch.',
    causes: ['keys are compared after encoding that loses their difference'],
    needs: [claims('upsert.update'), claims('upsert.columns')],
    async run(context) {
      const { repo, people, read } = await withPeople(context)
      const twice = [
        { ...ada, visits: 1 },
        { ...ada, visits: 2 },
      ]
      const options = { onConflict: { replace: ['visits'] }, conflictTarget: 'mail' } as const
      const error = await checkRefuses('a key that is there twice', () =>
        repo.insertAll(people, twice, options),
      )
      checkErrorIs('the error', error, MisuseError)
      checkEqual('the rows', await read(), [])
      await repo.insertAll(people, twice, { ...options, duplicates: 'last' })
      checkEqual('the rows with duplicates: last', await read(), [{ id: 1, ...ada, visits: 2 }])
      await repo.insertAll(people, twice, { ...options, duplicates: 'first' })
      checkEqual('the rows with duplicates: first', await read(), [{ id: 1, ...ada, visits: 1 }])
    },
  }),
  rule({
    id: 'UPS-023',
    title: 'An insert without columns keeps its onConflict',
    level: 'MUST',
    law: 1,
    tier: 'core',
    since: '2026.1',
    rationale: 'DEFAULT VALUES takes no conflict clause everywhere, and Ecto drops it on SQLite.',
    causes: ['the clause is left out for `default values`'],
    needs: [claims('upsert.nothing')],
    async run(context) {
      for (const way of waysOf(context)) {
        const repo = context.repo()
        const slots = context.define({
          id: t.id(),
          place: t.integer({ dbDefault: true }),
          uses: t.integer({ dbDefault: true }),
        })
        await context.build(repo, slots, {
          defaults: { place: 1, uses: 5 },
          unique: [{ columns: ['place'] }],
        })
        const first = await way.write(repo, slots, {}, { onConflict: 'nothing' })
        checkReturned('a row of defaults', way, first, { id: 1, place: 1, uses: 5 })
        const second = await way.write(repo, slots, {}, { onConflict: 'nothing' })
        checkReturned('a row of defaults that is there', way, second, undefined)
        if (context.adapter.capabilities.upsert.update !== 'absent') {
          await way.write(
            repo,
            slots,
            {},
            {
              onConflict: { inc: { uses: 1 } },
              ...(context.adapter.capabilities.upsert.columns !== 'absent' && {
                conflictTarget: 'place',
              }),
            },
          )
          checkEqual(`the rows (${way.name})`, await repo.all(slots), [
            { id: 1, place: 1, uses: 6 },
          ])
        }
      }
    },
  }),
  rule({
    id: 'UPS-024',
    title: 'insertOrGet gives the row that is there, and says whether it wrote it',
    level: 'MUST',
    law: 1,
    tier: 'core',
    since: '2026.1',
    rationale: 'Two requests that create one thing must both get it, and the same one.',
    causes: ['the row that was proposed is given back'],
    needs: [claims('upsert.nothing'), claims('upsert.columns'), claims('returning.insert')],
    async run(context) {
      const { repo, people, read } = await withPeople(context)
      const options = { conflictTarget: 'mail' } as const
      const made = await repo.insertOrGet(people, ada, options)
      checkEqual('a row that is new', made, { row: { id: 1, ...ada }, inserted: true })
      const got = await repo.insertOrGet(people, { ...ada, name: 'other' }, options)
      checkEqual('a row that is there', got, { row: { id: 1, ...ada }, inserted: false })
      const many = await Promise.all(
        Array.from({ length: 20 }, () => repo.insertOrGet(people, grace, options)),
      )
      checkEqual(
        'how many of twenty at once inserted',
        many.filter(({ inserted }) => inserted).length,
        1,
      )
      checkEqual('the ids that twenty got', new Set(many.map(({ row }) => row.id)).size, 1)
      checkEqual('how many rows there are', (await read()).length, 2)
    },
  }),
]
