import type { ConflictAction, Expression } from '../contract/index.ts'
import { MisuseError } from '../errors/index.ts'
import { SlotList, type Sql, SqlExpression, sql } from '../query/index.ts'
import { isWritable, keyOf, parseChanges, writable } from './changes.ts'
import { type ParsedTarget, parseTarget, type TargetIndex } from './conflict-target.ts'
import type { Runtime } from './runtime.ts'
import type { Caller } from './select.ts'
import type { ColumnPlan, TablePlan } from './table-plan.ts'
import { parseWhere } from './where.ts'

/** An upsert's options, checked and turned into a tree. Its values come after the row's. */
export interface ParsedConflict {
  /** Names its shape; undefined where text of the caller's own is in it. */
  readonly key: string | undefined
  /** Adds its values to `slots` and gives the tree; undefined for `'raise'`. */
  action(slots: SlotList): ConflictAction | undefined
  /** The index of a target given as columns; undefined otherwise. */
  readonly index: TargetIndex | undefined
  /** Whether an existing row is changed. */
  readonly updates: boolean
  /** Columns whose value an update takes from elsewhere than the proposed row. */
  readonly changed: readonly ColumnPlan[]
  /** Whether a conflict may write and return no row. */
  readonly maySkip: boolean
  /** How many parameters the action adds to a statement. */
  readonly parameterCount: number
}

/** `'raise'`: a plain insert. */
export const raise: ParsedConflict = Object.freeze({
  key: 'raise',
  action: () => undefined,
  index: undefined,
  updates: false,
  changed: [],
  maySkip: false,
  parameterCount: 0,
})

/**
 * Parses `onConflict` and `conflictTarget` together.
 *
 * @throws MisuseError naming the option: unknown or unwritable columns, an empty list, a target
 * with `'raise'`, a missing target where the database needs one
 * @throws UnsupportedError for what the manifest declares absent
 */
export function parseConflict(
  runtime: Runtime,
  caller: Caller,
  plan: TablePlan,
  onConflict: unknown,
  conflictTarget: unknown,
): ParsedConflict {
  if (onConflict === undefined || onConflict === 'raise') {
    if (conflictTarget !== undefined) {
      throw new MisuseError(
        'CONFLICT_TARGET_UNUSED',
        "conflictTarget is given but onConflict is 'raise' (the default), which has no use for it; say what is to happen on a conflict",
      )
    }
    return raise
  }
  const target = parseTarget(runtime, plan, conflictTarget)
  if (onConflict === 'nothing') {
    runtime.need('upsert.nothing')
    return {
      key: `nothing ${target?.key}`,
      action: () => ({ kind: 'nothing', target: target?.tree }),
      index: target?.index,
      updates: false,
      changed: [],
      maySkip: true,
      parameterCount: 0,
    }
  }
  runtime.need('upsert.update')
  if (
    target === undefined &&
    runtime.adapter.capabilities.upsert.updateWithoutTarget === 'absent'
  ) {
    throw new MisuseError(
      'CONFLICT_TARGET_MISSING',
      `an onConflict that updates needs a conflictTarget on ${runtime.adapter.name}: name the columns of the unique index it is about`,
    )
  }
  const replaced = replacedColumns(plan, onConflict)
  if (replaced !== undefined) {
    return {
      key: `replace ${replaced.map((column) => column.index).join()} ${target?.key}`,
      action: () => ({
        kind: 'update',
        target: target?.tree,
        set: replaced.map((column) => ({
          column: column.source,
          value: { kind: 'excluded', name: column.source },
        })),
      }),
      index: target?.index,
      updates: true,
      changed: [],
      maySkip: false,
      parameterCount: 0,
    }
  }
  return parseUpdate(runtime, caller, plan, onConflict, target)
}

/** The columns of the `replace…` forms; undefined where `onConflict` is an update. */
function replacedColumns(plan: TablePlan, onConflict: unknown): readonly ColumnPlan[] | undefined {
  const candidates = plan.columns.filter(isWritable)
  if (onConflict === 'replace_all') return nonEmpty(plan, candidates, 'replace_all')
  if (onConflict === 'replace_all_except_primary_key') {
    const rest = candidates.filter((column) => !column.ref.settings.primaryKey)
    return nonEmpty(plan, rest, 'replace_all_except_primary_key')
  }
  if (typeof onConflict !== 'object' || onConflict === null || Array.isArray(onConflict)) {
    throw new MisuseError(
      'OPTION_INVALID',
      "onConflict takes 'raise', 'nothing', 'replace_all', 'replace_all_except_primary_key', { replace: […] }, { replaceAllExcept: […] }, or an update { set, inc, where }",
    )
  }
  const { replace, replaceAllExcept } = onConflict as { [name: string]: unknown }
  if (replace === undefined && replaceAllExcept === undefined) return undefined
  if (Object.keys(onConflict).length > 1) {
    throw new MisuseError(
      'OPTION_INVALID',
      'onConflict takes replace, replaceAllExcept or an update, one of them',
    )
  }
  if (replace !== undefined) {
    const columns = plan.columnsOf(replace, 'onConflict.replace')
    for (const { ref } of columns) writable(plan, ref.property, 'onConflict.replace')
    return columns
  }
  const kept = new Set(plan.columnsOf(replaceAllExcept, 'onConflict.replaceAllExcept'))
  return nonEmpty(
    plan,
    candidates.filter((column) => !kept.has(column)),
    'replaceAllExcept',
  )
}

function parseUpdate(
  runtime: Runtime,
  caller: Caller,
  plan: TablePlan,
  onConflict: unknown,
  target: ParsedTarget | undefined,
): ParsedConflict {
  const given = onConflict as { set?: unknown; inc?: unknown; where?: unknown }
  for (const name of Object.keys(given)) {
    if (!['set', 'inc', 'where'].includes(name)) {
      throw new MisuseError(
        'UNKNOWN_OPTION',
        `onConflict has no option "${name}"; an update takes set, inc, where, and the other forms are { replace } and { replaceAllExcept }`,
      )
    }
  }
  const rows = conflictRows(plan)
  const changes = parseChanges(
    runtime,
    caller,
    plan,
    { set: typeof given.set === 'function' ? given.set(rows) : given.set, inc: given.inc },
    { set: 'onConflict.set', inc: 'onConflict.inc' },
  )
  if (changes.length === 0) {
    throw new MisuseError(
      'EMPTY_UPDATE',
      "onConflict is an update that changes nothing; give set or inc, or say 'nothing'",
    )
  }
  const condition = typeof given.where === 'function' ? given.where(rows) : given.where
  if (condition !== undefined) runtime.need('upsert.updateWhere')
  const where = parseWhere(plan, condition, runtime.compiler(caller.prefix), 'onConflict.where')
  const action = (slots: SlotList): ConflictAction => ({
    kind: 'update',
    target: target?.tree,
    set: changes.map((change) => change.assignment(slots)),
    // Bare names could mean the proposed row's columns as well.
    where: where.expression(slots, plan.name),
  })
  const counted = new SlotList()
  action(counted)
  const changesKey = keyOf(changes)
  return {
    key:
      where.key === undefined || changesKey === undefined
        ? undefined
        : `update ${changesKey} ${where.key} ${target?.key}`,
    action,
    parameterCount: counted.values.length,
    index: target?.index,
    updates: true,
    changed: changes.map((change) => change.column),
    maySkip: condition !== undefined,
  }
}

/** The columns of the existing and of the proposed row, as fragments. */
function conflictRows(plan: TablePlan): {
  existing: Record<string, Sql>
  excluded: Record<string, Sql>
} {
  const existing: Record<string, Sql> = Object.create(null)
  const excluded: Record<string, Sql> = Object.create(null)
  for (const { ref } of plan.columns) {
    existing[ref.property] = node({ kind: 'column', name: ref.source, of: plan.name })
    excluded[ref.property] = node({ kind: 'excluded', name: ref.source })
  }
  return { existing, excluded }
}

function node(expression: Expression): Sql {
  return sql`${new SqlExpression(expression)}` as Sql
}

function nonEmpty(
  plan: TablePlan,
  columns: readonly ColumnPlan[],
  form: string,
): readonly ColumnPlan[] {
  if (columns.length > 0) return columns
  throw new MisuseError(
    'EMPTY_UPDATE',
    `onConflict ${form} leaves no column of ${plan.info.name} to replace; say 'nothing'`,
  )
}
