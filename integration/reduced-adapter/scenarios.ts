import { defineTable, type QueryResult, type Repo, sql, t } from '@mortise/core'

const authors = defineTable('authors', {
  id: t.id(),
  mail: t.text(),
  name: t.text({ nullable: true }),
})

const posts = defineTable('posts', {
  id: t.id(),
  authorId: t.integer({ source: 'author_id' }),
  slug: t.text(),
  score: t.float({ default: 0.5 }),
  visits: t.bigint({ default: 0n }),
  draft: t.boolean({ default: true }),
  body: t.bytes({ nullable: true }),
  at: t.timestamp({ nullable: true, as: 'string' }),
  price: t.decimal({ nullable: true }),
  meta: t.json({ nullable: true }),
})

const tables = [
  'create table authors (id integer primary key, mail text not null unique, name text)',
  `create table posts (
    id integer primary key, author_id integer not null references authors (id), slug text not null,
    score real not null check (score >= 0), visits integer not null, draft integer not null,
    body blob, at text, price text, meta text, unique (author_id, slug))`,
]

const day = '2024-02-29T23:59:59.123456Z'

/** Something that an application does, and what it looks at afterwards. */
export interface Scenario {
  readonly name: string
  /** The manifest's entry without which it is refused. */
  readonly needs?: string
  readonly run: (repo: Repo) => Promise<unknown>
}

/** Makes the tables that the scenarios use. */
export async function prepare(repo: Repo): Promise<void> {
  for (const text of tables) await repo.query(text)
}

/** An afternoon's work of an application, in order: each scenario finds what those before it left. */
export const scenarios: readonly Scenario[] = [
  {
    name: 'inserts and gets the row back',
    run: async (repo) => [
      await repo.insert(authors, { mail: 'ada@example.org', name: 'Ada' }),
      await repo.insert(authors, { mail: 'bob@example.org' }),
      await repo.insert(posts, {
        authorId: 1,
        slug: 'a',
        at: day,
        price: '1.10',
        meta: { a: [1] },
      }),
    ],
  },
  {
    name: 'inserts many rows with differing columns, in the order given',
    run: async (repo) => [
      await repo.insertAll(
        posts,
        [
          { authorId: 1, slug: 'b', score: 2.25, body: Uint8Array.of(0, 255) },
          { authorId: 2, slug: 'a', visits: 2n ** 62n, draft: false },
          { authorId: 2, slug: 'c', meta: null, body: new Uint8Array(0) },
        ],
        { returning: true },
      ),
      await repo.insertAll(posts, []),
    ],
  },
  {
    name: 'refuses what a constraint forbids',
    run: async (repo) => [
      await outcome(repo.insert(authors, { mail: 'ada@example.org' })),
      await outcome(repo.insert(posts, { authorId: 1, slug: 'a' })),
      await outcome(repo.insert(posts, { authorId: 99, slug: 'z' })),
      await outcome(repo.insert(posts, { authorId: 1, slug: 'z', score: -1 })),
      await outcome(repo.query('insert into authors (mail) values (null)')),
      await outcome(repo.insert(posts, { authorId: 1, slug: 'z', id: 1 })),
    ],
  },
  {
    name: 'upserts in every way',
    run: async (repo) => {
      const post = { authorId: 1, slug: 'a', score: 9 }
      const conflictTarget = ['authorId', 'slug'] as const
      return [
        await repo.insert(posts, post, { onConflict: 'nothing' }),
        await repo.insert(posts, post, { conflictTarget, onConflict: { replace: ['score'] } }),
        await repo.insert(posts, post, {
          conflictTarget,
          onConflict: { inc: { visits: 3n }, set: { draft: false } },
        }),
        await repo.insertOrGet(authors, { mail: 'bob@example.org' }, { conflictTarget: 'mail' }),
        await repo.insertOrGet(authors, { mail: 'eve@example.org' }, { conflictTarget: 'mail' }),
        await outcome(repo.insert(posts, post, { conflictTarget: { constraint: 'posts_key' } })),
      ]
    },
  },
  {
    name: 'reads by every kind of condition',
    run: async (repo) => [
      await repo.all(posts, { orderBy: ['authorId', { slug: 'desc' }] }),
      await repo.all(posts, { where: { slug: ['a', 'c'], draft: true }, select: ['id', 'slug'] }),
      await repo.all(posts, { where: { score: { gt: 0.5 }, body: null }, orderBy: 'id' }),
      await repo.all(posts, { orderBy: 'id', limit: 2, offset: 1, select: ['id'] }),
      await repo.one(authors, { where: { mail: { like: 'b%' } } }),
      await outcome(repo.one(authors, { where: { id: { gte: 1 } } })),
      await repo.get(posts, 3),
      await repo.get(posts, 99),
      await repo.exists(posts, { where: sql`${posts.visits} > ${2 ** 40}` }),
      await repo.count(posts, { where: { at: day } }),
    ],
  },
  {
    name: 'changes and deletes',
    run: async (repo) => [
      await repo.update(posts, 1, { meta: { b: null }, price: '-0.01' }),
      await repo.update(posts, 99, { slug: 'none' }),
      await repo.updateAll(posts, { where: { authorId: 2 }, inc: { visits: 1n, score: 0.25 } }),
      await repo.updateAll(posts, { where: { id: 1 }, set: { slug: 'x' }, returning: ['slug'] }),
      await outcome(repo.updateAll(posts, { all: true, inc: { price: '0.10' } })),
      await repo.delete(posts, 2),
      await repo.deleteAll(posts, { where: { slug: 'none' } }),
    ],
  },
  {
    name: 'nests transactions and rolls back',
    run: async (repo) => [
      await repo.transaction(async (tx) => {
        await tx.update(authors, 1, { name: 'Outer' })
        const inner = await outcome(
          tx.transaction(async (nested) => {
            await nested.update(authors, 2, { name: 'Inner' })
            await nested.insert(authors, { mail: 'ada@example.org' })
          }),
        )
        return [inner, await tx.all(authors, { orderBy: 'id' })]
      }),
      await outcome(
        repo.transaction(async (tx) => {
          await tx.update(authors, 1, { name: 'Undone' })
          tx.rollback('never mind')
        }),
      ),
      await repo.all(authors, { orderBy: 'id' }),
    ],
  },
  {
    name: 'runs raw queries',
    run: async (repo) => [
      await repo.query(
        `select 1 as i, -2.5 as f, 'é' as s, x'00ff' as b, null as n, ? as p, ? as q`,
        [true, 2n ** 40n],
      ),
      await repo.query(sql`insert into authors (mail) values (${'raw'}), (${'rawer'})`),
      await repo.query(sql`with r as (select 1) update authors set name = 'R' where mail = 'raw'`),
      await repo.query('create index authors_name on authors (name)'),
      await outcome(repo.query('select 9007199254740993 as beyond')),
      await outcome(repo.query('select ?, ?', [1])),
      await outcome(repo.query('select 1; select 2')),
      await outcome(repo.query('select from')),
      await outcome(repo.query('select * from nowhere')),
      await outcome(repo.query('create table authors (id integer)')),
      await outcome(repo.query('select :named', [1])),
    ],
  },
  {
    name: 'streams, also after an early end',
    run: async (repo) => {
      const rows: unknown[] = []
      for await (const row of repo.stream(sql`select id, slug, body from posts order by id`, {
        batchSize: 2,
      })) {
        rows.push(row)
      }
      for await (const row of repo.stream(sql`select mail from authors order by id`)) {
        rows.push(row)
        break
      }
      const failing = sql`select id, abs(id - 9223372036854775808) as v from posts order by id`
      const failed = outcome(
        (async () => {
          for await (const row of repo.stream(failing)) rows.push(row)
        })(),
      )
      return [rows, await failed, await repo.count(authors)]
    },
  },
  {
    name: 'sends a batch, all or nothing',
    run: async (repo) => [
      await repo.batch([sql`select 1 as one`, sql`delete from posts where id = 3`]),
      await outcome(repo.batch([sql`delete from posts`, sql`select broken from posts`])),
      await repo.count(posts),
    ],
  },
  {
    name: 'refuses values that the database cannot keep',
    run: async (repo) => [
      await outcome(repo.insert(posts, { authorId: 1, slug: 'n', score: Number.NaN })),
      await outcome(repo.insert(posts, { authorId: 1, slug: 'n', score: -0 })),
      await outcome(repo.insert(posts, { authorId: 1, slug: 'n', visits: 2n ** 63n })),
      await outcome(repo.insert(posts, { authorId: 1, slug: '\ud800' })),
      await outcome(repo.query('select ? as v', [Symbol('v')])),
    ],
  },
  { name: 'runs a script', needs: 'scripts', run: (repo) => repo.script('select 1; select 2') },
  {
    name: 'reads in a read-only transaction',
    needs: 'readOnlyTransactions',
    run: (repo) => repo.transaction((tx) => tx.count(authors), { readOnly: true }),
  },
  {
    name: 'reads a table of another schema',
    needs: 'prefix',
    run: async (repo) => repo.withPrefix('main').count(authors),
  },
]

/**
 * What a call answered, or what its error says to a program. Left out is what a driver need not
 * know: native codes and texts, the command's name, the columns' types, an inserted row's id, and
 * the place of an error that no constraint raised.
 */
export async function outcome(call: Promise<unknown>): Promise<unknown> {
  try {
    return { answer: promised(await call) }
  } catch (error) {
    const { name, kind, retryable, phase, capability, table, columns } = error as ErrorFields
    const place = kind?.endsWith('_violation') ? { table, columns } : undefined
    return { error: { name, kind, retryable, phase, capability, ...place } }
  }
}

type ErrorFields = { readonly kind?: string } & Readonly<Record<string, unknown>>

function promised(answer: unknown): unknown {
  if (Array.isArray(answer)) return answer.map(promised)
  if (typeof answer !== 'object' || answer === null || !('affected' in answer)) return answer
  const { rows, columns, affected } = answer as QueryResult<unknown>
  return { rows, columns: columns.map(({ name }) => name), affected }
}
