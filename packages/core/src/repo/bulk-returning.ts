import type { Expression, RowShape } from '../contract/index.ts'
import { UnsupportedError } from '../errors/index.ts'
import { type Call, SlotList } from '../query/index.ts'
import type { Scope } from '../transaction/index.ts'
import type { Change } from './changes.ts'
import type { WrittenRows } from './insert-all.ts'
import type { Runtime } from './runtime.ts'
import { type Caller, names } from './select.ts'
import { type BuiltOperation, type ColumnPlan, parametersOf, type TablePlan } from './table-plan.ts'
import { atomically } from './transaction-call.ts'
import { and, equals, type ParsedWhere } from './where.ts'

/** An update or delete of many rows, parsed. */
export interface BulkWrite {
  readonly kind: 'update' | 'delete'
  readonly plan: TablePlan
  readonly where: ParsedWhere
  /** Empty for a delete. */
  readonly changes: readonly Change[]
  readonly returned: readonly ColumnPlan[] | undefined
  readonly call: Call
}

/** Most rows of one statement. */
const rowsPerStatement = 128

type Write = BulkWrite & { readonly returned: readonly ColumnPlan[] }

/**
 * `update` and `delete … returning` of many rows for databases without RETURNING, in one
 * transaction: reads the primary keys of the rows (and locks them where that can be), then writes
 * and reads them by key.
 *
 * @throws UnsupportedError before anything is sent, for a table without a key and a change of the key
 */
export function bulkReadingBack(
  runtime: Runtime,
  caller: Caller,
  write: Write,
): Promise<WrittenRows> {
  refuseWithoutKey(runtime, write)
  return atomically(runtime, caller, write.call, async (scope) => {
    const keys = await readKeys(runtime, scope, write)
    const rows: object[] = []
    let count = 0
    const most = rowsOfStatement(runtime, write)
    for (let start = 0; start < keys.length; start += most) {
      const some = keys.slice(start, start + most)
      if (write.kind === 'delete') rows.push(...(await readRows(runtime, scope, write, some)))
      count += await writeRows(runtime, scope, write, some)
      if (write.kind === 'update') rows.push(...(await readRows(runtime, scope, write, some)))
    }
    return { count, rows }
  })
}

/** The encoded values of one row's primary key. */
type Key = readonly unknown[]

function refuseWithoutKey(runtime: Runtime, { kind, plan, changes }: Write): void {
  const changed = changes.find(({ column }) => column.ref.settings.primaryKey)
  if (plan.primaryKey.length > 0 && changed === undefined) return
  throw new UnsupportedError(
    `returning.${kind}`,
    `${runtime.adapter.name} has no RETURNING, and rows are read back by their primary key, ${
      changed === undefined ? `which ${plan.info.name} has not` : 'which this update changes'
    }; leave returning out`,
  )
}

function rowsOfStatement(runtime: Runtime, { plan, changes }: Write): number {
  const counted = new SlotList()
  for (const change of changes) change.assignment(counted)
  const room = runtime.adapter.capabilities.maxParameters - counted.values.length
  return Math.max(1, Math.min(rowsPerStatement, Math.floor(room / plan.primaryKey.length)))
}

/** Read in forms that lose nothing, since a key that was rounded names another row or none. */
async function readKeys(runtime: Runtime, scope: Scope, write: Write): Promise<Key[]> {
  const { plan, where, call } = write
  const codecs = plan.primaryKey.map(({ ref: { settings, property } }) => {
    const form = settings.type.name === 'timestamp' ? 'string' : undefined
    return runtime.encoder.codec(settings.type, form, `${plan.info.name}.${property}`)
  })
  const shape: RowShape = {
    columns: codecs.map(({ type, decode }, i) => ({ property: `key${i}`, type, decode })),
    attach: undefined,
  }
  const slots = new SlotList()
  const built = runtime.build(
    {
      kind: 'select',
      table: plan.name,
      columns: names(plan.primaryKey),
      where: where.expression(slots),
      lock: runtime.adapter.capabilities.rowLocks.includes('update')
        ? { mode: 'update' }
        : undefined,
    },
    slots,
    'write',
    shape,
  )
  const { rows } = await runtime.runIn(scope, built.query, parametersOf(built, slots.values), call)
  return rows.map((row) => Object.values(row).map((value, i) => codecs[i]?.encode(value)))
}

async function writeRows(
  runtime: Runtime,
  scope: Scope,
  { kind, plan, changes, call }: Write,
  keys: readonly Key[],
): Promise<number> {
  const slots = new SlotList()
  const set = changes.map((change) => change.assignment(slots))
  const rest = { table: plan.name, where: byKeys(plan.primaryKey, keys, slots) }
  const built: BuiltOperation = runtime.build(
    kind === 'update' ? { kind, set, ...rest } : { kind, ...rest },
    slots,
    'write',
    undefined,
  )
  const answer = await runtime.runIn(scope, built.query, parametersOf(built, slots.values), call)
  return answer.affected ?? keys.length
}

async function readRows(
  runtime: Runtime,
  scope: Scope,
  { plan, returned, call }: Write,
  keys: readonly Key[],
): Promise<object[]> {
  const slots = new SlotList()
  const where = byKeys(plan.primaryKey, keys, slots)
  const built = runtime.build(
    { kind: 'select', table: plan.name, columns: names(returned), where },
    slots,
    'write',
    plan.shape(returned),
  )
  return (await runtime.runIn(scope, built.query, parametersOf(built, slots.values), call)).rows
}

function byKeys(
  primaryKey: readonly ColumnPlan[],
  keys: readonly Key[],
  slots: SlotList,
): Expression {
  const [only] = primaryKey
  if (primaryKey.length === 1 && only !== undefined) {
    const { type } = only.ref.settings
    return {
      kind: 'in',
      left: { kind: 'column', name: only.source },
      list: keys.map(([value]) => slots.add(value, type)),
    }
  }
  return {
    kind: 'or',
    terms: keys.map(
      (key) => and(primaryKey.map((column, i) => equals(column, key[i], slots))) as Expression,
    ),
  }
}
