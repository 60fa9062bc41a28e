import {
  createRepo,
  DatabaseError,
  metadataOf,
  type QueryResult,
  type Repo,
  type RepoStats,
  RollbackError,
  type Row,
  sql,
  type TransactionOptions,
} from '@mortise/core'
import { describe, expectTypeOf, test } from 'vitest'
import { accounts, audit, currencies, entries, transfers } from './ledger-tables.ts'
import { fileRepo, repo, type ServerAdapter, server } from './repos.ts'

type Account = Row<typeof accounts>

interface Transfer {
  readonly from: bigint
  readonly to: bigint
  readonly amount: string
  readonly requestKey: string
}

/** Books a transfer once, however often it is asked for. */
async function book(transfer: Transfer): Promise<{ id: string; settled: boolean }> {
  return repo.transaction(
    async (tx) => {
      const { row, inserted } = await tx.insertOrGet(
        transfers,
        { requestKey: transfer.requestKey, state: 'pending', bookedOn: '2026-01-31' },
        { conflictTarget: 'requestKey' },
      )
      if (!inserted) return { id: row.id, settled: row.state === 'settled' }
      const held = await tx.all(accounts, {
        where: { id: [transfer.from, transfer.to], closedAt: null },
        orderBy: 'id',
        select: ['id', 'balance'],
        lock: 'update',
      })
      if (held.length !== 2) tx.rollback('an account is closed')
      await tx.insertAll(entries, [
        { transferId: row.id, accountId: transfer.from, amount: `-${transfer.amount}` },
        { transferId: row.id, accountId: transfer.to, amount: transfer.amount },
      ])
      const amount = sql.typed(transfer.amount, accounts.balance)
      await tx.updateAll(accounts, {
        where: { id: transfer.from },
        set: { balance: sql`${accounts.balance} - ${amount}` },
        inc: { movements: 1 },
      })
      await tx.updateAll(accounts, {
        where: { id: transfer.to },
        inc: { balance: transfer.amount, movements: 1 },
      })
      await tx.update(transfers, row.id, { state: 'settled', settledAt: '2026-01-31T08:00:00Z' })
      tx.afterCommit(() => process.stdout.write('settled\n'))
      return { id: row.id, settled: true }
    },
    { isolation: 'serializable', retry: 5, timeoutMs: 2_000 },
  )
}

describe('a transaction', () => {
  test('gives what its function gives', async () => {
    expectTypeOf(book).returns.resolves.toEqualTypeOf<{ id: string; settled: boolean }>()
    expectTypeOf(await repo.transaction(() => 1)).toBeNumber()
    expectTypeOf(await repo.transaction(async () => 'text')).toBeString()
    expectTypeOf(await repo.transaction(async () => {})).toBeVoid()
    expectTypeOf(await repo.transaction((tx) => tx.get(accounts, 1n))).toEqualTypeOf<
      Account | undefined
    >()
    expectTypeOf(
      await repo.transaction(async (tx) => {
        const account = await tx.get(accounts, 1n)
        return account ?? tx.rollback('no account')
      }),
    ).toEqualTypeOf<Account>()
  })

  test('binds a repo of the same database', () => {
    repo.transaction((tx) => {
      expectTypeOf(tx).toEqualTypeOf<Repo<ServerAdapter>>()
      return tx.transaction((inner) => inner.exists(accounts))
    })
    expectTypeOf(repo.inTransaction()).toBeBoolean()
  })

  test('takes the options of a transaction only', () => {
    const options: TransactionOptions = {
      isolation: 'repeatable read',
      readOnly: true,
      deferrable: true,
      retry: { attempts: 3, minDelayMs: 1, maxDelayMs: 50 },
      timeoutMs: 1_000,
      signal: AbortSignal.timeout(1_000),
      onError: 'fail',
    }
    repo.transaction(() => 1, options)
    // @ts-expect-error no such level
    repo.transaction(() => 1, { isolation: 'chaos' })
    // @ts-expect-error misspelt
    repo.transaction(() => 1, { readonly: true })
    // @ts-expect-error retry says how often
    repo.transaction(() => 1, { retry: true })
    // @ts-expect-error attempts are needed
    repo.transaction(() => 1, { retry: { minDelayMs: 1 } })
    // @ts-expect-error a call option, not one of a transaction
    repo.transaction(() => 1, { plan: 'custom' })
  })

  test('is rolled back by a call that never returns, with any value', () => {
    expectTypeOf(repo.rollback).returns.toBeNever()
    const error: unknown = undefined
    if (error instanceof RollbackError) expectTypeOf(error.value).toBeUnknown()
    if (error instanceof DatabaseError && error.kind === 'serialization_failure') {
      expectTypeOf(error.retryable).toBeBoolean()
      // @ts-expect-error no such kind
      if (error.kind === 'write_skew') return
    }
  })

  test('checkout and outside pass on what their functions give', async () => {
    expectTypeOf(
      await repo.checkout(async (held) => {
        expectTypeOf(held).toEqualTypeOf<Repo<ServerAdapter>>()
        await held.query(sql`set statement_timeout = 1000`)
        return held.count(accounts)
      }),
    ).toBeNumber()
    expectTypeOf(await repo.checkout(() => 'now', { timeoutMs: 100 })).toBeString()
    expectTypeOf(repo.outside((other) => other.inTransaction())).toBeBoolean()
    expectTypeOf(
      repo.outside((other) => other.insert(audit, { actor: 'a', payload: { seen: [1, null] } })),
    ).resolves.toEqualTypeOf<Row<typeof audit>>()
  })
})

describe('keys', () => {
  test('are what their columns are', () => {
    repo.get(currencies, 'EUR')
    repo.get(accounts, 1n)
    repo.get(accounts, 1)
    repo.get(transfers, '8f5b4a8e-0000-4000-8000-000000000000')
    repo.delete(entries, { transferId: '8f5b4a8e-0000-4000-8000-000000000000', accountId: 1n })
    // @ts-expect-error a currency is named by its code
    repo.get(currencies, 978)
    // @ts-expect-error text for a bigint
    repo.get(accounts, '1')
    // @ts-expect-error half a key
    repo.update(entries, { accountId: 1n }, { amount: '1' })
    // @ts-expect-error no key
    repo.update(audit, 1, { actor: 'b' })
  })

  test('given by us are needed, made by the database are not', async () => {
    expectTypeOf(await repo.insert(currencies, { code: 'EUR', digits: 2 })).toEqualTypeOf<{
      code: string
      digits: number
    }>()
    repo.insert(transfers, { requestKey: 'a', state: 'pending', bookedOn: '2026-01-31' })
    repo.insert(entries, { transferId: 'a', accountId: 1n, amount: 5n })
    // @ts-expect-error the code is missing
    repo.insert(currencies, { digits: 2 })
    // @ts-expect-error the transfer is missing
    repo.insert(entries, { accountId: 1n, amount: '1' })
    // @ts-expect-error an amount is exact
    repo.insert(entries, { transferId: 'a', accountId: 1n, amount: 0.1 })
  })
})

describe('increments', () => {
  test('are of the column’s exact type', () => {
    repo.updateAll(accounts, { all: true, inc: { balance: '0.0001' } })
    repo.updateAll(accounts, { all: true, inc: { balance: 5n } })
    // @ts-expect-error an amount is exact
    repo.updateAll(accounts, { all: true, inc: { balance: 0.1 } })
    // @ts-expect-error nothing is added to a time
    repo.updateAll(accounts, { all: true, inc: { closedAt: 1 } })
    // @ts-expect-error null is not a number
    repo.updateAll(accounts, { all: true, inc: { movements: null } })
  })
})

describe('raw queries', () => {
  test('have the rows that the fragment states', async () => {
    expectTypeOf(
      await repo.query(sql<Account>`select * from ${accounts} where ${accounts.id} = ${1n}`),
    ).toEqualTypeOf<QueryResult<Account>>()
    const { rows, affected, columns } = await repo.query(
      sql<{ total: string }>`select sum(${entries.amount}) as total from ${entries}`,
    )
    expectTypeOf(rows).toEqualTypeOf<{ total: string }[]>()
    expectTypeOf(affected).toEqualTypeOf<number | null>()
    expectTypeOf(columns[0]?.name).toEqualTypeOf<string | undefined>()
  })

  test('have rows of unknown values where nobody states them', async () => {
    expectTypeOf((await repo.query(sql`select 1 as one`)).rows).toEqualTypeOf<
      Record<string, unknown>[]
    >()
    expectTypeOf((await repo.query('select $1 as one', [1])).rows).toEqualTypeOf<
      Record<string, unknown>[]
    >()
    expectTypeOf((await repo.query<{ one: number }>('select 1 as one')).rows).toEqualTypeOf<
      { one: number }[]
    >()
    // @ts-expect-error parameters are a list
    repo.query('select $1', 1)
    // @ts-expect-error a fragment carries its parameters
    repo.query(sql`select ${1}`, [1])
  })

  test('stream piece by piece', async () => {
    for await (const row of repo.stream(sql<Account>`select * from ${accounts}`, {
      batchSize: 1_000,
      signal: AbortSignal.timeout(60_000),
    })) {
      expectTypeOf(row).toEqualTypeOf<Account>()
    }
    await using rows = repo.stream(sql`select 1 as one`)
    for await (const row of rows) expectTypeOf(row).toEqualTypeOf<Record<string, unknown>>()
    // @ts-expect-error misspelt
    repo.stream(sql`select 1`, { batchsize: 10 })
  })

  test('batch gives a tuple in the order of its fragments', async () => {
    const [balance, count, last] = await repo.batch([
      sql<{ balance: string }>`select balance from ${accounts}`,
      sql<{ count: bigint }>`select count(*) from ${entries}`,
      sql`update ${accounts} set movements = 0`,
    ])
    expectTypeOf(balance).toEqualTypeOf<QueryResult<{ balance: string }>>()
    expectTypeOf(count).toEqualTypeOf<QueryResult<{ count: bigint }>>()
    expectTypeOf(last).toEqualTypeOf<QueryResult<Record<string, unknown>>>()
    const fragments = [1, 2].map((id) => sql<Account>`select * from ${accounts} where id = ${id}`)
    expectTypeOf(await repo.batch(fragments, { atomic: false })).toEqualTypeOf<
      QueryResult<Account>[]
    >()
    // @ts-expect-error a batch is of fragments
    repo.batch(['select 1'])
    // @ts-expect-error there is no fourth answer
    ;(await repo.batch([sql`select 1`]))[1]
  })

  test('script gives a result for each statement', async () => {
    expectTypeOf(await repo.script('select 1; select 2')).toEqualTypeOf<
      QueryResult<Record<string, unknown>>[]
    >()
    // @ts-expect-error a script is text
    repo.script(sql`select 1`)
  })
})

describe('call options', () => {
  test('are ours and the adapter’s on every call', () => {
    const ours = { signal: AbortSignal.timeout(1), timeoutMs: 100, cache: false }
    const theirs = { statement: 'unnamed', plan: 'custom' } as const
    repo.query(sql`select 1`, { ...ours, ...theirs })
    repo.query('select 1', [], theirs)
    repo.stream(sql`select 1`, { ...ours, ...theirs })
    repo.all(accounts, { ...ours, ...theirs, where: { id: 1n } })
    repo.one(accounts, theirs)
    repo.get(accounts, 1n, theirs)
    repo.exists(accounts, theirs)
    repo.count(accounts, theirs)
    repo.insert(currencies, { code: 'EUR', digits: 2 }, { ...theirs, onConflict: 'nothing' })
    repo.insertOrGet(currencies, { code: 'EUR', digits: 2 }, { ...theirs, conflictTarget: 'code' })
    repo.insertAll(currencies, [], { ...theirs, returning: true })
    repo.update(currencies, 'EUR', { digits: 2 }, theirs)
    repo.updateAll(currencies, { ...theirs, all: true, set: { digits: 2 } })
    repo.delete(currencies, 'EUR', theirs)
    repo.deleteAll(currencies, { ...theirs, all: true })
    repo.batch([sql`select 1`], theirs)
    repo.script('select 1', theirs)
  })

  test('may be undefined, as computed options are', () => {
    const slow = false as boolean
    repo.query(sql`select 1`, { plan: slow ? 'generic' : undefined, timeoutMs: undefined })
    repo.insert(currencies, { code: 'EUR', digits: 2 }, { onConflict: undefined })
  })

  test('that the adapter does not have, or not with that value, are refused', () => {
    // @ts-expect-error no such option
    repo.query(sql`select 1`, { prepare: true })
    // @ts-expect-error no such plan
    repo.query(sql`select 1`, { plan: 'best' })
    // @ts-expect-error no such option beside ours
    repo.all(accounts, { timeoutMs: 5, prepare: true })
    // @ts-expect-error no such plan on a write
    repo.insert(currencies, { code: 'EUR', digits: 2 }, { plan: 'best' })
    // @ts-expect-error no such plan on a bulk write
    repo.deleteAll(currencies, { all: true, plan: 'best' })
    // @ts-expect-error a duration is a number
    repo.query(sql`select 1`, { timeoutMs: '5s' })
    // @ts-expect-error an option of another adapter
    fileRepo.query(sql`select 1`, { plan: 'custom' })
    // @ts-expect-error an option of another adapter beside ours
    fileRepo.all(accounts, { timeoutMs: 5, statement: 'simple' })
    // @ts-expect-error an option of another adapter on a write
    fileRepo.insert(currencies, { code: 'EUR', digits: 2 }, { plan: 'custom', returning: true })
    // @ts-expect-error an option of another adapter on a bulk write
    fileRepo.updateAll(currencies, { all: true, set: { digits: 2 }, plan: 'custom' })
  })
})

describe('the repo', () => {
  test('is of its adapter, and fits where any repo is taken', () => {
    expectTypeOf(repo.adapter).toEqualTypeOf<ServerAdapter>()
    expectTypeOf(repo.withPrefix('tenant_7')).toEqualTypeOf<Repo<ServerAdapter>>()
    expectTypeOf(createRepo({ adapter: server })).toEqualTypeOf<Repo<ServerAdapter>>()
    expectTypeOf(repo).toExtend<Repo>()
    expectTypeOf(fileRepo).toExtend<Repo>()
    expectTypeOf(repo).toExtend<AsyncDisposable>()
    // @ts-expect-error its call options would not be known to the other adapter
    const other: Repo<ServerAdapter> = fileRepo
    expectTypeOf(other.close()).resolves.toBeVoid()
  })

  test('shows its gauges', () => {
    expectTypeOf(repo.stats()).toEqualTypeOf<RepoStats>()
    expectTypeOf(repo.stats().statements.heals).toBeNumber()
  })

  test('tells where a row came from', async () => {
    const account = await repo.get(accounts, 1n)
    if (account !== undefined) expectTypeOf(metadataOf(account)).not.toBeAny()
  })

  test('is made with known options', () => {
    createRepo({ adapter: server, timeoutMs: 5_000, prefix: 'app', statementCache: { size: 0 } })
    // @ts-expect-error an adapter is needed
    createRepo({ pool: { size: 1 } })
    // @ts-expect-error misspelt
    createRepo({ adapter: server, timeoutMS: 1 })
    // @ts-expect-error no such option of the pool
    createRepo({ adapter: server, pool: { max: 1 } })
    // @ts-expect-error an adapter is made, not named
    createRepo({ adapter: 'sqlite' })
  })
})
