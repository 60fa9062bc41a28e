import { type Column, isPromise, type Request, type Result } from '@mortise/core/adapter'
import { type Mutant, mutant, withClaims, withConnection, withExecute } from './mutant.ts'

type Row = readonly unknown[]

/** What a driver does with texts, parameters and results. */
export const statementMutants: readonly Mutant[] = [
  mutant(
    'DDL counts no rows instead of not counting',
    'EXE-002',
    'affected 0 for create table',
    (good) =>
      withExecute(good, {
        result: (result, { sql }) =>
          /^create table/i.test(sql) ? { ...result, affected: 0 } : result,
      }),
  ),
  mutant('a result without rows has no columns', 'EXE-010', 'the columns of no rows', (good) =>
    withExecute(good, {
      result: (result) => (result.rows.length === 0 ? { ...result, columns: [] } : result),
    }),
  ),
  mutant(
    'columns of one name overwrite one another',
    'EXE-011',
    'the columns',
    (good) =>
      withExecute(good, {
        result: (result) => {
          const last = new Map(result.columns.map(({ name }, i) => [name, i]))
          return pickColumns(result, [...last.values()])
        },
      }),
    { catalogue: 30 },
  ),
  mutant(
    'integer-like columns come first',
    'EXE-012',
    'the columns',
    (good) =>
      withExecute(good, {
        result: (result) => {
          const places = result.columns.map((_, i) => i)
          const integers = places.filter((i) => /^\d+$/.test(nameAt(result.columns, i)))
          if (integers.length === 0) return result
          return pickColumns(result, [...integers, ...places.filter((i) => !integers.includes(i))])
        },
      }),
    { catalogue: 31 },
  ),
  mutant(
    'rows are shaped and metadata is not attached',
    'EXE-013',
    'metadata was attached to',
    (good) =>
      withExecute(good, {
        result: (result, { shape }) =>
          shape === undefined || result.shaped === true
            ? result
            : {
                ...result,
                shaped: true,
                rows: (result.rows as readonly Row[]).map((row) => {
                  const object = {}
                  for (const [i, { property, decode }] of shape.columns.entries()) {
                    const value = row[i]
                    Object.defineProperty(object, property, {
                      value: value === null || decode === undefined ? value : decode(value),
                      enumerable: true,
                      configurable: true,
                      writable: true,
                    })
                  }
                  return object
                }),
              },
      }),
  ),
  mutant(
    'what follows the first statement is dropped',
    'EXE-014',
    'the rows after two inserts in one text',
    (good) =>
      withExecute(good, {
        request: (request) => ({ ...request, sql: request.sql.replace(/; insert[^']*$/, '') }),
      }),
  ),
  mutant(
    'an empty text fails in the driver',
    'EXE-015',
    'an error that says what is wrong',
    (good) =>
      withConnection(good, (connection) => ({
        execute: (request) => {
          if (request.sql.trim() !== '') return connection.execute(request)
          throw new TypeError("Cannot read properties of undefined (reading 'columns')")
        },
      })),
  ),
  mutant(
    'the manifest says that affected counts changes',
    'EXE-016',
    'expected 1, seen 3',
    (good) => withClaims(good, { affected: 'changed' }),
  ),
  mutant(
    'an insert that is not cached and returns rows counts none',
    'EXE-017',
    'affected',
    (good) =>
      withExecute(good, {
        result: (result, { statement, sql }) =>
          statement === undefined && /returning/.test(sql) ? { ...result, affected: 0 } : result,
      }),
  ),
  mutant('lastInsertId passes through a number', 'EXE-018', 'lastInsertId', (good) =>
    withExecute(good, {
      result: (result) =>
        result.lastInsertId === undefined
          ? result
          : { ...result, lastInsertId: Number(result.lastInsertId) },
    }),
  ),
  mutant('a count beyond a byte wraps', 'WRT-013', 'the count', (good) =>
    withExecute(good, {
      result: (result) =>
        result.affected === null || result.affected < 128
          ? result
          : { ...result, affected: (result.affected << 24) >> 24 },
    }),
  ),
  mutant(
    'the list of rows is one and the same',
    'EXE-021',
    'the rows of an earlier result',
    (good) =>
      withConnection(good, (connection) => {
        const rows: Row[] = []
        return {
          execute: (request) => {
            const reuse = (result: Result): Result => {
              rows.splice(0, rows.length, ...(result.rows as readonly Row[]))
              return { ...result, rows }
            }
            const result = connection.execute(request)
            return isPromise(result) ? result.then(reuse) : reuse(result)
          },
        }
      }),
  ),
  mutant('what is missing is bound as NULL', 'PAR-011', 'no parameter for two places', (good) =>
    withExecute(good, {
      request: (request) => {
        const missing = placesOf(request) - request.parameters.length
        return missing > 0
          ? { ...request, parameters: [...request.parameters, ...Array(missing).fill(null)] }
          : request
      },
    }),
  ),
  mutant(
    'what is left over is ignored',
    'PAR-011',
    'three parameters for two places',
    (good) =>
      withExecute(good, {
        request: (request) => ({
          ...request,
          parameters: request.parameters.slice(0, placesOf(request)),
        }),
      }),
    { catalogue: 25 },
  ),
  mutant(
    'placeholders are rewritten inside of strings and comments',
    'PAR-013',
    'the row',
    (good) =>
      withExecute(good, {
        request: (request) => {
          if (request.parameters.length === 0 || !request.sql.includes("'")) return request
          let count = 0
          return {
            ...request,
            sql: request.sql
              .replace(/"[^"]*"|\?/g, (found) =>
                found === '?' && ++count > request.parameters.length ? '?' : found,
              )
              .replace(/'[^']*'/g, (text) => text.replaceAll('?', '?1')),
          }
        },
      }),
    { catalogue: 27 },
  ),
  mutant(
    'a number after a minus is written into the text',
    'PAR-015',
    '5 minus −1',
    (good) =>
      withExecute(good, {
        request: (request) =>
          /^select 5 -\?/.test(request.sql)
            ? {
                ...request,
                sql: request.sql.replace('?', String(request.parameters[0])),
                parameters: request.parameters.slice(1),
              }
            : request,
      }),
    { catalogue: 29 },
  ),
  mutant('a text with two dashes is written into the statement', 'PAR-014', 'error', (good) =>
    withExecute(good, {
      request: (request) => {
        const place = request.parameters.findIndex(
          (value) => typeof value === 'string' && value.includes('--'),
        )
        if (place < 0 || request.statement !== undefined) return request
        let at = -1
        return {
          ...request,
          sql: request.sql.replace(/\?/g, (mark) =>
            ++at === place ? `'${request.parameters[place]}'` : mark,
          ),
          parameters: request.parameters.filter((_, i) => i !== place),
        }
      },
    }),
  ),
  mutant('a text keeps the type of its first parameter', 'PAR-016', 'as a parameter', (good) =>
    withConnection(good, (connection) => {
      const firstTypes = new Map<string, string>()
      return {
        execute: (request) =>
          connection.execute(
            request.statement === undefined ? typedAsFirst(request, firstTypes) : request,
          ),
      }
    }),
  ),
  mutant(
    'a cached statement keeps the type of its first parameter',
    'CCH-018',
    'the parameter',
    (good) =>
      withConnection(good, (connection) => {
        const firstTypes = new Map<string, string>()
        return {
          execute: (request) =>
            connection.execute(
              request.statement === undefined ? request : typedAsFirst(request, firstTypes),
            ),
        }
      }),
    { catalogue: 32 },
  ),
  mutant('a result holds fifty thousand rows at most', 'EXE-022', 'how many rows', (good) =>
    withExecute(good, {
      result: (result) => ({ ...result, rows: result.rows.slice(0, 50_000) as Result['rows'] }),
    }),
  ),
  mutant('a row has a thousand columns at most', 'EXE-023', 'a row of 1600 columns', (good) =>
    withExecute(good, {
      result: (result) =>
        result.columns.length > 1000 ? pickColumns(result, [...Array(1000).keys()]) : result,
    }),
  ),
  mutant(
    'a row of nulls repeats the row before it',
    'TYP-011',
    'rows around a row of nulls',
    (good) =>
      withExecute(good, {
        result: (result, { shape }) => {
          if (shape === undefined || result.columns.length < 10) return result
          const rows = result.rows as readonly Row[]
          return {
            ...result,
            rows: rows.map((row, i) =>
              row.slice(1).every((value) => value === null) && i > 0
                ? [row[0], ...(rows[i - 1] as Row).slice(1)]
                : row,
            ),
          }
        },
      }),
  ),
  {
    name: 'rows of raw queries pass through objects',
    killedBy: [
      { rule: 'EXE-011', message: 'the rows' },
      { rule: 'EXE-012', message: 'the row' },
      { rule: 'QRY-014', message: 'the properties' },
    ],
    adapter: (good) =>
      withExecute(good, {
        result: (result, { shape }) =>
          shape !== undefined
            ? result
            : {
                ...result,
                rows: (result.rows as readonly Row[]).map((row) => {
                  const object: Record<string, unknown> = {}
                  for (const [i, { name }] of result.columns.entries()) object[name] = row[i]
                  return result.columns.map(({ name }) => object[name])
                }),
              },
      }),
  },
  {
    name: 'the driver shapes rows by assigning their properties',
    killedBy: [
      { rule: 'EXE-013', message: 'the properties of shaped rows' },
      { rule: 'QRY-013', message: 'the properties' },
    ],
    adapter: (good) =>
      withExecute(good, {
        result: (result, { shape }) =>
          shape === undefined || result.shaped === true
            ? result
            : {
                ...result,
                shaped: true,
                rows: (result.rows as readonly Row[]).map((row) => {
                  const object: Record<string, unknown> = {}
                  for (const [i, { property, decode }] of shape.columns.entries()) {
                    const value = row[i]
                    object[property] =
                      value === null || decode === undefined ? value : decode(value)
                  }
                  shape.attach?.(object)
                  return object
                }),
              },
      }),
  },
  mutant(
    'a generated column is null in what an insert returns',
    'WRT-010',
    'a row with defaults',
    (good) =>
      withExecute(good, {
        result: (result, { sql }) => {
          const place = result.columns.findIndex(({ name }) => name === 'twice')
          if (place < 0 || !/^insert/.test(sql)) return result
          return {
            ...result,
            rows: (result.rows as readonly Row[]).map((row) => row.with(place, null)),
          }
        },
      }),
  ),
]

function nameAt(columns: readonly Column[], i: number): string {
  return columns[i]?.name ?? ''
}

/** The result with the columns at some places only, in that order. */
function pickColumns(result: Result, places: readonly number[]): Result {
  return {
    ...result,
    columns: places.map((i) => result.columns[i] as Column),
    rows: (result.rows as readonly Row[]).map((row) => places.map((i) => row[i])),
  }
}

/** How many placeholders a text has, where strings, names and comments are left out. */
function placesOf({ sql }: Request): number {
  return sql.replace(/'[^']*'|"[^"]*"|--.*|\/\*.*?\*\//g, '').match(/\?/g)?.length ?? 0
}

/** `select ? as v` with a text after a number: the text is taken for a number, as the first was. */
function typedAsFirst(request: Request, firstTypes: Map<string, string>): Request {
  const [first] = request.parameters
  if (!/^select \? as v$/.test(request.sql) || first === null) return request
  const type = firstTypes.get(request.sql) ?? typeof first
  firstTypes.set(request.sql, type)
  return type === 'bigint' && typeof first === 'string'
    ? { ...request, parameters: [Number(first)] }
    : request
}
