import { defineTable, t, type } from '@mortise/core'

/** What an editor keeps beside a post. */
export interface PostMeta {
  readonly description: string
  readonly keywords: readonly string[]
}

/** A table whose columns are named in snake_case, in a schema of its own. */
export const authors = defineTable(
  'authors',
  {
    id: t.id(),
    email: t.text({ length: 254 }),
    displayName: t.text(),
    bio: t.text({ nullable: true }),
    avatar: t.bytes({ nullable: true }),
    isEditor: t.boolean({ default: false }),
    joinedAt: t.timestamp({ dbDefault: true }),
  },
  { prefix: 'blog', columnNaming: 'snake_case' },
)

/** A table with every kind of default. */
export const posts = defineTable('posts', {
  id: t.id(),
  authorId: t.integer({ source: 'author_id' }),
  slug: t.text(),
  title: t.text({ length: 200 }),
  body: t.text({ default: '' }),
  status: t.enum(['draft', 'live', 'retired'], { default: 'draft', typeName: 'post_status' }),
  tags: t.array(t.text(), { default: () => [] }),
  meta: t.json({ type: type<PostMeta>(), nullable: true }),
  visits: t.bigint({ default: 0n }),
  rating: t.float({ nullable: true }),
  wordCount: t.integer({ source: 'word_count', generated: 'always' }),
  publishOn: t.date({ source: 'publish_on', nullable: true }),
  insertedAt: t.timestamp({ source: 'inserted_at', dbDefault: true }),
  updatedAt: t.timestamp({ source: 'updated_at', as: 'string', default: () => '' }),
})

/** A table with a composite key and nothing else to set but one column. */
export const postReaders = defineTable('post_readers', {
  postId: t.integer({ primaryKey: true }),
  readerId: t.uuid({ primaryKey: true }),
  position: t.integer({ default: 0 }),
})

/** A table without a key. */
export const pageViews = defineTable('page_views', {
  postId: t.integer(),
  path: t.text(),
  seenAt: t.timestamp({ dbDefault: true }),
})
