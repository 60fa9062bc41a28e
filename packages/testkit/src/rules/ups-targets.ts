import { t } from '@mortise/core'
import { checkEqual } from '../check/index.ts'
import { claims, type Rule, rule } from '../rule/index.ts'
import { ada, grace, withPeople } from './ups-people.ts'
import { waysOf } from './ups-ways.ts'

const quiet = { returning: false } as const

export const upsertTargetRules: readonly Rule[] = [
  rule({
    id: 'UPS-017',
    title: 'A partial index is a target with its condition, whatever the condition holds',
    level: 'MUST',
    law: 12,
    tier: 'core',
    since: '2026.1',
    rationale: 'Without its predicate the index is not found, or another one is.',
    causes: [
      'the predicate is dropped from the target',
      'its value is a parameter',
      'its value is not quoted',
    ],
    needs: [claims('upsert.update'), claims('upsert.partialIndex')],
    async run(context) {
      const state = "it's \\ open; --"
      for (const way of waysOf(context)) {
        const repo = context.repo()
        const tickets = context.define({
          id: t.id(),
          room: t.integer(),
          state: t.text(),
          title: t.text(),
        })
        await context.build(repo, tickets)
        const table = { kind: 'table' as const, name: tickets.id.table.name }
        const index = context.adapter.dialect.compile({
          kind: 'create_index',
          name: context.name('open'),
          table,
          columns: ['room'],
          unique: true,
          where: {
            kind: 'compare',
            operator: '=',
            left: { kind: 'column', name: 'state' },
            right: { kind: 'literal', value: state },
          },
        })
        await repo.query(index.sql)
        const options = {
          onConflict: { replace: ['title'] },
          conflictTarget: { columns: 'room', where: { state } },
        }
        await repo.insertAll(tickets, [
          { room: 1, state: 'closed', title: 'old' },
          { room: 1, state, title: 'first' },
        ])
        for (let i = 0; i < 8; i++) {
          await way.write(repo, tickets, { room: 1, state, title: `again ${i}` }, options)
        }
        await way.write(repo, tickets, { room: 1, state: 'closed', title: 'also old' }, options)
        const rows = await repo.all(tickets, { orderBy: 'id', select: ['state', 'title'] })
        checkEqual(`the rows (${way.name})`, rows, [
          { state: 'closed', title: 'old' },
          { state, title: 'again 7' },
          { state: 'closed', title: 'also old' },
        ])
      }
    },
  }),
  rule({
    id: 'UPS-018',
    title: 'A constraint is a target by its name',
    level: 'MUST',
    law: 6,
    tier: 'core',
    since: '2026.1',
    rationale: 'The manifest says so, and applications rely on it.',
    causes: ['the name is not quoted', 'the manifest should say absent'],
    needs: [claims('upsert.update'), claims('upsert.constraint')],
    async run(context) {
      const { repo, people, read, mailKey } = await withPeople(context)
      await repo.insert(people, ada, quiet)
      await repo.insert(
        people,
        { ...ada, name: 'by name' },
        { onConflict: { replace: ['name'] }, conflictTarget: { constraint: mailKey }, ...quiet },
      )
      checkEqual('the rows', await read(), [{ id: 1, ...ada, name: 'by name' }])
    },
  }),
  rule({
    id: 'UPS-019',
    title: 'An unsafe fragment is a target as it stands',
    level: 'MUST',
    law: 6,
    tier: 'core',
    since: '2026.1',
    rationale: 'It is the way to an index over an expression.',
    causes: ['the fragment is quoted', 'the manifest should say absent'],
    needs: [claims('upsert.update'), claims('upsert.unsafeFragment')],
    async run(context) {
      const { repo, people, read } = await withPeople(context)
      const name = context.adapter.dialect.quoteIdentifier(people.id.table.name)
      const index = context.adapter.dialect.quoteIdentifier(context.name('lower'))
      try {
        await repo.query(`create unique index ${index} on ${name} (lower(name))`)
      } catch {
        context.notApplicable('the database has no index over lower(name)')
      }
      await repo.insert(people, ada, quiet)
      await repo.insert(
        people,
        { ...grace, name: ada.name.toUpperCase(), visits: 3 },
        {
          onConflict: { replace: ['visits'] },
          conflictTarget: { unsafeFragment: '(lower(name))' },
          ...quiet,
        },
      )
      checkEqual('the rows', await read(), [{ id: 1, ...ada, visits: 3 }])
    },
  }),
  rule({
    id: 'UPS-020',
    title: 'An update on conflict without a target is about every unique index',
    level: 'MUST',
    law: 6,
    tier: 'core',
    since: '2026.1',
    rationale: 'The manifest says whether a target may be left out.',
    causes: ['updateWithoutTarget is wrong'],
    needs: [claims('upsert.update'), claims('upsert.updateWithoutTarget')],
    async run(context) {
      const { repo, people, read } = await withPeople(context)
      await repo.insert(people, ada, quiet)
      for (const proposed of [
        { ...ada, nick: 'x', name: 'by mail' },
        { ...ada, mail: 'y', name: 'by nick' },
      ]) {
        await repo.insert(people, proposed, { onConflict: { replace: ['name'] }, ...quiet })
        checkEqual('the rows', await read(), [{ id: 1, ...ada, name: proposed.name }])
      }
    },
  }),
]
