import type { Request, TransactionCommand } from '@mortise/core/adapter'
import { type Mutant, mutant, withClaims, withConnection, withVerdict } from './mutant.ts'

/** What an adapter does to transactions, sessions and locks. */
export const transactionMutants: readonly Mutant[] = [
  {
    name: 'rolling back to a savepoint releases it',
    catalogue: 39,
    killedBy: [
      { rule: 'TX-012', message: 'the rows after rolling back to the inner savepoint' },
      { rule: 'TX-013', message: 'the committed rows' },
      { rule: 'TX-031', message: 'the committed rows' },
    ],
    adapter: (good) =>
      withConnection(good, (connection) => ({
        control: (command) => {
          const { control } = connection
          if (control === undefined) throw new TypeError('the good adapter has control')
          if (command.kind !== 'rollback_to') return control.call(connection, command)
          control.call(connection, { kind: 'release', name: command.name })
          return control.call(connection, { kind: 'savepoint', name: command.name })
        },
      })),
  },
  {
    name: 'a commit that breaks a deferred constraint is rolled back without a word',
    catalogue: 44,
    killedBy: [
      { rule: 'TX-014', message: 'a commit that breaks a deferred foreign key' },
      { rule: 'TX-033', message: 'COMMIT_ROLLED_BACK' },
    ],
    adapter: (good) =>
      withConnection(good, (connection) => ({
        control: async (command) => {
          if (connection.control === undefined) throw new TypeError('the good adapter has control')
          try {
            return await connection.control(command)
          } catch (error) {
            if (command.kind !== 'commit') throw error
            return await connection.control({ kind: 'rollback' })
          }
        },
      })),
  },
  {
    name: 'read-only stays with the connection',
    catalogue: 41,
    killedBy: [
      { rule: 'TX-016', message: 'readonly database' },
      { rule: 'TX-034', message: 'READ_ONLY' },
    ],
    adapter: (good) =>
      withConnection(good, (connection) => ({
        control: async (command) => {
          const result = await connection.control?.(command)
          if (command.kind === 'begin' && command.readOnly === true) readOnly.add(connection)
          if (command.kind === 'commit' || command.kind === 'rollback') {
            if (readOnly.has(connection)) await connection.execute(pragma)
          }
          return result as never
        },
      })),
  },
  mutant('readOnly is not written', 'TX-016', 'an insert in a read-only transaction', (good) =>
    withConnection(good, (connection) => ({
      control: (command) =>
        connection.control?.(
          command.kind === 'begin' ? { ...command, readOnly: false } : command,
        ) as never,
    })),
  ),
  mutant(
    'the status is failed after any error',
    'TX-010',
    'the status after a failed statement',
    (good) =>
      withConnection(good, (connection) => {
        let failed = false
        const changed = {
          execute: (request: Request) => {
            try {
              return connection.execute(request)
            } catch (error) {
              failed = true
              throw error
            }
          },
          control: (command: TransactionCommand) => {
            failed = false
            return connection.control?.(command) as never
          },
        }
        return Object.defineProperty(changed, 'transactionStatus', {
          get: () =>
            failed && connection.transactionStatus === 'active'
              ? 'failed'
              : connection.transactionStatus,
          configurable: true,
        })
      }),
  ),
  {
    name: 'the manifest says that a failed statement aborts the transaction',
    killedBy: [
      { rule: 'TX-010', message: 'what errorInTransaction: aborts means' },
      { rule: 'TX-011', message: 'expected "transaction_failed"' },
    ],
    adapter: (good) => withClaims(good, { errorInTransaction: 'aborts' }),
  },
  mutant('an isolation level of the manifest cannot be begun', 'TX-015', 'syntax', (good) =>
    withConnection(good, (connection) => ({
      control: (command) => {
        if (command.kind !== 'begin' || command.isolation === undefined) {
          return connection.control?.(command) as never
        }
        return connection.execute({
          ...plain,
          sql: `begin isolation level ${command.isolation}`,
        })
      },
    })),
  ),
  mutant(
    'the manifest says that DDL ends a transaction',
    'TX-017',
    'expected "implicit_commit", seen "yes"',
    (good) => withClaims(good, { ddlTransactions: 'implicit_commit' }),
  ),
  mutant('reset leaves the transaction open', 'LSE-010', 'the status after reset', (good) =>
    withConnection(good, () => ({ reset: () => {} })),
  ),
  mutant('close leaves the session open', 'CON-002', 'a statement after close()', (good) =>
    withConnection(good, (connection) => {
      let closed = false
      return {
        close: () => {
          closed = true
        },
        ping: () => {
          if (closed) throw new Error('closed')
          return connection.ping?.()
        },
      }
    }),
  ),
  mutant('ping does not ask the session', 'CON-011', 'ping on a closed connection', (good) =>
    withConnection(good, () => ({ ping: () => {} })),
  ),
  mutant(
    'a lock that was not granted has no kind',
    'ISO-012',
    'seen "other"',
    (good) =>
      withVerdict(good, (description) =>
        description.kind === 'lock_timeout'
          ? { ...description, kind: 'other', retryable: true }
          : description,
      ),
    { over: 'file' },
  ),
  mutant(
    'a lock that was not granted is not worth another try',
    'ISO-011',
    'LOCK_TIMEOUT',
    (good) =>
      withVerdict(good, (description) =>
        description.kind === 'lock_timeout' ? { ...description, retryable: false } : description,
      ),
    { over: 'file', catalogue: 45 },
  ),
]

const readOnly = new WeakSet<object>()
const plain = {
  sql: '',
  parameters: [],
  types: undefined,
  access: 'unknown' as const,
  shape: undefined,
  statement: undefined,
  signal: undefined,
  deadline: undefined,
  options: undefined,
}
const pragma = { ...plain, sql: 'pragma query_only = on' }
