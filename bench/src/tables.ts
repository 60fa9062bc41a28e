import {
  type Adapter,
  type ColumnRef,
  type Columns,
  defineTable,
  type Insert,
  type Repo,
  sql,
  type Table,
  t,
} from '@mortise/core'

/** 13 columns that SQLite and JavaScript hold alike: integers and texts. */
export const plainRows = defineTable('plain_rows', {
  id: t.id(),
  a: t.integer(),
  b: t.integer(),
  c: t.integer(),
  d: t.integer(),
  e: t.integer(),
  f: t.integer(),
  g: t.text(),
  h: t.text(),
  i: t.text(),
  j: t.text(),
  k: t.text(),
  l: t.text(),
})

/** 13 columns of an application: some have to be converted. */
export const typedRows = defineTable('typed_rows', {
  id: t.id(),
  title: t.text(),
  slug: t.text(),
  body: t.text(),
  author: t.text({ nullable: true }),
  visits: t.integer(),
  served: t.bigint(),
  rating: t.float(),
  published: t.boolean(),
  meta: t.json(),
  publishedOn: t.date({ nullable: true }),
  insertedAt: t.timestamp(),
  updatedAt: t.timestamp(),
})

/** Row `n` of {@link plainRows}. */
export function plainRow(n: number): Insert<typeof plainRows> {
  return {
    a: n,
    b: n * 7,
    c: -n,
    d: n % 100,
    e: 1_000_000 + n,
    f: n * n,
    g: `title of row ${n}`,
    h: `slug-${n}`,
    i: `a longer text that says something about row ${n}, but not much`,
    j: `author ${n % 100}`,
    k: `city ${n % 50}`,
    l: n % 2 === 0 ? 'published' : 'draft',
  }
}

const start = Date.UTC(2020, 0, 1)

/** Row `n` of {@link typedRows}. Its integers are all within 2^53. */
export function typedRow(n: number): Insert<typeof typedRows> {
  return {
    title: `title of row ${n}`,
    slug: `slug-${n}`,
    body: `a longer text that says something about row ${n}, but not much`,
    author: n % 5 === 0 ? null : `author ${n % 100}`,
    visits: n % 1000,
    served: BigInt(n) * 4096n,
    rating: n / 7,
    published: n % 3 !== 0,
    meta: { tags: ['one', `tag-${n % 9}`], score: n % 10, draft: n % 3 === 0 },
    publishedOn: n % 3 === 0 ? null : '2020-02-29',
    insertedAt: new Date(start + n * 1009),
    updatedAt: new Date(start + n * 1013),
  }
}

/** Makes a table and puts rows 1 to `count` into it. */
export async function fillTable<C extends Columns>(
  repo: Repo,
  table: Table<C>,
  row: (n: number) => Insert<Table<C>>,
  count: number,
): Promise<void> {
  await repo.query(createTableSql(repo.adapter, table))
  const batch = 5000
  for (let first = 1; first <= count; first += batch) {
    const length = Math.min(batch, count - first + 1)
    await repo.insertAll(
      table,
      Array.from({ length }, (_, i) => row(first + i)),
    )
  }
}

/** The DDL of a table in an adapter's dialect. */
export function createTableSql(adapter: Adapter, table: object): string {
  const columns: readonly ColumnRef[] = Object.values(table)
  const [first] = columns
  if (first === undefined) throw new Error('a table without columns')
  return adapter.dialect.compile({
    kind: 'create_table',
    table: { kind: 'table', name: first.table.name },
    columns: columns.map(({ source, settings }) => ({
      name: source,
      type: settings.type,
      nullable: settings.nullable,
      identity: settings.generated,
    })),
    primaryKey: columns.filter(({ settings }) => settings.primaryKey).map(({ source }) => source),
  }).sql
}

/** The stored values of a table, as SQLite holds them, integers as bigint. */
export async function storedValues(repo: Repo, table: Table<Columns>): Promise<unknown[][]> {
  const { rows } = await repo.query(sql`select * from ${table}`, { integers: 'bigint' } as object)
  return rows.map((row) => Object.values(row))
}
