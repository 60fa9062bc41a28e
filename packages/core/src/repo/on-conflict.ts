import type {
  Assignment,
  ConflictAction,
  ConflictTarget,
  Expression,
  LogicalType,
} from '../contract/index.ts'
import { MisuseError } from '../errors/index.ts'
import { isSql, noDefault, SlotList, type Sql, SqlExpression, sql } from '../query/index.ts'
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
  /** The columns of a target given as columns; undefined otherwise. */
  readonly targetColumns: readonly ColumnPlan[] | undefined
  /** Whether an existing row is changed. */
  readonly updates: boolean
  /** Whether a conflict may write and return no row. */
  readonly maySkip: boolean
  /** How many parameters the action adds to a statement. */
  readonly parameterCount: number
}

const raise: ParsedConflict = Object.freeze({
  key: 'raise',
  action: () => undefined,
  targetColumns: undefined,
  updates: false,
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
      targetColumns: target?.columns,
      updates: false,
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
      targetColumns: target?.columns,
      updates: true,
      maySkip: false,
      parameterCount: 0,
    }
  }
  return parseUpdate(runtime, caller, plan, onConflict, target)
}

/** The columns of the `replace…` forms; undefined where `onConflict` is an update. */
function replacedColumns(plan: TablePlan, onConflict: unknown): readonly ColumnPlan[] | undefined {
  const writable = plan.columns.filter(isWritable)
  if (onConflict === 'replace_all') return nonEmpty(plan, writable, 'replace_all')
  if (onConflict === 'replace_all_except_primary_key') {
    const rest = writable.filter((column) => !column.ref.settings.primaryKey)
    return nonEmpty(plan, rest, 'replace_all_except_primary_key')
  }
  if (typeof onConflict !== 'object' || onConflict === null || Array.isArray(onConflict)) {
    throw new MisuseError(
      'OPTION_INVALID',
      "onConflict takes 'raise', 'nothing', 'replace_all', 'replace_all_except_primary_key', { replace: […] }, { replaceAllExcept: […] }, or an update { set, inc, where }",
    )
  }
  if (!('replace' in onConflict) && !('replaceAllExcept' in onConflict)) return undefined
  if (Object.keys(onConflict).length > 1) {
    throw new MisuseError(
      'OPTION_INVALID',
      'onConflict takes replace, replaceAllExcept or an update, one of them',
    )
  }
  if ('replace' in onConflict) {
    const columns = plan.columnsOf(
      listOf(onConflict.replace, 'onConflict.replace'),
      'onConflict.replace',
    )
    for (const column of columns) requireWritable(plan, column, 'onConflict.replace')
    return columns
  }
  const kept = new Set(
    plan.columnsOf(
      listOf(
        (onConflict as { replaceAllExcept: unknown }).replaceAllExcept,
        'onConflict.replaceAllExcept',
      ),
      'onConflict.replaceAllExcept',
    ),
  )
  return nonEmpty(
    plan,
    writable.filter((column) => !kept.has(column)),
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
        `onConflict has no option "${name}"; an update takes set, inc, where`,
      )
    }
  }
  const rows = conflictRows(plan)
  const set = typeof given.set === 'function' ? given.set(rows) : given.set
  const changes = parseChanges(runtime, caller, plan, set, given.inc, 'onConflict')
  if (changes.length === 0) {
    throw new MisuseError(
      'EMPTY_UPDATE',
      "onConflict is an update that changes nothing; give set or inc, or say 'nothing'",
    )
  }
  const condition = typeof given.where === 'function' ? given.where(rows) : given.where
  if (condition !== undefined) runtime.need('upsert.updateWhere')
  const where = parseWhere(plan, condition, runtime.compiler(caller.prefix))
  const structural = where.key === undefined || changes.some((change) => change.key === undefined)
  const action = (slots: SlotList): ConflictAction => ({
    kind: 'update',
    target: target?.tree,
    set: changes.map((change) => change.assignment(slots)),
    where: where.expression(slots),
  })
  const counted = new SlotList()
  action(counted)
  return {
    key: structural
      ? undefined
      : `update ${changes.map((change) => change.key).join()} ${where.key} ${target?.key}`,
    action,
    parameterCount: counted.values.length,
    targetColumns: target?.columns,
    updates: true,
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

function listOf(value: unknown, option: string): readonly string[] {
  if (Array.isArray(value) && value.length > 0) return value
  throw new MisuseError('OPTION_INVALID', `${option} takes a list of columns that is not empty`)
}
