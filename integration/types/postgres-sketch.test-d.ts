import { createRepo, type Repo, sql } from '@mortise/core'
import {
  type Adapter,
  type CallOptionsOf,
  type Capabilities,
  type ConnectContext,
  type Connection,
  type Dialect,
  defineAdapter,
  type ErrorDescription,
  type Request,
  type Result,
  type TypeTable,
} from '@mortise/core/adapter'
import { describe, expectTypeOf, test } from 'vitest'
import { type PostgresCallOptions, PostgresConnection } from './postgres-sketch/connection.ts'
import { PostgresError, type Wire } from './postgres-sketch/wire.ts'

declare const capabilities: Capabilities
declare const dialect: Dialect
declare const types: TypeTable
declare function connectWire(signal: AbortSignal): Promise<Wire>
declare function oneOf(option: string, ...words: string[]): (value: unknown) => void

/** The whole verdict, from fields alone: no message text is read. */
function classifyError(error: unknown): ErrorDescription | undefined {
  if (!(error instanceof PostgresError)) return undefined
  const { code, routine, constraint, table, column } = error.fields
  const place = { code, constraint, table, column }
  if (code === '23505') return { kind: 'unique_violation', ...place }
  if (code === '25P02') return { kind: 'transaction_failed', code }
  if (code === '26000') return { kind: 'stale_statement', code }
  if (code === '0A000' && routine === 'RevalidateCachedQuery') {
    return { kind: 'stale_statement', code }
  }
  // Hit by the cancel of a neighbour: it did nothing wrong and may be run again.
  if (code === '57014') return { kind: 'cancelled', code, retryable: error.casualty }
  if (code.startsWith('57P')) return { kind: 'connection_lost', code, fate: 'discard' }
  return { kind: 'other', ...place }
}

const postgres = defineAdapter<PostgresCallOptions>({
  name: 'postgres',
  capabilities,
  dialect,
  types,
  topology: 'pool',
  async connect(context: ConnectContext) {
    return new PostgresConnection(await connectWire(context.signal), context)
  },
  classifyError,
  callOptions: {
    statement: oneOf('statement', 'named', 'unnamed', 'simple'),
    plan: oneOf('plan', 'auto', 'custom', 'generic'),
  },
})

describe('a PostgreSQL driver', () => {
  test('is a connection of the contract, with every part that makes it fast', () => {
    expectTypeOf<PostgresConnection>().toExtend<Connection>()
    expectTypeOf<PostgresConnection['execute']>().toEqualTypeOf<
      (request: Request) => Promise<Result>
    >()
    expectTypeOf<PostgresConnection>().toExtend<
      Required<
        Pick<
          Connection,
          'deallocate' | 'cancel' | 'control' | 'reset' | 'transactionStatus' | 'close' | 'execute'
        >
      >
    >()
  })

  test('is an adapter of the contract, its call options known to the repo', () => {
    expectTypeOf(postgres).toEqualTypeOf<Adapter<PostgresCallOptions>>()
    expectTypeOf<Partial<CallOptionsOf<typeof postgres>>>().toEqualTypeOf<PostgresCallOptions>()
    const repo = createRepo({ adapter: postgres })
    expectTypeOf(repo).toEqualTypeOf<Repo<Adapter<PostgresCallOptions>>>()
    repo.query(sql`select 1`, { statement: 'unnamed', plan: 'generic' })
    // @ts-expect-error PostgreSQL has no such plan
    repo.query(sql`select 1`, { plan: 'best' })
  })

  test('checks each of its options, and only those', () => {
    // @ts-expect-error the check of plan is missing
    defineAdapter<PostgresCallOptions>({ ...postgres, callOptions: { statement: () => {} } })
    defineAdapter<PostgresCallOptions>({
      ...postgres,
      // @ts-expect-error no such option
      callOptions: { statement: () => {}, plan: () => {}, copy: () => {} },
    })
  })
})
