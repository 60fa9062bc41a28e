import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { AbortError, DatabaseError, sql, TransactionError, t } from '@mortise/core'
import { checkEqual, checkErrorIs, checkRefuses, checkThat, show } from '../check/index.ts'
import type { RuleContext } from '../context/index.ts'
import { column, insertInto, request } from '../contract/index.ts'
import { interactive, manifest, member, type Rule, rule, streams, types } from '../rule/index.ts'

const quiet = { returning: false } as const

export const streamRules: readonly Rule[] = [
  rule({
    id: 'STR-010',
    title: 'A stream gives every row once and in order, whatever the batch size',
    level: 'MUST',
    law: 1,
    tier: 'core',
    since: '2026.1',
    rationale: 'The row at the seam of two batches is the one that is lost or doubled.',
    causes: ['the last, shorter batch ends the stream early', 'an empty last batch is an error'],
    needs: [streams],
    async run(context) {
      const { repo, rows } = await withNumbers(context, 10)
      const query = sql<{ n: number }>`select ${rows.n} from ${rows} order by 1`
      for (const batchSize of [1, 2, 3, 9, 10, 11, 500]) {
        const seen: number[] = []
        for await (const row of repo.stream(query, { batchSize })) seen.push(Number(row.n))
        checkEqual(`the rows in batches of ${batchSize}`, seen, upTo(10))
      }
      const none: unknown[] = []
      const empty = sql`select ${rows.n} from ${rows} where ${rows.n} < ${0}`
      for await (const row of repo.stream(empty, { batchSize: 2 })) none.push(row)
      checkEqual('the rows of nothing', none, [])
      const bound: number[] = []
      const some = sql<{
        n: number
      }>`select ${rows.n} from ${rows} where ${rows.n} >= ${4} and ${rows.n} < ${7} order by 1`
      for await (const row of repo.stream(some, { batchSize: 2 })) bound.push(Number(row.n))
      checkEqual('the rows with parameters', bound, [4, 5, 6])
    },
  }),
  rule({
    id: 'STR-011',
    title: 'A driver’s stream gives at most a batch at a time, with its columns',
    level: 'MUST',
    law: 5,
    tier: 'core',
    since: '2026.1',
    rationale: 'The batch size is what bounds memory.',
    causes: ['the whole result is one batch', 'columns are there with the first batch only'],
    needs: [streams, member('stream')],
    async run(context) {
      const caller = await context.connect()
      const table = await context.create(caller, [column('n', 'integer')])
      const { operation, values } = insertInto(
        table,
        ['n'],
        upTo(10).map((n) => [n]),
      )
      await caller.run(operation, values)
      const name = context.adapter.dialect.quoteIdentifier(table.table.name)
      const seen: number[] = []
      const sizes: number[] = []
      const made = request(`select n, n * 2 as twice from ${name} order by n`, { access: 'read' })
      const batches = caller.connection.stream?.(made, { batchSize: 4 })
      for await (const { rows, columns } of batches ?? []) {
        checkEqual(
          'the columns of a batch',
          columns.map((each) => each.name),
          ['n', 'twice'],
        )
        checkThat('the size of a batch', rows.length <= 4, {
          expected: 'at most 4 rows',
          seen: String(rows.length),
        })
        sizes.push(rows.length)
        for (const row of rows as readonly unknown[][]) seen.push(Number(row[0]))
      }
      checkEqual('the rows', seen, upTo(10))
      checkThat('the batches', sizes.length >= 3, { expected: 'at least 3', seen: show(sizes) })
    },
  }),
  rule({
    id: 'STR-012',
    title: 'Leaving a stream early releases everything it held',
    level: 'MUST',
    law: 2,
    tier: 'core',
    since: '2026.1',
    rationale: 'A cursor that stays open holds locks, memory and the connection.',
    causes: [
      'return() of the iterator does not close the cursor',
      'the transaction of the cursor stays open',
    ],
    needs: [streams],
    async run(context) {
      const { repo, rows } = await withNumbers(context, 10)
      const query = sql`select ${rows.n} from ${rows} order by 1`
      for (let i = 0; i < 5; i++) {
        for await (const _ of repo.stream(query, { batchSize: 2 })) break
        await (async () => {
          for await (const _ of repo.stream(query, { batchSize: 2 })) throw new Error('left')
        })().catch(() => {})
        checkEqual('the connections in use after leaving', repo.stats().pool.inUse, 0)
        await repo.insertAll(rows, [{ n: 100 + i }])
      }
      const iterator = repo.stream(query, { batchSize: 2 })
      await iterator.next()
      await iterator.return?.()
      checkEqual('a stream that was returned', await iterator.next(), {
        done: true,
        value: undefined,
      })
      await repo.query(
        context.adapter.dialect.compile({
          kind: 'drop_table',
          table: { kind: 'table', name: rows.n.table.name },
        }).sql,
      )
    },
  }),
  rule({
    id: 'STR-013',
    title: 'A stream that fails midway throws, after the rows that came before',
    level: 'MUST',
    law: 1,
    tier: 'core',
    since: '2026.1',
    rationale:
      'A stream that ends instead of failing is an export that lacks its last million rows.',
    causes: ['an error while fetching ends the iterator', 'the error reaches nobody'],
    needs: [streams, types('bigint')],
    async run(context) {
      const repo = context.repo()
      const rows = context.define({ id: t.integer({ primaryKey: true }), v: t.bigint() })
      await context.build(repo, rows)
      await repo.insertAll(
        rows,
        upTo(1000).map((id) => ({ id, v: id === 900 ? -(2n ** 63n) : BigInt(id) })),
      )
      const query = sql<{
        id: number
      }>`select ${rows.id} as id, abs(${rows.v}) as v from ${rows} order by ${rows.id}`
      const seen: number[] = []
      const error = await checkRefuses('a stream whose row 900 overflows', async () => {
        for await (const { id } of repo.stream(query, { batchSize: 10 })) seen.push(Number(id))
        return seen.length
      })
      checkErrorIs('the error', error, DatabaseError)
      checkEqual('the rows before the error are in order', seen, upTo(seen.length))
      await repo.insertAll(rows, [{ id: 5000, v: 1n }])
    },
  }),
  rule({
    id: 'STR-014',
    title: 'A stream reads ahead one batch at most',
    level: 'MUST',
    law: 5,
    tier: 'core',
    since: '2026.1',
    rationale: 'A result that is fetched whole and handed out in pieces is no stream.',
    causes: ['execute is used and its rows are cut into batches'],
    needs: [
      manifest(
        'streaming',
        'is `interleaved` or `exclusive`',
        (value) => value === 'interleaved' || value === 'exclusive',
      ),
      types('bigint'),
    ],
    async run(context) {
      const repo = context.repo()
      const rows = context.define({ id: t.integer({ primaryKey: true }), v: t.bigint() })
      await context.build(repo, rows)
      await repo.insertAll(
        rows,
        upTo(2000).map((id) => ({ id, v: id === 1900 ? -(2n ** 63n) : BigInt(id) })),
      )
      // The row that cannot be computed is never reached unless somebody reads ahead of us.
      const query = sql<{
        id: number
      }>`select ${rows.id} as id, abs(${rows.v}) as v from ${rows} order by ${rows.id}`
      const seen: number[] = []
      for await (const { id } of repo.stream(query, { batchSize: 10 })) {
        seen.push(Number(id))
        if (seen.length === 25) break
      }
      checkEqual('the first rows of a stream whose row 1900 cannot be computed', seen, upTo(25))
    },
  }),
  rule({
    id: 'STR-015',
    title: 'Other statements during a stream do what the manifest says',
    level: 'MUST',
    law: 6,
    tier: 'core',
    since: '2026.1',
    rationale:
      'Looking something up for each streamed row is the commonest use, and it hangs or fails.',
    causes: [
      'the connection is busy while a cursor is open',
      'a cached statement is used twice at once',
    ],
    needs: [streams],
    deadlineMs: 3000,
    async run(context) {
      const { repo, rows } = await withNumbers(context, 12)
      const { streaming } = context.adapter.capabilities
      const query = sql<{ n: number }>`select ${rows.n} from ${rows} order by 1`
      // A cursor that lives in a transaction leaves other statements their place only in one.
      const cursor = streaming === 'emulated' ? context.adapter.dialect.cursor : undefined
      const hold: typeof repo.checkout =
        cursor?.within === 'transaction' ? (fn) => repo.transaction(fn) : (fn) => repo.checkout(fn)
      await hold(async (held) => {
        const seen: number[] = []
        let inner: unknown
        for await (const row of held.stream(query, { batchSize: 3 })) {
          seen.push(Number(row.n))
          if (Number(row.n) !== 4) continue
          try {
            const all = await held.query(query)
            inner = all.rows.length
            await held.insertAll(rows, [{ n: 100 }])
          } catch (error) {
            inner = error
          }
        }
        checkEqual(
          'the streamed rows that were there',
          seen.filter((n) => n < 100),
          upTo(12),
        )
        if (streaming === 'exclusive') {
          checkErrorIs('a statement during an exclusive stream', inner, TransactionError)
        } else checkEqual('the rows that the same statement gave during the stream', inner, 12)
        await held.count(rows)
      })
    },
  }),
  rule({
    id: 'STR-016',
    title: 'A stream in a transaction sees its writes, and leaving it keeps the transaction',
    level: 'MUST',
    law: 2,
    tier: 'core',
    since: '2026.1',
    rationale: 'Closing the cursor must not close what it was opened in.',
    causes: ['the cursor’s end is a commit or rollback', 'the stream uses another connection'],
    needs: [streams, interactive],
    async run(context) {
      const { repo, rows } = await withNumbers(context, 3)
      await repo
        .transaction(async (tx) => {
          await tx.insert(rows, { n: 3 }, quiet)
          const seen: number[] = []
          const query = sql<{ n: number }>`select ${rows.n} from ${rows} order by 1`
          for await (const row of tx.stream(query, { batchSize: 2 })) seen.push(Number(row.n))
          checkEqual('the rows inside', seen, upTo(4))
          for await (const _ of tx.stream(query, { batchSize: 1 })) break
          await tx.insert(rows, { n: 4 }, quiet)
          checkEqual('the count inside', await tx.count(rows), 5)
          tx.rollback()
        })
        .catch((error: unknown) => {
          if ((error as { code?: string }).code !== 'ROLLED_BACK') throw error
        })
      checkEqual('the count after the rollback', await repo.count(rows), 3)
    },
  }),
  rule({
    id: 'STR-017',
    title: 'An aborted stream stops with the signal’s reason and releases everything',
    level: 'MUST',
    law: 9,
    tier: 'core',
    since: '2026.1',
    rationale: 'The client of an export that went away must not keep a connection.',
    causes: ['the signal is looked at before the first row only'],
    needs: [streams],
    async run(context) {
      const { repo, rows } = await withNumbers(context, 20)
      const abort = new AbortController()
      const reason = new Error('the client went away')
      let seen = 0
      const error = await checkRefuses('a stream that was aborted', async () => {
        const query = sql`select ${rows.n} from ${rows} order by 1`
        for await (const _ of repo.stream(query, { batchSize: 2, signal: abort.signal })) {
          seen++
          if (seen === 3) abort.abort(reason)
        }
      })
      checkErrorIs('the error', error, AbortError)
      checkEqual('the error’s cause', (error as Error).cause, reason)
      checkThat('the rows given after the abort', seen <= 5, {
        expected: 'at most a batch',
        seen: `${seen - 3} more`,
      })
      checkEqual('the count afterwards', await repo.count(rows), 20)
    },
  }),
  rule({
    id: 'STR-018',
    title: 'A stream of a million rows stays within 64 MB',
    level: 'MUST',
    law: 5,
    tier: 'extended',
    since: '2026.1',
    rationale: 'This is what streams are for, emulated ones too.',
    causes: ['a batch is kept after it was given', 'the whole result is buffered somewhere'],
    needs: [streams],
    deadlineMs: 120_000,
    async run(context) {
      const { repo, rows } = await withNumbers(context, 10)
      const one = sql`${rows}`
      const query = sql<{
        v: number
      }>`select a.n * 100000 + b.n * 10000 + c.n * 1000 + d.n * 100 + e.n * 10 + f.n as v, ${'x'.repeat(100)} as padding from ${one} a, ${one} b, ${one} c, ${one} d, ${one} e, ${one} f`
      // A first pass, so that what the process keeps anyway is there before it is measured.
      let warm = 0
      for await (const _ of repo.stream(query, { batchSize: 1000 })) {
        if (++warm === 100_000) break
      }
      const collect = garbageCollector()
      // What the process holds of the system, and what is alive: a process that was large before
      // may keep a million rows without growing.
      const held = (): { resident: number; alive: number } => {
        collect()
        const { rss, heapUsed, external } = process.memoryUsage()
        return { resident: rss, alive: heapUsed + external }
      }
      const before = held()
      let most = 0
      let seen = 0
      for await (const _ of repo.stream(query, { batchSize: 1000 })) {
        if (++seen % 100_000 !== 0) continue
        const now = held()
        most = Math.max(most, now.resident - before.resident, now.alive - before.alive)
      }
      checkEqual('how many rows', seen, 1_000_000)
      checkThat('the memory that it took', most < 64 * 1024 * 1024, {
        expected: 'less than 64 MB',
        seen: `${Math.round(most / 1024 / 1024)} MB`,
      })
    },
  }),
]

function upTo(count: number): number[] {
  return Array.from({ length: count }, (_, i) => i)
}

/** V8's collector, which is there for whoever asks, at any time. */
function garbageCollector(): () => void {
  setFlagsFromString('--expose-gc')
  return runInNewContext('gc') as () => void
}

async function withNumbers(context: RuleContext, count: number) {
  const repo = context.repo()
  const rows = context.define({ n: t.integer({ primaryKey: true }) })
  await context.build(repo, rows)
  await repo.insertAll(
    rows,
    upTo(count).map((n) => ({ n })),
  )
  return { repo, rows }
}
