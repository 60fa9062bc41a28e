import { createHash } from 'node:crypto'
import { defineTable, type Insert, type Row, t, type } from '@mortise/core'

interface Meta {
  readonly tags: readonly string[]
  readonly draft: boolean
}

/** A schema of 13 columns, as the announcement's. */
export const posts = defineTable(
  'posts',
  {
    id: t.id(),
    title: t.text(),
    slug: t.text(),
    body: t.text(),
    author: t.text({ nullable: true }),
    visits: t.integer(),
    bytesServed: t.bigint(),
    rating: t.float(),
    published: t.boolean(),
    meta: t.json({ type: type<Meta>() }),
    publishedOn: t.date({ nullable: true }),
    insertedAt: t.timestamp(),
    updatedAt: t.timestamp(),
  },
  { columnNaming: 'snake_case' },
)

export type Post = Row<typeof posts>
export type NewPost = Insert<typeof posts>

const start = Date.UTC(2018, 9, 29)

/** Post number `n`: the same values each time. */
function post(n: number): NewPost {
  const time = new Date(start + n * 61_007)
  return {
    title: `Post ${n}`,
    slug: `post-${n}`,
    body: `The ${n}th post says what there is to say. `.repeat(3),
    author: n % 5 === 0 ? null : `author-${n % 17}`,
    visits: n,
    bytesServed: 2n ** 53n + BigInt(n),
    rating: n / 7,
    published: n % 3 !== 0,
    meta: { tags: [`tag-${n % 7}`, 'ecto'], draft: n % 3 === 0 },
    publishedOn: n % 3 === 0 ? null : time.toISOString().slice(0, 10),
    insertedAt: time,
    updatedAt: new Date(time.getTime() + n),
  }
}

/** The first `count` posts. */
export function newPosts(count: number): NewPost[] {
  return Array.from({ length: count }, (_, i) => post(i + 1))
}

/** A checksum of every value of some posts, in order; ids are left out, as the database makes them. */
export function checksum(rows: readonly (NewPost | Post)[]): string {
  const hash = createHash('sha256')
  for (const row of rows) {
    hash.update(
      JSON.stringify([
        row.title,
        row.slug,
        row.body,
        row.author,
        row.visits,
        String(row.bytesServed),
        row.rating,
        row.published,
        row.meta.tags,
        row.meta.draft,
        row.publishedOn,
        row.insertedAt.toISOString(),
        row.updatedAt.toISOString(),
      ]),
    )
  }
  return hash.digest('hex').slice(0, 12)
}
