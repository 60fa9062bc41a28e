import { describe, expect, test } from 'vitest'
import { Editor } from './editor.ts'

const imports = `
import { type Insert, type PrimaryKey, type Repo, type Row, type Update, defineTable, sql, t, type } from '@mortise/core'
import { accounts, entries } from './ledger-tables.ts'
import { authors, posts } from './blog-tables.ts'
import { repo } from './repos.ts'
`

const editor = new Editor()
const open = (text: string) => editor.open(imports + text)

describe('hovering', () => {
  test('shows rows, inserts, updates and keys as flat objects', () => {
    open(`
      type /*?*/Account = Row<typeof accounts>
      type /*?*/NewAccount = Insert<typeof accounts>
      type /*?*/Change = Update<typeof accounts>
      type /*?*/Key = PrimaryKey<typeof entries>
    `)
    expect(editor.hovers()).toEqual([
      'type Account = { id: bigint; owner: string; currency: string; balance: string; movements: number; closedAt: Date | null; }',
      'type NewAccount = { owner: string; currency: string; id?: number | bigint; balance?: string | bigint; movements?: number; closedAt?: Date | null; }',
      'type Change = { owner?: string; currency?: string; balance?: string | bigint; movements?: number; closedAt?: Date | null; }',
      'type Key = { transferId: string; accountId: number | bigint; }',
    ])
  })

  test('shows the answers of calls as flat objects', () => {
    open(`
      const /*?*/all = await repo.all(accounts, { where: { id: 1n } })
      const /*?*/some = await repo.one(accounts, { select: ['id', 'owner'] })
      const /*?*/inserted = await repo.insert(accounts, { owner: 'a', currency: 'EUR' }, { onConflict: 'nothing', returning: ['id'] })
      const /*?*/many = await repo.insertAll(accounts, [], { returning: ['id'] })
      const /*?*/one = await repo.insertOrGet(entries, { transferId: '', accountId: 1, amount: '1' }, { conflictTarget: 'sequence' })
    `)
    expect(editor.errors()).toEqual([])
    expect(editor.hovers()).toEqual([
      'const all: { id: bigint; owner: string; currency: string; balance: string; movements: number; closedAt: Date | null; }[]',
      'const some: { id: bigint; owner: string; } | undefined',
      'const inserted: { id: bigint; } | undefined',
      'const many: { readonly count: number; readonly rows: { id: bigint; }[]; }',
      'const one: { readonly row: { transferId: string; accountId: bigint; amount: string; sequence: bigint; }; readonly inserted: boolean; }',
    ])
  })
})

describe('completion', () => {
  test('offers the columns of the table, the words of an enum and the options of a call', () => {
    const columns = ['id', 'owner', 'currency', 'balance', 'movements', 'closedAt']
    open(`
      repo.all(accounts, { select: ['/*?*/'] })
      repo.all(accounts, { orderBy: '/*?*/' })
      repo.insert(accounts, {} as never, { returning: ['/*?*/'] })
      repo.insert(accounts, {} as never, { conflictTarget: '/*?*/' })
      repo.all(posts, { where: { status: '/*?*/' } })
      repo.all(accounts, { where: { movements: { /*?*/ } } })
      repo.insert(accounts, {} as never, { onConflict: '/*?*/' })
      repo.insert(accounts, {} as never, { onConflict: { set: { /*?*/ } } })
      repo.insert(accounts, {} as never, { /*?*/ })
      t.timestamp({ as: '/*?*/' })
      t.text({ /*?*/ })
    `)
    expect(editor.completions()).toEqual([
      columns,
      columns,
      columns,
      columns,
      ['draft', 'live', 'retired'],
      ['eq', 'gt', 'gte', 'in', 'lt', 'lte', 'ne'],
      ['raise', 'nothing', 'replace_all', 'replace_all_except_primary_key'],
      ['balance', 'closedAt', 'currency', 'movements', 'owner'],
      [
        'cache',
        'conflictTarget',
        'onConflict',
        'plan',
        'returning',
        'signal',
        'statement',
        'timeoutMs',
      ],
      ['string', 'date', 'temporal'],
      ['dbDefault', 'default', 'generated', 'length', 'nullable', 'primaryKey', 'source'],
    ])
  })
})

describe('errors', () => {
  const messageOf = (call: string) => {
    const errors = open(call).errors()
    expect(errors).toHaveLength(1)
    return errors[0] as string
  }

  test('name the column and what it takes', () => {
    expect(messageOf(`repo.insert(accounts, { ownr: 'a', currency: 'EUR' })`)).toMatch(
      /^Object literal may only specify known properties, but 'ownr' does not exist in type '\{ owner: string; .*Did you mean to write 'owner'\?$/,
    )
    expect(messageOf(`repo.insert(accounts, { owner: 'a' })`)).toMatch(
      /Property 'currency' is missing in type '\{ owner: string; \}' but required in type '\{ owner: string; currency: string; /,
    )
    expect(messageOf(`repo.all(accounts, { select: ['ownr'] })`)).toBe(
      `Type '"ownr"' is not assignable to type '"id" | "owner" | "currency" | "balance" | "movements" | "closedAt"'. Did you mean '"owner"'?`,
    )
    expect(messageOf(`repo.all(posts, { where: { status: 'gone' } })`)).toMatch(
      /^Type '"gone"' is not assignable to type '"draft" \| "live" \| "retired" \| /,
    )
    expect(messageOf(`repo.get(accounts, '1')`)).toBe(
      `Argument of type 'string' is not assignable to parameter of type 'number | bigint'.`,
    )
    expect(messageOf(`t.text({ nullable: true, lenght: 5 })`)).toMatch(
      /'lenght' does not exist in type .* Did you mean to write 'length'\?$/,
    )
    expect(messageOf(`t.json({ type: type<{ a: number }>(), default: { a: 'x' } })`)).toBe(
      `Type 'string' is not assignable to type 'number'.`,
    )
  })

  test('say that a bulk write needs a condition', () => {
    expect(messageOf(`repo.deleteAll(accounts, {})`)).toMatch(
      /^Argument of type '\{\}' is not assignable to parameter of type '\(?WhereOrAll</,
    )
    expect(messageOf(`repo.updateAll(accounts, { set: { owner: 'a' } })`)).toMatch(
      /Property 'where' is missing in type/,
    )
    expect(messageOf(`repo.query(sql\`select 1\`, { plan: 'best' })`)).toContain(
      `Type '"best"' is not assignable to type '"auto" | "custom" | "generic" | undefined'`,
    )
  })
})

describe('declarations', () => {
  test('of tables and of functions that use a repo can be written without annotations', () => {
    const { text, errors } = open(`
      export const notes = defineTable('notes', { id: t.id(), text: t.text({ nullable: true }) })
      export const find = (id: number) => repo.get(notes, id, { select: ['text'] })
      export const count = () => repo.query(sql<{ n: number }>\`select count(*) as n from \${notes}\`)
    `).declaration()
    expect(errors).toEqual([])
    expect(text).toContain('text: string | null')
    expect(text).toContain('Table<{')
    expect(text).not.toContain('any')
  })
})

describe('type checking', () => {
  /** A table of 13 columns and the calls that an application makes on it. */
  const module = (i: number) => `
    const table${i} = defineTable('table${i}', {
      id: t.id(), title${i}: t.text({ length: 100 }), slug: t.text({ source: 'slug_${i}' }),
      body: t.text({ nullable: true }), meta: t.json({ type: type<Meta>(), nullable: true }),
      visits${i}: t.integer({ default: 0 }), price: t.decimal({ precision: 12, scale: 2, default: '0' }),
      big: t.bigint({ dbDefault: true }), state: t.enum(['a', 'b', 'c'], { default: 'a' }),
      tags: t.array(t.text(), { default: () => [] }), insertedAt: t.timestamp({ dbDefault: true }),
      updatedAt: t.timestamp({ as: 'string', nullable: true }), token: t.uuid(),
    })
    export async function use${i}(): Promise<Row<typeof table${i}>> {
      const proposed: Insert<typeof table${i}> = { title${i}: 'x', slug: 'y', token: 'z' }
      const rows = await repo.all(table${i}, { where: { visits${i}: { gt: 1 }, state: ['a', 'b'] }, orderBy: { insertedAt: 'desc' }, limit: 5 })
      const one = await repo.one(table${i}, { where: { slug: 'x' }, select: ['id', 'slug'] })
      const { rows: ids } = await repo.insertAll(table${i}, [proposed], { returning: ['id'] })
      await repo.update(table${i}, one?.id ?? 0, { title${i}: 'q' })
      await repo.updateAll(table${i}, { where: { id: rows.map((row) => row.id) }, inc: { visits${i}: 1 } })
      await repo.deleteAll(table${i}, { where: { id: ids.map((row) => row.id) } })
      return repo.insert(table${i}, proposed, { onConflict: { set: { title${i}: 'y' }, inc: { visits${i}: 1 } }, conflictTarget: 'slug' })
    }`
  const application = (tables: number) =>
    open(
      `interface Meta { a: number }\n${Array.from({ length: tables }, (_, i) => module(i)).join('')}`,
    )

  test('takes work that grows with the number of tables only', () => {
    const one = application(1).instantiations()
    const thirty = application(30).instantiations()
    expect(editor.errors()).toEqual([])
    // A quarter of a second for thirty tables; a type that expands each table for each use costs
    // a hundred times as much.
    expect((thirty - one) / 29).toBeLessThan(5_000)
  })
})
