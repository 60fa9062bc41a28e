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

/** One change of an update: `set`, `inc` or a fragment. */
export interface Change {
  readonly key: string | undefined
  assignment(slots: SlotList): Assignment
}

/** Parses `set` and `inc`. A column in both, or one that cannot be written, is an error. */
export function parseChanges(
  runtime: Runtime,
  caller: Caller,
  plan: TablePlan,
  set: unknown,
  inc: unknown,
  option: string,
): Change[] {
  const changes: Change[] = []
  const seen = new Set<ColumnPlan>()
  const take = (property: string, where: string): ColumnPlan => {
    const column = plan.column(property, where)
    requireWritable(plan, column, where)
    if (seen.has(column)) {
      throw new MisuseError('OPTION_INVALID', `${option} both sets and increments "${property}"`)
    }
    seen.add(column)
    return column
  }
  for (const [property, value] of Object.entries(objectOf(set, `${option}.set`))) {
    const column = take(property, `${option}.set`)
    if (isSql(value)) {
      const compiler = runtime.compiler(caller.prefix)
      changes.push({
        key: undefined,
        assignment: (slots) => ({
          column: column.source,
          value: compiler.expression(value as Sql, slots),
        }),
      })
      continue
    }
    const encoded = column.encode(value)
    changes.push({
      key: `${column.index}=`,
      assignment: (slots) => ({
        column: column.source,
        value: slots.add(encoded, column.ref.settings.type),
      }),
    })
  }
  for (const [property, value] of Object.entries(objectOf(inc, `${option}.inc`))) {
    const column = take(property, `${option}.inc`)
    const { type } = column.ref.settings
    if (!numeric.has(type.name) || (typeof value !== 'number' && typeof value !== 'bigint')) {
      throw new MisuseError(
        'OPTION_INVALID',
        `${option}.inc.${property} takes a number, for a column of numbers`,
      )
    }
    const encoded = column.encode(
      type.name === 'decimal' && typeof value === 'number' ? BigInt(value) : value,
    )
    changes.push({
      key: `${column.index}+`,
      assignment: (slots) => ({
        column: column.source,
        value: {
          kind: 'add',
          left: { kind: 'column', name: column.source, of: plan.name },
          right: slots.add(encoded, type),
        },
      }),
    })
  }
  return changes
}

const numeric: ReadonlySet<LogicalType['name']> = new Set(['integer', 'bigint', 'float', 'decimal'])

interface ParsedTarget {
  readonly key: string
  readonly tree: ConflictTarget
  readonly columns: readonly ColumnPlan[] | undefined
}

function parseTarget(
  runtime: Runtime,
  plan: TablePlan,
  conflictTarget: unknown,
): ParsedTarget | undefined {
  if (conflictTarget === undefined) return undefined
  if (typeof conflictTarget === 'string' || Array.isArray(conflictTarget)) {
    return columnsTarget(runtime, plan, conflictTarget, undefined)
  }
  if (typeof conflictTarget === 'object' && conflictTarget !== null) {
    const names = Object.keys(conflictTarget).sort().join()
    if (names === 'columns' || names === 'columns,where') {
      const { columns, where } = conflictTarget as { columns: unknown; where?: unknown }
      return columnsTarget(runtime, plan, columns, where)
    }
    const given = conflictTarget as { constraint?: unknown; unsafeFragment?: unknown }
    if (names === 'constraint' && typeof given.constraint === 'string' && given.constraint !== '') {
      runtime.need('upsert.constraint')
      return {
        key: `constraint ${JSON.stringify(given.constraint)}`,
        tree: { kind: 'constraint', name: given.constraint },
        columns: undefined,
      }
    }
    if (names === 'unsafeFragment' && typeof given.unsafeFragment === 'string') {
      runtime.need('upsert.unsafeFragment')
      return {
        key: `unsafe ${JSON.stringify(given.unsafeFragment)}`,
        tree: { kind: 'unsafe', sql: given.unsafeFragment },
        columns: undefined,
      }
    }
  }
  throw new MisuseError(
    'OPTION_INVALID',
    'conflictTarget takes a column, a list of columns, { columns, where }, { constraint: name }, or { unsafeFragment: sql }',
  )
}

function columnsTarget(
  runtime: Runtime,
  plan: TablePlan,
  given: unknown,
  where: unknown,
): ParsedTarget {
  const list = typeof given === 'string' ? [given] : given
  const columns = plan.columnsOf(listOf(list, 'conflictTarget'), 'conflictTarget')
  runtime.need('upsert.columns')
  const key = `columns ${columns.map((column) => column.index).join()}`
  const sources = columns.map((column) => column.source)
  if (where === undefined) {
    return { key, tree: { kind: 'columns', columns: sources }, columns }
  }
  runtime.need('upsert.partialIndex')
  const terms = Object.entries(objectOf(where, 'conflictTarget.where')).map(
    ([property, value]): Expression => {
      const column = plan.column(property, 'conflictTarget.where')
      const left: Expression = { kind: 'column', name: column.source }
      if (value === null) return { kind: 'null', of: left, negated: false }
      const encoded = column.encode(value)
      if (!['string', 'number', 'bigint', 'boolean'].includes(typeof encoded)) {
        throw new MisuseError(
          'OPTION_INVALID',
          `conflictTarget.where.${property} cannot be written as a literal; use { unsafeFragment }`,
        )
      }
      return {
        kind: 'compare',
        operator: '=',
        left,
        right: { kind: 'literal', value: encoded as string | number | bigint | boolean },
      }
    },
  )
  if (terms.length === 0) {
    throw new MisuseError('OPTION_INVALID', 'conflictTarget.where is empty; leave it out')
  }
  const predicate: Expression =
    terms.length === 1 ? (terms[0] as Expression) : { kind: 'and', terms }
  return {
    key: `${key} where ${describe(predicate)}`,
    tree: { kind: 'columns', columns: sources, where: predicate },
    columns,
  }
}

function describe(predicate: Expression): string {
  return JSON.stringify(predicate, (_key, value) =>
    typeof value === 'bigint' ? { bigint: `${value}` } : value,
  )
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

function isWritable(column: ColumnPlan): boolean {
  return column.ref.settings.generated !== 'always'
}

function requireWritable(plan: TablePlan, column: ColumnPlan, option: string): void {
  if (isWritable(column)) return
  throw new MisuseError(
    'COLUMN_NOT_WRITABLE',
    `${option}: ${plan.info.name}.${column.ref.property} is generated by the database and cannot be written`,
  )
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

function objectOf(value: unknown, option: string): Record<string, unknown> {
  if (value === undefined) return {}
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    return value as Record<string, unknown>
  }
  throw new MisuseError('OPTION_INVALID', `${option} takes an object of values by column`)
}

/** Whether a column has a default that we send. */
export function hasDefault(column: ColumnPlan): boolean {
  return column.ref.settings.default !== noDefault
}
