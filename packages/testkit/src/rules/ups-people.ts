import { type Sql, t } from '@mortise/core'
import type { RuleContext } from '../context/index.ts'

/** What the function forms of `set` and `where` get. */
export type Rows = Readonly<
  Record<'existing' | 'excluded', Readonly<Record<'name' | 'visits', Sql>>>
>

export const ada = { mail: 'ada@example', nick: 'ada', name: 'Ada', visits: 1 }
export const grace = { mail: 'grace@example', nick: 'grace', name: 'Grace', visits: 2 }

/** A table with a made key and two unique columns, all of them renamed. */
export async function withPeople(context: RuleContext) {
  const repo = context.repo()
  const people = context.define({
    id: t.id({ source: 'p_id' }),
    mail: t.text({ source: 'p_mail' }),
    nick: t.text({ source: 'p_nick' }),
    name: t.text(),
    visits: t.integer({ default: 0 }),
  })
  const mailKey = context.name('mail "key"')
  await context.build(repo, people, {
    unique: [{ name: mailKey, columns: ['p_mail'] }, { columns: ['p_nick'] }],
  })
  const read = () => repo.all(people, { orderBy: 'id' })
  return { repo, people, read, mailKey }
}

/** The conflict targets that mean one column on this database. */
export function targets(context: RuleContext, column: string): readonly object[] {
  const { columns } = context.adapter.capabilities.upsert
  return columns === 'absent' ? [{}] : [{}, { conflictTarget: column }]
}
