import { type Repo, type Row, shared, sql, type Table } from '@mortise/core'
import { describe, expectTypeOf, test } from 'vitest'
import { authors, type PostMeta, pageViews, postReaders, posts } from './blog-tables.ts'
import { repo } from './repos.ts'

type Post = Row<typeof posts>
type PostStatus = 'draft' | 'live' | 'retired'

const draft = { authorId: 1, slug: 'mortise', title: 'A slot that any tenon fits' }

describe('reading', () => {
  test('all gives whole rows as flat objects', async () => {
    expectTypeOf(await repo.all(posts)).toEqualTypeOf<Post[]>()
    expectTypeOf(await repo.all(posts)).toEqualTypeOf<
      {
        id: number
        authorId: number
        slug: string
        title: string
        body: string
        status: PostStatus
        tags: string[]
        meta: PostMeta | null
        visits: bigint
        rating: number | null
        wordCount: number
        publishOn: string | null
        insertedAt: Date
        updatedAt: string
      }[]
    >()
  })

  test('select narrows the row to the columns it names', async () => {
    expectTypeOf(await repo.all(posts, { select: ['id', 'title'] })).toEqualTypeOf<
      { id: number; title: string }[]
    >()
    expectTypeOf(await repo.one(authors, { select: ['email'] })).toEqualTypeOf<
      { email: string } | undefined
    >()
    expectTypeOf(await repo.get(posts, 1, { select: ['meta'] })).toEqualTypeOf<
      { meta: PostMeta | null } | undefined
    >()
    // @ts-expect-error no such column
    repo.all(posts, { select: ['id', 'heading'] })
    // @ts-expect-error the property is authorId; author_id is the column's name in the database
    repo.all(posts, { select: ['author_id'] })
    // @ts-expect-error a row without the column that was not selected
    ;(await repo.all(posts, { select: ['id'] }))[0]?.title
  })

  test('one and get may find nothing', async () => {
    expectTypeOf(await repo.one(posts, { where: { slug: 'mortise' } })).toEqualTypeOf<
      Post | undefined
    >()
    expectTypeOf(await repo.get(posts, 1)).toEqualTypeOf<Post | undefined>()
    expectTypeOf(await repo.get(posts, 1, { lock: 'update' })).toEqualTypeOf<Post | undefined>()
    // @ts-expect-error the key is a number
    repo.get(posts, '1')
    // @ts-expect-error get takes a key, not conditions
    repo.get(posts, { id: 1 })
  })

  test('a composite key is an object, and a table without a key has no get', async () => {
    const key = { postId: 1, readerId: '8f5b4a8e-0000-4000-8000-000000000000' }
    expectTypeOf(await repo.get(postReaders, key)).toEqualTypeOf<
      { postId: number; readerId: string; position: number } | undefined
    >()
    // @ts-expect-error half a key
    repo.get(postReaders, { postId: 1 })
    // @ts-expect-error position is not part of the key
    repo.get(postReaders, { ...key, position: 1 })
    // @ts-expect-error there is no key
    repo.get(pageViews, 1)
    // @ts-expect-error there is no key
    repo.delete(pageViews, { postId: 1 })
  })

  test('exists and count take conditions only', async () => {
    expectTypeOf(await repo.exists(posts, { where: { status: 'live' } })).toBeBoolean()
    expectTypeOf(await repo.exists(posts)).toBeBoolean()
    expectTypeOf(await repo.count(posts, { where: { rating: { gte: 4.5 } } })).toBeNumber()
    // @ts-expect-error a count has no order
    repo.count(posts, { orderBy: 'id' })
    // @ts-expect-error exists has no columns
    repo.exists(posts, { select: ['id'] })
  })

  test('a list is ordered, cut and locked', async () => {
    repo.all(posts, { orderBy: 'insertedAt', limit: 10, offset: 20 })
    repo.all(posts, { orderBy: { insertedAt: 'desc', id: 'asc' } })
    repo.all(posts, { orderBy: [{ rating: { direction: 'desc', nulls: 'last' } }, 'id'] })
    repo.all(posts, { orderBy: [posts.title, sql`length(${posts.body}) desc`] })
    repo.all(posts, { lock: { mode: 'update', skipLocked: true }, limit: 1 })
    // @ts-expect-error no such column
    repo.all(posts, { orderBy: 'heading' })
    // @ts-expect-error no such direction
    repo.all(posts, { orderBy: { insertedAt: 'down' } })
    // @ts-expect-error no such column beside one that is there
    repo.all(posts, { orderBy: { insertedAt: 'desc', heading: 'asc' } })
    // @ts-expect-error a limit is a number
    repo.all(posts, { limit: '10' })
    // @ts-expect-error no such lock
    repo.all(posts, { lock: 'exclusive' })
    // @ts-expect-error no such option
    repo.all(posts, { where: { id: 1 }, having: {} })
  })
})

describe('where', () => {
  test('takes values, lists, null and operators of the column’s type', () => {
    repo.all(posts, { where: { status: 'live', authorId: 7 } })
    repo.all(posts, { where: { status: ['draft', 'live'] } })
    repo.all(posts, { where: { publishOn: null } })
    repo.all(posts, { where: { publishOn: { ne: null, gte: '2026-01-01' } } })
    repo.all(posts, { where: { insertedAt: { gt: new Date(0), lte: new Date() } } })
    repo.all(posts, { where: { title: { like: '%slot%' } } })
    repo.all(posts, { where: { visits: { gt: 2n ** 60n } } })
    repo.all(posts, { where: { visits: { gt: 100 } } })
    repo.all(authors, { where: { avatar: new Uint8Array(4), isEditor: true } })
    repo.all(posts, { where: { status: { in: ['draft'] } } })
    repo.all(posts, { where: sql`${posts.visits} % 2 = 0` })
  })

  test('refuses values of another type', () => {
    // @ts-expect-error not a word of the enum
    repo.all(posts, { where: { status: 'gone' } })
    // @ts-expect-error not a word of the enum, in a list
    repo.all(posts, { where: { status: ['live', 'gone'] } })
    // @ts-expect-error text for a number
    repo.all(posts, { where: { authorId: '7' } })
    // @ts-expect-error text for a Date
    repo.all(posts, { where: { insertedAt: { gt: '2026-01-01' } } })
    // @ts-expect-error a Date for a timestamp that is read as text
    repo.all(posts, { where: { updatedAt: new Date() } })
    // @ts-expect-error like compares text
    repo.all(posts, { where: { authorId: { like: '1%' } } })
    // @ts-expect-error nothing is greater than null
    repo.all(posts, { where: { publishOn: { gt: null } } })
    // @ts-expect-error null is never in a list
    repo.all(posts, { where: { publishOn: { in: [null] } } })
    // @ts-expect-error no such operator
    repo.all(posts, { where: { title: { contains: 'slot' } } })
    // @ts-expect-error no such column beside one that is there
    repo.all(posts, { where: { title: 'a', heading: 'b' } })
    // @ts-expect-error undefined would widen the condition
    repo.all(posts, { where: { title: undefined } })
    // @ts-expect-error undefined would widen the condition
    repo.all(posts, { where: { visits: { gt: undefined } } })
  })

  test('takes only null and operators on json and array columns', () => {
    const meta: PostMeta = { description: '', keywords: [] }
    repo.all(posts, { where: { meta: { eq: meta } } })
    repo.all(posts, { where: { meta: null } })
    repo.all(posts, { where: { meta: { ne: null } } })
    repo.all(posts, { where: { tags: { eq: ['a', 'b'] } } })
    repo.all(posts, { where: { tags: { in: [['a'], ['b', 'c']] } } })
    // @ts-expect-error a document could be an object of operators
    repo.all(posts, { where: { meta } })
    // @ts-expect-error an array could be a list of alternatives
    repo.all(posts, { where: { tags: ['a', 'b'] } })
    // @ts-expect-error not the document's type
    repo.all(posts, { where: { meta: { eq: { description: 1 } } } })
    // @ts-expect-error not the element's type
    repo.all(posts, { where: { tags: { eq: [1] } } })
  })
})

describe('writing one row', () => {
  test('insert gives the row, and takes what the table takes', async () => {
    expectTypeOf(await repo.insert(posts, draft)).toEqualTypeOf<Post>()
    repo.insert(posts, { ...draft, id: 5, meta: null, tags: ['a'] as const, visits: 3 })
    // @ts-expect-error title is missing
    repo.insert(posts, { authorId: 1, slug: 'a' })
    // @ts-expect-error the database makes it
    repo.insert(posts, { ...draft, wordCount: 4 })
    // @ts-expect-error no such column
    repo.insert(posts, { ...draft, heading: 'x' })
    // @ts-expect-error a title is never null
    repo.insert(posts, { ...draft, title: null })
    // @ts-expect-error not the document's type
    repo.insert(posts, { ...draft, meta: { description: 'x' } })
    // @ts-expect-error not a word of the enum
    repo.insert(posts, { ...draft, status: 'gone' })
    // @ts-expect-error undefined is not a value
    repo.insert(posts, { ...draft, body: undefined })
  })

  test('returning narrows the row', async () => {
    expectTypeOf(await repo.insert(posts, draft, { returning: true })).toEqualTypeOf<Post>()
    expectTypeOf(await repo.insert(posts, draft, { returning: ['id', 'slug'] })).toEqualTypeOf<{
      id: number
      slug: string
    }>()
    expectTypeOf(await repo.insert(posts, draft, { returning: false })).toBeUndefined()
    // @ts-expect-error no such column
    repo.insert(posts, draft, { returning: ['id', 'heading'] })
  })

  test('update and delete give the row or undefined', async () => {
    expectTypeOf(await repo.update(posts, 1, { title: 'b', meta: null })).toEqualTypeOf<
      Post | undefined
    >()
    expectTypeOf(
      await repo.update(posts, 1, { title: 'b' }, { returning: ['visits'] }),
    ).toEqualTypeOf<{ visits: bigint } | undefined>()
    expectTypeOf(await repo.update(posts, 1, { title: 'b' }, { returning: false })).toBeUndefined()
    expectTypeOf(await repo.delete(posts, 1)).toEqualTypeOf<Post | undefined>()
    expectTypeOf(await repo.delete(posts, 1, { returning: ['id'] })).toEqualTypeOf<
      { id: number } | undefined
    >()
    expectTypeOf(
      await repo.update(postReaders, { postId: 1, readerId: 'a' }, { position: 9 }),
    ).toEqualTypeOf<Row<typeof postReaders> | undefined>()
    // @ts-expect-error a key stays
    repo.update(posts, 1, { id: 2 })
    // @ts-expect-error the database makes it
    repo.update(posts, 1, { wordCount: 2 })
    // @ts-expect-error no such column
    repo.update(posts, 1, { title: 'b', heading: 'x' })
  })
})

describe('upserts', () => {
  test('a row is sure where every conflict writes one', async () => {
    expectTypeOf(await repo.insert(posts, draft, { onConflict: 'raise' })).toEqualTypeOf<Post>()
    expectTypeOf(
      await repo.insert(posts, draft, { onConflict: 'replace_all', conflictTarget: 'id' }),
    ).toEqualTypeOf<Post>()
    expectTypeOf(
      await repo.insert(posts, draft, {
        onConflict: 'replace_all_except_primary_key',
        conflictTarget: ['slug'],
      }),
    ).toEqualTypeOf<Post>()
    expectTypeOf(
      await repo.insert(posts, draft, {
        onConflict: { replace: ['title', 'body'] },
        conflictTarget: { columns: 'slug', where: { status: 'live', publishOn: null } },
      }),
    ).toEqualTypeOf<Post>()
    expectTypeOf(
      await repo.insert(posts, draft, {
        onConflict: { replaceAllExcept: ['id', 'insertedAt'] },
        conflictTarget: { constraint: 'posts_slug_key' },
      }),
    ).toEqualTypeOf<Post>()
    expectTypeOf(
      await repo.insert(posts, draft, {
        onConflict: { set: { title: 'b' }, inc: { visits: 1n } },
        conflictTarget: { unsafeFragment: 'lower(slug)' },
        returning: ['visits'],
      }),
    ).toEqualTypeOf<{ visits: bigint }>()
  })

  test('undefined joins the answer only where a conflict may write none', async () => {
    expectTypeOf(await repo.insert(posts, draft, { onConflict: 'nothing' })).toEqualTypeOf<
      Post | undefined
    >()
    expectTypeOf(
      await repo.insert(posts, draft, { onConflict: 'nothing', returning: ['id'] }),
    ).toEqualTypeOf<{ id: number } | undefined>()
    expectTypeOf(
      await repo.insert(posts, draft, {
        onConflict: { set: { title: 'b' }, where: { status: 'draft' } },
        conflictTarget: 'slug',
      }),
    ).toEqualTypeOf<Post | undefined>()
    expectTypeOf(
      await repo.insert(posts, draft, {
        onConflict: {
          inc: { visits: 1 },
          where: ({ existing, excluded }) => sql`${existing.title} <> ${excluded.title}`,
        },
        conflictTarget: 'slug',
      }),
    ).toEqualTypeOf<Post | undefined>()
    const either = (draft.slug === '' ? 'raise' : 'nothing') as 'raise' | 'nothing'
    expectTypeOf(await repo.insert(posts, draft, { onConflict: either })).toEqualTypeOf<
      Post | undefined
    >()
  })

  test('an update may refer to both rows', async () => {
    expectTypeOf(
      await repo.insert(posts, draft, {
        onConflict: {
          set: ({ existing, excluded }) => ({
            visits: sql`${existing.visits} + ${excluded.visits}`,
            title: excluded.title,
          }),
        },
        conflictTarget: 'slug',
      }),
    ).toEqualTypeOf<Post>()
    repo.insert(posts, draft, {
      // @ts-expect-error no such column among the rows
      onConflict: { set: ({ existing }) => ({ visits: existing.views }) },
    })
  })

  test('names and values are checked', () => {
    // @ts-expect-error no such action
    repo.insert(posts, draft, { onConflict: 'ignore' })
    // @ts-expect-error no such column
    repo.insert(posts, draft, { onConflict: { replace: ['heading'] } })
    // @ts-expect-error it cannot be written
    repo.insert(posts, draft, { onConflict: { replace: ['wordCount'] } })
    // @ts-expect-error not the column's type
    repo.insert(posts, draft, { onConflict: { set: { title: 1 } } })
    // @ts-expect-error no such column beside one that is there
    repo.insert(posts, draft, { onConflict: { set: { title: 'b', heading: 'x' } } })
    repo.insert(posts, draft, {
      // @ts-expect-error no such column beside one that is there
      onConflict: { set: { title: 'b' }, where: { id: 1, heading: '' } },
    })
    // @ts-expect-error no such part of an update
    repo.insert(posts, draft, { onConflict: { set: { title: 'b' }, unless: { id: 1 } } })
    // @ts-expect-error text cannot be incremented
    repo.insert(posts, draft, { onConflict: { inc: { title: 1 } } })
    // @ts-expect-error no such column
    repo.insert(posts, draft, { onConflict: 'nothing', conflictTarget: 'heading' })
    repo.insert(posts, draft, {
      onConflict: 'nothing',
      // @ts-expect-error not a word of the enum
      conflictTarget: { columns: ['slug'], where: { status: 'gone' } },
    })
    // @ts-expect-error misspelt beside an option that is there
    repo.insert(posts, draft, { returning: true, onConfict: 'nothing' })
  })

  test('insertOrGet says which it was', async () => {
    expectTypeOf(await repo.insertOrGet(posts, draft, { conflictTarget: 'slug' })).toEqualTypeOf<{
      readonly row: Post
      readonly inserted: boolean
    }>()
    // @ts-expect-error it needs a target
    repo.insertOrGet(posts, draft, {})
    // @ts-expect-error it has one action
    repo.insertOrGet(posts, draft, { conflictTarget: 'slug', onConflict: 'nothing' })
  })
})

describe('writing many rows', () => {
  test('insertAll gives rows only where returning asks for them', async () => {
    expectTypeOf(await repo.insertAll(posts, [draft])).toEqualTypeOf<{ readonly count: number }>()
    expectTypeOf(await repo.insertAll(posts, [draft], { returning: false })).toEqualTypeOf<{
      readonly count: number
    }>()
    expectTypeOf(await repo.insertAll(posts, [draft], { returning: true })).toEqualTypeOf<{
      readonly count: number
      readonly rows: Post[]
    }>()
    expectTypeOf(await repo.insertAll(posts, [draft], { returning: ['id'] })).toEqualTypeOf<{
      readonly count: number
      readonly rows: { id: number }[]
    }>()
    repo.insertAll(posts, [draft], { onConflict: 'nothing', conflictTarget: 'slug' })
    repo.insertAll(posts, [], { onConflict: { replace: ['title'] }, duplicates: 'last' })
    // @ts-expect-error no rows were asked for
    ;(await repo.insertAll(posts, [draft])).rows
    // @ts-expect-error no such answer to duplicates
    repo.insertAll(posts, [draft], { duplicates: 'ignore' })
  })

  test('rows may differ in the optional columns they give, and share values', () => {
    const insertedAt = shared(new Date())
    repo.insertAll(posts, [
      { ...draft, insertedAt },
      { ...draft, insertedAt, slug: 'b', body: 'text', status: shared('live') },
    ])
    // @ts-expect-error not a word of the enum, shared
    repo.insertAll(posts, [{ ...draft, status: shared('gone') }])
    // @ts-expect-error a Date is no text, shared
    repo.insertAll(posts, [{ ...draft, title: insertedAt }])
    // @ts-expect-error title is missing in the second row
    repo.insertAll(posts, [draft, { authorId: 1, slug: 'b' }])
    // @ts-expect-error a value is shared among many rows
    repo.insert(posts, { ...draft, insertedAt })
  })

  test('updateAll and deleteAll need a condition or all, never neither and never both', async () => {
    expectTypeOf(
      await repo.updateAll(posts, { where: { status: 'draft' }, set: { status: 'live' } }),
    ).toEqualTypeOf<{ readonly count: number }>()
    expectTypeOf(
      await repo.updateAll(posts, {
        all: true,
        set: { body: sql`trim(${posts.body})` },
        inc: { visits: 1, rating: 0.5 },
        returning: ['id'],
      }),
    ).toEqualTypeOf<{ readonly count: number; readonly rows: { id: number }[] }>()
    expectTypeOf(
      await repo.deleteAll(posts, { where: sql`${posts.visits} = 0`, returning: true }),
    ).toEqualTypeOf<{ readonly count: number; readonly rows: Post[] }>()
    expectTypeOf(await repo.deleteAll(pageViews, { all: true })).toEqualTypeOf<{
      readonly count: number
    }>()
    // @ts-expect-error neither
    repo.updateAll(posts, { set: { status: 'live' } })
    // @ts-expect-error neither
    repo.deleteAll(posts, {})
    // @ts-expect-error neither
    repo.deleteAll(posts)
    // @ts-expect-error both
    repo.deleteAll(posts, { where: { id: 1 }, all: true })
    // @ts-expect-error all is said by true
    repo.deleteAll(posts, { all: false })
    // @ts-expect-error a condition is not undefined
    repo.deleteAll(posts, { where: undefined })
    // @ts-expect-error a key stays
    repo.updateAll(posts, { where: { id: 1 }, set: { id: 2 } })
    // @ts-expect-error text cannot be incremented
    repo.updateAll(posts, { where: { id: 1 }, inc: { title: 1 } })
    // @ts-expect-error text for a number
    repo.updateAll(posts, { where: { id: 1 }, inc: { visits: '1' } })
    // @ts-expect-error no such option
    repo.deleteAll(posts, { where: { id: 1 }, limit: 10 })
  })
})

describe('code over any table', () => {
  test('keeps the row type', async () => {
    async function newest<T extends typeof posts | typeof authors>(
      from: Repo,
      table: T,
    ): Promise<Row<T> | undefined> {
      const [row] = await from.all(table, { limit: 1 })
      return row
    }
    expectTypeOf(await newest(repo, authors)).toEqualTypeOf<Row<typeof authors> | undefined>()
  })
  test('reaches every call, also where the columns are known at run time only', async () => {
    async function copy(from: Table, to: Table): Promise<number> {
      const rows = await repo.all(from, { where: { a: { gt: 1 } }, orderBy: 'a', select: ['a'] })
      expectTypeOf(rows).toEqualTypeOf<{ a: unknown }[]>()
      await repo.get(from, { a: 1, b: 2 })
      await repo.updateAll(from, { where: { a: 1 }, set: { b: 'x' }, inc: { c: 1 } })
      await repo.insert(to, { a: 1 }, { onConflict: { set: { b: 1 } }, conflictTarget: 'a' })
      const { count } = await repo.insertAll(to, rows, { onConflict: { replace: ['b'] } })
      return count
    }
    expectTypeOf(await copy(posts, authors)).toBeNumber()
  })
})
