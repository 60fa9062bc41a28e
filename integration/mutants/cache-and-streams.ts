import { type Column, isPromise, type Result, type RowBatches } from '@mortise/core/adapter'
import { type Mutant, mutant, withConnection } from './mutant.ts'

/** What a driver does with cached statements, streams, limits and scripts. */
export const cacheAndStreamMutants: readonly Mutant[] = [
  {
    name: 'a cached statement keeps the columns of its first execution',
    catalogue: 35,
    killedBy: [
      { rule: 'CCH-011', message: 'the rows after a column was added' },
      { rule: 'CCH-016', message: 'the rows inside' },
    ],
    adapter: (good) =>
      withConnection(good, (connection) => {
        const columnsOf = new WeakMap<object, readonly Column[]>()
        const remembered = (result: Result, statement: object): Result => {
          const columns = columnsOf.get(statement) ?? result.columns
          columnsOf.set(statement, columns)
          return { ...result, columns }
        }
        return {
          execute: (request) => {
            const result = connection.execute(request)
            const { statement } = request
            if (statement === undefined || isPromise(result)) return result
            return remembered(result, statement)
          },
        }
      }),
  },
  mutant(
    'a statement that could not be prepared fails for ever',
    'CCH-012',
    'the rule got an error',
    (good) =>
      withConnection(good, (connection) => {
        const failed = new Map<string, unknown>()
        const worked = new Set<string>()
        return {
          execute: (request) => {
            const { sql } = request
            if (failed.has(sql)) throw failed.get(sql)
            try {
              const result = connection.execute(request)
              worked.add(sql)
              return result
            } catch (error) {
              const missing = String(error).includes('no such table')
              if (missing && request.statement !== undefined && !worked.has(sql)) {
                failed.set(sql, error)
              }
              throw error
            }
          },
        }
      }),
    { catalogue: 33 },
  ),
  mutant('a failed statement keeps its parameters bound', 'CCH-013', 'the rows', (good) =>
    withConnection(good, (connection) => {
      const bound = new WeakMap<object, readonly unknown[]>()
      return {
        execute: (request) => {
          const { statement, parameters } = request
          const left = statement && bound.get(statement)
          try {
            if (left === undefined) return connection.execute(request)
            bound.delete(statement as object)
            return connection.execute({
              ...request,
              parameters: parameters.map((value, i) => value ?? left[i]),
            })
          } catch (error) {
            if (statement !== undefined) bound.set(statement, parameters)
            throw error
          }
        },
      }
    }),
  ),
  mutant(
    'a stream is read whole before its first row',
    'STR-014',
    'the rule got an error',
    (good) =>
      withConnection(good, (connection) => ({
        stream: async function* (request, options) {
          const batches = []
          for await (const batch of open(connection.stream?.(request, options))) batches.push(batch)
          yield* batches
        },
      })),
    { catalogue: 53 },
  ),
  mutant(
    'an error in a stream ends it',
    'STR-013',
    'a stream whose row 900 overflows',
    (good) =>
      withConnection(good, (connection) => ({
        stream: async function* (request, options) {
          try {
            yield* open(connection.stream?.(request, options))
          } catch {
            return
          }
        },
      })),
    { catalogue: 54 },
  ),
  mutant('a last batch of one row is lost', 'STR-010', 'the rows in batches of 3', (good) =>
    withConnection(good, (connection) => ({
      stream: async function* (request, options) {
        for await (const batch of open(connection.stream?.(request, options))) {
          if (batch.rows.length > 1 || options.batchSize === 1) yield batch
        }
      },
    })),
  ),
  mutant('a batch holds twice what was asked', 'STR-011', 'the size of a batch', (good) =>
    withConnection(good, (connection) => ({
      stream: (request, { batchSize }) =>
        open(connection.stream?.(request, { batchSize: batchSize * 2 })),
    })),
  ),
  mutant('batches are kept after they were given', 'STR-018', 'the memory that it took', (good) =>
    withConnection(good, (connection) => {
      const kept: unknown[] = []
      return {
        stream: async function* (request, options) {
          for await (const batch of open(connection.stream?.(request, options))) {
            kept.push(batch)
            yield batch
          }
        },
      }
    }),
  ),
  mutant('a deadline that has passed is none', 'CAN-011', 'after their deadline', (good) =>
    withConnection(good, (connection) => ({
      execute: (request) =>
        connection.execute(
          request.deadline !== undefined && request.deadline < performance.now()
            ? { ...request, deadline: undefined }
            : request,
        ),
    })),
  ),
  {
    name: 'a statement that runs does not look at its deadline',
    killedBy: [
      { rule: 'CAN-010', message: 'a million rows in 20 ms' },
      { rule: 'CAN-011', message: 'after their deadline' },
    ],
    adapter: (good) =>
      withConnection(good, (connection) => ({
        execute: (request) => connection.execute({ ...request, deadline: undefined }),
      })),
  },
  mutant('a script ends after its first statement', 'BAT-013', 'the rows', (good) =>
    withConnection(good, (connection) => ({
      executeScript: (request) =>
        connection.executeScript?.({
          ...request,
          sql: request.sql.split(/(?<=\));/)[0] ?? '',
        }) as never,
    })),
  ),
  mutant(
    'an error in a script is swallowed',
    'BAT-013',
    'a script whose second statement fails',
    (good) =>
      withConnection(good, (connection) => ({
        executeScript: async (request) => {
          try {
            return (await connection.executeScript?.(request)) as never
          } catch {
            return { columns: [], rows: [], affected: null }
          }
        },
      })),
  ),
  {
    name: 'a batch is executed one by one, atomic or not',
    killedBy: [
      { rule: 'BAT-010', message: 'the rows after a failed batch' },
      { rule: 'BAT-012', message: 'the rows after a failed batch' },
    ],
    adapter: (good) =>
      withConnection(good, (connection) => ({
        executeBatch: async (requests) => {
          const results = []
          for (const request of requests) results.push(await connection.execute(request))
          return results
        },
      })),
  },
  {
    name: 'a statement whose text was deallocated cannot be prepared again',
    killedBy: [
      { rule: 'CCH-010', message: 'CONNECTION_LOST' },
      { rule: 'CCH-014', message: 'statement has been finalized' },
    ],
    adapter: (good) =>
      withConnection(good, (connection) => {
        const finalized = new Set<string>()
        return {
          deallocate: (statement) => {
            finalized.add(statement.sql)
            return connection.deallocate?.(statement)
          },
          execute: (request) => {
            if (request.statement !== undefined && finalized.has(request.sql)) {
              throw new Error('statement has been finalized')
            }
            return connection.execute(request)
          },
        }
      }),
  },
  {
    name: 'deallocating a statement ends those before it',
    catalogue: 34,
    killedBy: [{ rule: 'CCH-015', message: 'the row of the statement that was kept' }],
    adapter: (good) =>
      withConnection(good, (connection) => {
        let newest = 0
        return {
          deallocate: (statement) => {
            newest = statement.id
            return connection.deallocate?.(statement)
          },
          execute: (request) => {
            const result = connection.execute(request)
            const ended = (request.statement?.id ?? newest) < newest
            if (!ended || isPromise(result)) return result
            return emptied(result)
          },
        }
      }),
  },
  mutant(
    'a schema change is noticed by the connection that made it',
    'CCH-017',
    'the rows after another connection added a column',
    (good) =>
      withConnection(good, (connection) => {
        let columnsOf = new WeakMap<object, readonly Column[]>()
        const remembered = (result: Result, statement: object): Result => {
          const columns = columnsOf.get(statement) ?? result.columns
          columnsOf.set(statement, columns)
          return { ...result, columns }
        }
        return {
          execute: (request) => {
            if (/^(alter|create|drop)/.test(request.sql)) columnsOf = new WeakMap()
            const result = connection.execute(request)
            const { statement } = request
            if (statement === undefined || isPromise(result)) return result
            return remembered(result, statement)
          },
        }
      }),
    { over: 'file', catalogue: 36 },
  ),
  {
    name: 'leaving a stream early does not end it',
    catalogue: 52,
    killedBy: [
      { rule: 'STR-012', message: 'STREAM_OPEN' },
      { rule: 'STR-016', message: 'STREAM_OPEN' },
      { rule: 'STR-017', message: 'STREAM_OPEN' },
      { rule: 'STR-014', message: 'STREAM_OPEN' },
    ],
    adapter: (good) =>
      withConnection(good, (connection) => ({
        stream: (request, options) => {
          const batches = open(connection.stream?.(request, options))
          return {
            [Symbol.asyncIterator]() {
              const iterator = batches[Symbol.asyncIterator]()
              return { next: () => iterator.next() }
            },
          }
        },
      })),
  },
  mutant('the end of a stream is a commit', 'STR-016', 'transaction_ended', (good) =>
    withConnection(good, (connection) => ({
      stream: async function* (request, options) {
        try {
          yield* open(connection.stream?.(request, options))
        } finally {
          if (connection.transactionStatus === 'active') {
            await connection.control?.({ kind: 'commit' })
          }
        }
      },
    })),
  ),
  mutant(
    'a cancel that comes late hits the next call',
    'CAN-013',
    'interrupted',
    (good) =>
      withConnection(good, (connection) => {
        let interrupted = false
        return {
          cancel: () => {
            interrupted = true
          },
          execute: (request) => {
            if (interrupted) {
              interrupted = false
              throw Object.assign(new Error('interrupted'), { errcode: 9 })
            }
            return connection.execute(request)
          },
        }
      }),
    { catalogue: 51 },
  ),
  mutant('a batch is always a transaction', 'BAT-011', 'the rows', (good) =>
    withConnection(good, (connection) => ({
      executeBatch: async (requests) => {
        await connection.control?.({ kind: 'begin' })
        try {
          const results = []
          for (const request of requests) results.push(await connection.execute(request))
          await connection.control?.({ kind: 'commit' })
          return results
        } catch (error) {
          await connection.control?.({ kind: 'rollback' })
          throw error
        }
      },
    })),
  ),
]

function emptied(result: Result): Result {
  return { ...result, rows: [[0]] }
}

function open(batches: RowBatches | undefined): RowBatches {
  if (batches === undefined) throw new TypeError('the good adapter streams')
  return batches
}
