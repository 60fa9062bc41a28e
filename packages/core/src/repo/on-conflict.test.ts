import { describe, expect, test } from 'vitest'
import type { ScriptedOptions } from '../../test/scripted-connection.ts'
import { scriptedCapabilities } from '../../test/scripted-manifest.ts'
import { type ScriptedRepo, scriptedRepo } from '../../test/scripted-repo.ts'
import type { UpsertCapabilities } from '../contract/index.ts'
import { type AnyTable, defineTable, sql, t } from '../query/index.ts'

const posts = defineTable('posts', {
  id: t.id(),
  slug: t.text(),
  title: t.text({ source: 'post_title' }),
  visits: t.integer({ default: 0 }),
  words: t.integer({ generated: 'always' }),
})
const row = { slug: 'a', title: 'A' }

/** The ways to write one row. */
const ways = [
  ['insert', (repo, table, values, options) => repo.insert(table, values, options)],
  ['insertAll', (repo, table, values, options) => repo.insertAll(table, [values], options)],
] as const satisfies readonly (readonly [
  string,
  (
    // biome-ignore lint/suspicious/noExplicitAny: what the types refuse is what is tested
    repo: any,
    table: AnyTable,
    values: object,
    options: object,
  ) => Promise<unknown>,
])[]

function open(options?: ScriptedOptions): ScriptedRepo {
  const opened = scriptedRepo(options)
  opened.database.allow(/^insert/, { affected: 1 })
  return opened
}

function withUpsert(upsert: Partial<UpsertCapabilities>): ScriptedOptions {
  return { capabilities: { upsert: { ...scriptedCapabilities.upsert, ...upsert } } }
}

const targets = [
  ['no target', undefined, ''],
  ['a column', 'slug', ' (slug)'],
  ['a list of columns', ['slug', 'title'], ' (slug, post_title)'],
  ['columns as an object', { columns: 'slug' }, ' (slug)'],
  [
    'a partial index',
    { columns: ['slug'], where: { visits: 0, title: null } },
    ' (slug) where (visits = 0 and post_title is null)',
  ],
  ['a constraint', { constraint: 'posts_slug' }, ' on constraint posts_slug'],
  ['an unsafe fragment', { unsafeFragment: '(lower(slug))' }, ' (lower(slug))'],
] as const

const actions = [
  ['nothing', 'nothing', ' do nothing'],
  [
    'replace_all',
    'replace_all',
    ' do update set id = excluded.id, slug = excluded.slug, post_title = excluded.post_title, visits = excluded.visits',
  ],
  [
    'replace_all_except_primary_key',
    'replace_all_except_primary_key',
    ' do update set slug = excluded.slug, post_title = excluded.post_title, visits = excluded.visits',
  ],
  ['replace', { replace: ['title'] }, ' do update set post_title = excluded.post_title'],
  [
    'replaceAllExcept',
    { replaceAllExcept: ['id', 'title'] },
    ' do update set slug = excluded.slug, visits = excluded.visits',
  ],
  ['set', { set: { title: 'B' } }, ' do update set post_title = ?'],
  ['inc', { inc: { visits: 2 } }, ' do update set visits = posts.visits + ?'],
  [
    'set with both rows',
    {
      // biome-ignore lint/suspicious/noExplicitAny: the options are used on several tables
      set: ({ excluded, existing }: any) => ({
        title: sql`${existing.title} || ${excluded.title}`,
      }),
    },
    ' do update set post_title = posts.post_title || excluded.post_title',
  ],
  [
    'set, inc and where',
    { set: { title: 'B' }, inc: { visits: 2 }, where: { visits: { lt: 9 } } },
    ' do update set post_title = ?, visits = posts.visits + ? where posts.visits < ?',
  ],
  [
    'where with both rows',
    {
      set: { title: 'B' },
      // biome-ignore lint/suspicious/noExplicitAny: the options are used on several tables
      where: ({ excluded, existing }: any) => sql`${existing.visits} < ${excluded.visits}`,
    },
    ' do update set post_title = ? where posts.visits < excluded.visits',
  ],
] as const

const returnings = [
  ['all columns', true, ' returning id, slug, post_title, visits, words'],
  ['one column', ['title'], ' returning post_title'],
  ['nothing', false, ''],
] as const

describe.each(ways)('%s', (_way, write) => {
  describe.each(targets)('on %s', (_target, conflictTarget, targetSql) => {
    test.each(actions)(
      '%s is written for every returning',
      async (_name, onConflict, actionSql) => {
        const { repo, sent } = open(withUpsert({ updateWithoutTarget: 'native' }))
        for (const [, returning, returningSql] of returnings) {
          await write(repo, posts, row, { onConflict, conflictTarget, returning }).catch(noRow)
          // A second call takes the remembered text.
          await write(repo, posts, row, { onConflict, conflictTarget, returning }).catch(noRow)
          const [first, second] = sent()
          expect(first?.sql).toBe(
            `insert into posts (slug, post_title, visits) values (?, ?, ?) on conflict${targetSql}${actionSql}${returningSql}`,
          )
          expect(second).toEqual(first)
        }
      },
    )
  })

  test('the values of an update come after the row', async () => {
    const { repo, sent } = open()
    const onConflict = {
      set: { title: 'B' },
      inc: { visits: 2 },
      where: { title: ['x', 'y'], visits: { gt: 5 } },
    }
    await write(repo, posts, row, { onConflict, conflictTarget: 'slug', returning: false })
    expect(sent()[0]?.parameters).toEqual(['a', 'A', 0, 'B', 2, 'x', 'y', 5])
  })

  test("a target with 'raise' is refused, whether it was said or not", async () => {
    const { repo, sent } = open()
    for (const onConflict of [undefined, 'raise']) {
      await expect(
        write(repo, posts, row, { onConflict, conflictTarget: 'slug' }),
      ).rejects.toMatchObject({
        code: 'CONFLICT_TARGET_UNUSED',
        message: expect.stringContaining("conflictTarget is given but onConflict is 'raise'"),
      })
    }
    expect(sent()).toEqual([])
  })

  test.each(actions.slice(1))(
    '%s without a target is refused where the database needs one',
    async (_name, onConflict) => {
      const { repo, sent } = open()
      await expect(write(repo, posts, row, { onConflict })).rejects.toMatchObject({
        name: 'MisuseError',
        code: 'CONFLICT_TARGET_MISSING',
        message: expect.stringContaining('conflictTarget'),
      })
      expect(sent()).toEqual([])
    },
  )

  const mistakes: readonly (readonly [string, object, string, RegExp])[] = [
    ['an unknown action', { onConflict: 'ignore' }, 'OPTION_INVALID', /onConflict takes 'raise'/],
    ['null as action', { onConflict: null }, 'OPTION_INVALID', /onConflict takes/],
    ['a list as action', { onConflict: ['title'] }, 'OPTION_INVALID', /onConflict takes/],
    [
      'an unknown key of an action',
      { onConflict: { sets: { title: 'B' } } },
      'UNKNOWN_OPTION',
      /onConflict has no option "sets".*set, inc, where/,
    ],
    [
      'two actions at once',
      { onConflict: { replace: ['title'], set: { title: 'B' } } },
      'OPTION_INVALID',
      /onConflict takes replace, replaceAllExcept or an update, one of them/,
    ],
    [
      'an empty replace list',
      { onConflict: { replace: [] } },
      'OPTION_INVALID',
      /onConflict\.replace takes a list of columns that is not empty/,
    ],
    [
      'a replace that is no list',
      { onConflict: { replace: 'title' } },
      'OPTION_INVALID',
      /onConflict\.replace takes a list/,
    ],
    [
      'an unknown column to replace',
      { onConflict: { replace: ['titel'] } },
      'UNKNOWN_COLUMN',
      /onConflict\.replace: posts has no column "titel".*title/,
    ],
    [
      'a column to replace by its database name',
      { onConflict: { replace: ['post_title'] } },
      'UNKNOWN_COLUMN',
      /onConflict\.replace: posts has no column "post_title"/,
    ],
    [
      'a column to replace twice',
      { onConflict: { replace: ['title', 'title'] } },
      'OPTION_INVALID',
      /onConflict\.replace names a column twice/,
    ],
    [
      'a generated column to replace',
      { onConflict: { replace: ['words'] } },
      'COLUMN_NOT_WRITABLE',
      /onConflict\.replace: posts\.words is generated/,
    ],
    [
      'an empty replaceAllExcept list',
      { onConflict: { replaceAllExcept: [] } },
      'OPTION_INVALID',
      /onConflict\.replaceAllExcept takes a list of columns that is not empty/,
    ],
    [
      'an unknown column to leave',
      { onConflict: { replaceAllExcept: ['nope'] } },
      'UNKNOWN_COLUMN',
      /onConflict\.replaceAllExcept: posts has no column "nope"/,
    ],
    [
      'a replaceAllExcept that leaves nothing',
      { onConflict: { replaceAllExcept: ['id', 'slug', 'title', 'visits'] } },
      'EMPTY_UPDATE',
      /onConflict replaceAllExcept leaves no column of posts to replace/,
    ],
    ['an empty update', { onConflict: {} }, 'EMPTY_UPDATE', /onConflict is an update that changes/],
    ['an empty set', { onConflict: { set: {} } }, 'EMPTY_UPDATE', /onConflict is an update/],
    [
      'an update of nothing but a condition',
      { onConflict: { where: { visits: 1 } } },
      'EMPTY_UPDATE',
      /onConflict is an update/,
    ],
    [
      'a set that is no object',
      { onConflict: { set: ['title'] } },
      'OPTION_INVALID',
      /onConflict\.set takes an object/,
    ],
    [
      'an unknown column to set',
      { onConflict: { set: { titel: 'B' } } },
      'UNKNOWN_COLUMN',
      /onConflict\.set: posts has no column "titel"/,
    ],
    [
      'a generated column to set',
      { onConflict: { set: { words: 1 } } },
      'COLUMN_NOT_WRITABLE',
      /onConflict\.set: posts\.words/,
    ],
    [
      'undefined to set',
      { onConflict: { set: { title: undefined } } },
      'UNDEFINED_VALUE',
      /onConflict\.set: posts\.title is undefined/,
    ],
    [
      'null to set where there can be none',
      { onConflict: { set: { title: null } } },
      'NOT_NULLABLE',
      /posts\.title/,
    ],
    [
      'a misspelt column of the proposed row',
      // biome-ignore lint/suspicious/noExplicitAny: the types refuse it
      { onConflict: { set: ({ excluded }: any) => ({ title: excluded.titel }) } },
      'UNDEFINED_VALUE',
      /onConflict\.set: posts\.title is undefined/,
    ],
    [
      'null to add',
      { onConflict: { inc: { visits: null } } },
      'OPTION_INVALID',
      /onConflict\.inc\.visits is null; give a number/,
    ],
    [
      'a column without sql`…` around it',
      { onConflict: { set: { title: posts.slug } } },
      'FRAGMENT_EXPECTED',
      /onConflict\.set\.title is a part of a fragment; make it a whole one/,
    ],
    [
      'something to add to text',
      { onConflict: { inc: { title: 1 } } },
      'OPTION_INVALID',
      /onConflict\.inc\.title adds to a column of the type text/,
    ],
    [
      'a column that is set and incremented',
      { onConflict: { set: { visits: 1 }, inc: { visits: 1 } } },
      'OPTION_INVALID',
      /onConflict\.set and onConflict\.inc both name "visits"/,
    ],
    [
      'an unknown column in the condition',
      { onConflict: { set: { title: 'B' }, where: { nope: 1 } } },
      'UNKNOWN_COLUMN',
      /onConflict\.where: posts has no column "nope"/,
    ],
    [
      'undefined in the condition',
      { onConflict: { set: { title: 'B' }, where: { visits: undefined } } },
      'UNDEFINED_VALUE',
      /onConflict\.where\.visits is undefined/,
    ],
    [
      'an unknown column as target',
      { onConflict: 'nothing', conflictTarget: 'post_title' },
      'UNKNOWN_COLUMN',
      /conflictTarget: posts has no column "post_title"/,
    ],
    [
      'an unknown column in a list of targets',
      { onConflict: 'nothing', conflictTarget: ['slug', 'nope'] },
      'UNKNOWN_COLUMN',
      /conflictTarget: posts has no column "nope"/,
    ],
    [
      'an empty target',
      { onConflict: 'nothing', conflictTarget: [] },
      'OPTION_INVALID',
      /conflictTarget takes a list of columns that is not empty/,
    ],
    [
      'a target of another kind',
      { onConflict: 'nothing', conflictTarget: { column: 'slug' } },
      'OPTION_INVALID',
      /conflictTarget takes a column, a list of columns/,
    ],
    [
      'null as target',
      { onConflict: 'nothing', conflictTarget: null },
      'OPTION_INVALID',
      /conflictTarget takes a column/,
    ],
    [
      'a constraint and columns',
      { onConflict: 'nothing', conflictTarget: { columns: 'slug', constraint: 'x' } },
      'OPTION_INVALID',
      /conflictTarget takes a column/,
    ],
    [
      'an empty predicate',
      { onConflict: 'nothing', conflictTarget: { columns: 'slug', where: {} } },
      'OPTION_INVALID',
      /conflictTarget\.where is empty/,
    ],
    [
      'an unknown column in a predicate',
      { onConflict: 'nothing', conflictTarget: { columns: 'slug', where: { nope: 1 } } },
      'UNKNOWN_COLUMN',
      /conflictTarget\.where: posts has no column "nope"/,
    ],
    [
      'undefined in a predicate',
      { onConflict: 'nothing', conflictTarget: { columns: 'slug', where: { visits: undefined } } },
      'UNDEFINED_VALUE',
      /conflictTarget\.where: posts\.visits is undefined/,
    ],
    ['an unknown column to return', { returning: ['nope'] }, 'UNKNOWN_COLUMN', /returning: posts/],
    [
      'an empty list to return',
      { returning: [] },
      'OPTION_INVALID',
      /returning takes a list of columns that is not empty/,
    ],
    ['text to return', { returning: '*' }, 'OPTION_INVALID', /returning takes true, false, or/],
    ['null to return', { returning: null }, 'OPTION_INVALID', /returning takes true, false, or/],
  ]

  test.each(mistakes)(
    '%s is refused before anything is sent',
    async (_name, options, code, message) => {
      const { repo, sent } = open()
      const { onConflict, conflictTarget = 'slug' } = options as {
        onConflict?: unknown
        conflictTarget?: unknown
      }
      const given = onConflict === undefined ? options : { ...options, conflictTarget }
      const error = await write(repo, posts, row, given).then(
        () => 'nothing was thrown',
        (error: Error) => error,
      )
      expect(error).toMatchObject({ name: 'MisuseError', code })
      expect((error as Error).message).toMatch(message)
      expect(sent()).toEqual([])
    },
  )

  test.each<[keyof UpsertCapabilities, object]>([
    ['nothing', { onConflict: 'nothing' }],
    ['update', { onConflict: 'replace_all', conflictTarget: 'slug' }],
    ['update', { onConflict: { inc: { visits: 1 } }, conflictTarget: 'slug' }],
    [
      'updateWhere',
      { onConflict: { inc: { visits: 1 }, where: { visits: 0 } }, conflictTarget: 'slug' },
    ],
    ['columns', { onConflict: 'nothing', conflictTarget: 'slug' }],
    ['columns', { onConflict: 'nothing', conflictTarget: { columns: ['slug'] } }],
    [
      'partialIndex',
      { onConflict: 'nothing', conflictTarget: { columns: 'slug', where: { visits: 0 } } },
    ],
    ['constraint', { onConflict: 'nothing', conflictTarget: { constraint: 'x' } }],
    ['unsafeFragment', { onConflict: 'nothing', conflictTarget: { unsafeFragment: '(a)' } }],
  ])('what needs upsert.%s is refused where it is absent', async (capability, options) => {
    const { repo, sent } = open(withUpsert({ [capability]: 'absent' }))
    await expect(write(repo, posts, row, options)).rejects.toMatchObject({
      name: 'UnsupportedError',
      capability: `upsert.${capability}`,
    })
    expect(sent()).toEqual([])
  })

  test('replace_all_except_primary_key leaves every part of a composite, renamed key alone', async () => {
    const readings = defineTable('readings', {
      sensorId: t.integer({ primaryKey: true, source: 'sensor' }),
      takenAt: t.timestamp({ primaryKey: true, source: 'taken', as: 'string' }),
      value: t.float({ source: 'reading' }),
    })
    const { repo, sent } = open()
    const values = { sensorId: 1, takenAt: '2024-05-01T10:00:00Z', value: 1.5 }
    await write(repo, readings, values, {
      onConflict: 'replace_all_except_primary_key',
      conflictTarget: ['sensorId', 'takenAt'],
      returning: false,
    })
    expect(sent()[0]?.sql).toBe(
      'insert into readings (sensor, taken, reading) values (?, ?, ?) on conflict (sensor, taken) do update set reading = excluded.reading',
    )
  })

  test('replace_all_except_primary_key leaves a generated key alone', async () => {
    const made = defineTable('made', {
      key: t.integer({ primaryKey: true, generated: 'always', source: 'k' }),
      a: t.text(),
    })
    const { repo, sent } = open()
    const options = { conflictTarget: 'a', returning: false }
    await write(repo, made, { a: 'x' }, { ...options, onConflict: 'replace_all' })
    await write(
      repo,
      made,
      { a: 'x' },
      { ...options, onConflict: 'replace_all_except_primary_key' },
    )
    for (const { sql } of sent()) expect(sql).toMatch(/do update set a = excluded\.a$/)
  })

  test('a table of nothing but its key has nothing to replace', async () => {
    const pairs = defineTable('pairs', {
      a: t.integer({ primaryKey: true }),
      b: t.integer({ primaryKey: true }),
    })
    const { repo, sent } = open()
    await expect(
      write(
        repo,
        pairs,
        { a: 1, b: 2 },
        { onConflict: 'replace_all_except_primary_key', conflictTarget: ['a', 'b'] },
      ),
    ).rejects.toMatchObject({
      code: 'EMPTY_UPDATE',
      message: expect.stringContaining("say 'nothing'"),
    })
    expect(sent()).toEqual([])
  })

  test('a row without columns keeps its onConflict', async () => {
    const loose = defineTable('loose', { id: t.id(), a: t.text({ dbDefault: true }) })
    const { repo, sent } = open()
    await write(repo, loose, {}, { onConflict: 'nothing', returning: false })
    await write(
      repo,
      loose,
      {},
      { onConflict: 'replace_all', conflictTarget: 'a', returning: false },
    )
    expect(sent().map(({ sql }) => sql)).toEqual([
      'insert into loose default values on conflict do nothing',
      'insert into loose default values on conflict (a) do update set id = excluded.id, a = excluded.a',
    ])
  })

  test('predicates that differ in a value are different statements', async () => {
    const scores = defineTable('scores', { id: t.id(), name: t.text(), score: t.float() })
    const { repo, sent } = open()
    for (const score of [1, '1', Infinity, -Infinity, null]) {
      const where = typeof score === 'string' ? { name: score } : { score }
      await write(
        repo,
        scores,
        { name: 'a', score: 1 },
        { onConflict: 'nothing', conflictTarget: { columns: 'name', where }, returning: false },
      ).catch(noRow)
    }
    expect(new Set(sent().map(({ sql }) => sql)).size).toBe(5)
  })
})

/** The scripted database gives no rows back, which is beside the point here. */
function noRow(error: { code?: string }): void {
  if (error.code !== 'NOT_ONE_ROW') throw error
}
