import type { Result } from '@mortise/core/adapter'
import { type Mutant, mutant, withExecute, withWriters } from './mutant.ts'

/** What an upsert does. */
export const upsertMutants: readonly Mutant[] = [
  {
    name: 'an insert that wrote nothing gives the row of the one before',
    catalogue: 55,
    killedBy: [
      { rule: 'UPS-010', message: 'the row given back' },
      { rule: 'UPS-023', message: 'the row given back' },
      { rule: 'UPS-024', message: 'a row that is there' },
    ],
    adapter: (good) => {
      let last: Result | undefined
      return withExecute(good, {
        result: (result, { sql }) => {
          if (!/do nothing returning/.test(sql)) return result
          if (result.rows.length > 0 || last === undefined) {
            last = result
            return result
          }
          return last.columns.length === result.columns.length
            ? { ...result, rows: last.rows.slice(0, 1) }
            : result
        },
      })
    },
  },
  mutant('"nothing" ignores its target', 'UPS-011', 'a conflict on another index', (good) =>
    withWriters(good, {
      write: {
        onConflict: (out, action, operation, standard) =>
          standard.onConflict(
            out,
            action.kind === 'nothing' ? { kind: 'nothing' } : action,
            operation,
          ),
      },
    }),
  ),
  mutant('an upsert sets four columns at most', 'UPS-012', 'the rows (one row, without)', (good) =>
    withWriters(good, {
      write: {
        onConflict: (out, action, operation, standard) =>
          standard.onConflict(
            out,
            action.kind === 'update' ? { ...action, set: action.set.slice(0, 4) } : action,
            operation,
          ),
      },
    }),
  ),
  mutant(
    'an upsert writes a composite key',
    'UPS-013',
    'the places (one row, without)',
    (good) =>
      withWriters(good, {
        write: {
          onConflict(out, action, operation, standard) {
            if (action.kind !== 'update' || operation.primaryKey.length < 2) {
              return standard.onConflict(out, action, operation)
            }
            const key = operation.primaryKey.map((column) => ({
              column,
              value: { kind: 'excluded' as const, name: column },
            }))
            standard.onConflict(out, { ...action, set: [...action.set, ...key] }, operation)
          },
        },
      }),
    { catalogue: 56 },
  ),
  {
    name: 'an upsert of two columns replaces every column',
    killedBy: [
      { rule: 'UPS-014', message: '{"replace":["visits","nick"]}' },
      { rule: 'UPS-013', message: 'the places (one row, without)' },
    ],
    adapter: (good) =>
      withWriters(good, {
        write: {
          onConflict(out, action, operation, standard) {
            if (action.kind !== 'update' || action.set.length !== 2) {
              return standard.onConflict(out, action, operation)
            }
            const all = operation.columns.map((column) => ({
              column,
              value: { kind: 'excluded' as const, name: column },
            }))
            const replaces = action.set.every(({ value }) => value.kind === 'excluded')
            standard.onConflict(out, replaces ? { ...action, set: all } : action, operation)
          },
        },
      }),
  },
  {
    name: 'the existing row’s columns mean the proposed row’s',
    killedBy: [
      { rule: 'UPS-015', message: 'set and inc' },
      { rule: 'UPS-016', message: 'the rows (one row, without)' },
    ],
    adapter: (good) =>
      withWriters(good, {
        write: {
          column(out, node, standard) {
            if (out.existingRow === undefined) return standard.column(out, node)
            standard.excluded(out, { kind: 'excluded', name: node.name })
          },
        },
      }),
  },
  mutant('an upsert’s condition is dropped', 'UPS-016', 'the rows (one row, without)', (good) =>
    withWriters(good, {
      write: {
        onConflict: (out, action, operation, standard) =>
          standard.onConflict(
            out,
            action.kind === 'update' ? { ...action, where: undefined } : action,
            operation,
          ),
      },
    }),
  ),
  mutant(
    'the predicate of a partial index is dropped',
    'UPS-017',
    'the rule got an error',
    (good) =>
      withWriters(good, {
        write: {
          conflictTarget: (out, target, standard) =>
            standard.conflictTarget(
              out,
              target.kind === 'columns' ? { ...target, where: undefined } : target,
            ),
        },
      }),
    { catalogue: 57 },
  ),
  mutant('an unsafe fragment is quoted', 'UPS-019', 'the rule got an error', (good) =>
    withWriters(good, {
      write: {
        conflictTarget(out, target, standard) {
          if (target.kind !== 'unsafe') return standard.conflictTarget(out, target)
          out.text('(')
          out.identifier(target.sql)
          out.text(')')
        },
      },
    }),
  ),
  {
    name: 'returned rows come in the opposite order',
    killedBy: [
      { rule: 'UPS-021', message: 'the rows given back' },
      { rule: 'WRT-014', message: 'the titles given back' },
    ],
    adapter: (good) =>
      withExecute(good, {
        result: (result, { sql }) =>
          /^insert.*returning/s.test(sql)
            ? { ...result, rows: (result.rows as readonly unknown[][]).toReversed() }
            : result,
      }),
  },
  mutant(
    'an insert without columns drops its conflict clause',
    'UPS-023',
    'unique_violation',
    (good) =>
      withWriters(good, {
        write: {
          insert: (out, operation, standard) =>
            standard.insert(
              out,
              operation.columns.length === 0 ? { ...operation, onConflict: undefined } : operation,
            ),
        },
      }),
  ),
  mutant(
    'an update on conflict without a target is about the primary key',
    'UPS-020',
    'unique_violation',
    (good) =>
      withWriters(good, {
        write: {
          onConflict: (out, action, operation, standard) =>
            standard.onConflict(
              out,
              action.kind === 'update' && action.target === undefined
                ? { ...action, target: { kind: 'columns', columns: operation.primaryKey } }
                : action,
              operation,
            ),
        },
      }),
  ),
]
