import { sqlite } from '@mortise/adapter-sqlite'
import { createRepo, defineTable, sql, t, type } from '@mortise/core'

const posts = defineTable('posts', {
  id: t.id(),
  slug: t.text(),
  title: t.text(),
  meta: t.json({ type: type<{ tags: string[] }>(), nullable: true }),
  visits: t.integer({ default: 0 }),
  insertedAt: t.timestamp({ source: 'inserted_at', dbDefault: true }),
})

await using repo = createRepo({ adapter: sqlite('blog.db'), pool: { size: 10 } })

await repo.script(`
  create table if not exists posts (
    id integer primary key, slug text not null unique, title text not null, meta text,
    visits integer not null, inserted_at text not null default current_timestamp
  ) strict
`)

// An upsert that leaves the primary key alone.
const post = await repo.insert(
  posts,
  { slug: 'hello', title: 'Hello' },
  { onConflict: 'replace_all_except_primary_key', conflictTarget: 'slug' },
)

// An upsert that counts.
await repo.insert(
  posts,
  { slug: 'hello', title: 'Hello again', visits: 1 },
  {
    conflictTarget: 'slug',
    onConflict: { inc: { visits: 1 }, set: ({ excluded }) => ({ title: excluded.title }) },
  },
)

// Every call inside uses the transaction's connection; a nested one is a savepoint.
await repo.transaction(async (tx) => {
  await tx.update(posts, post.id, { title: 'Changed' })
  await tx.insertAll(
    posts,
    [
      { slug: 'a', title: 'A' },
      { slug: 'b', title: 'B' },
    ],
    { onConflict: 'nothing', conflictTarget: 'slug' },
  )
})

const popular = await repo.all(posts, {
  where: { visits: { gte: 1 } },
  orderBy: { visits: 'desc' },
  limit: 10,
})
const { rows } = await repo.query(
  sql<{ title: string }>`select title from ${posts} where ${posts.slug} = ${'hello'}`,
)

console.log(popular, rows)
