import { type LogicalType, ValueError } from '@mortise/core/adapter'
import { checkEqual, RuleFailure, show } from '../check/index.ts'
import { checkOnServer, literalOf, type RuleContext } from '../context/index.ts'
import {
  type Caller,
  column,
  encode,
  equals,
  insertInto,
  selectFrom,
  type TestTable,
  typed,
} from '../contract/index.ts'

/** A value that a type must keep, or refuse where `mayRefuse` allows it. */
export interface TypeCase {
  readonly value: unknown
  /** A database that cannot hold the value exactly refuses it; it never stores another. */
  readonly mayRefuse?: boolean
  /** What comes back. Default: the value itself. */
  readonly expected?: unknown
}

/** How to look at values. */
export interface ProofOptions {
  /** Brings spellings of one value into one form. Default: as they are. */
  readonly normalise?: (value: unknown) => unknown
}

/**
 * Proves that a type keeps values exactly, each way by itself so that two mirrored mistakes do not
 * cancel out: a written value is compared by the server with its own literal, a value written as a
 * literal is read, and a parameter finds what a literal wrote.
 */
export async function proveType(
  context: RuleContext,
  type: LogicalType,
  cases: readonly TypeCase[],
  options: ProofOptions = {},
): Promise<void> {
  const caller = await context.connect()
  const table = await context.create(caller, [column('id', 'integer'), column('v', type)])
  const native = await isNative(caller, type)
  const normalise = options.normalise ?? ((value) => value)
  for (const [i, each] of cases.entries()) {
    const what = `${type.name} ${show(each.value)}`
    if (!(await write(caller, table, i, each, what))) continue
    const expected = each.expected ?? each.value
    const read = await readOne(caller, table, i)
    checkEqual(`${what}, written as a parameter and read back`, normalise(read), expected)
    if (!native && encode(context.adapter, typed(type, each.value)) !== each.value) continue
    const literal = literalOf(context.adapter, typed(type, expected))
    if (literal === undefined) continue
    await checkOnServer(
      context,
      caller,
      table,
      `id = ${i} and v = ${literal}`,
      1,
      `${what}, written as a parameter and compared by the server`,
    )
    const own = 100_000 + i
    const name = context.adapter.dialect.quoteIdentifier(table.table.name)
    await caller.text(`insert into ${name} (id, v) values (${own}, ${literal})`)
    const other = await readOne(caller, table, own)
    checkEqual(`${what}, written as a literal and read`, normalise(other), expected)
    await checkFound(caller, table, own, each, what)
  }
}

/** Whether the value was written. A refusal must be allowed, and must be an error that says so. */
async function write(
  caller: Caller,
  table: TestTable,
  id: number,
  each: TypeCase,
  what: string,
): Promise<boolean> {
  const { operation, values } = insertInto(table, ['id', 'v'], [[id, each.value]])
  try {
    for (const value of values) encode(caller.adapter, value)
  } catch (error) {
    if (each.mayRefuse && error instanceof ValueError) return false
    throw new RuleFailure(
      `${what}, encoded`,
      each.mayRefuse ? 'the value kept, or a ValueError' : 'the value kept',
      show(error),
      { cause: error },
    )
  }
  try {
    await caller.run(operation, values)
    return true
  } catch (error) {
    if (each.mayRefuse) return false
    throw new RuleFailure(`${what}, written as a parameter`, 'no error', show(error), {
      cause: error,
    })
  }
}

async function readOne(caller: Caller, table: TestTable, id: number): Promise<unknown> {
  const select = selectFrom(table, ['v'], { where: equals('id', 0), orderBy: undefined })
  const made = caller.request(select.operation, [typed('integer', id)])
  return (await caller.rows(select.columns, made))[0]?.[0]
}

/** Types that every database has literals of. */
const plain: ReadonlySet<LogicalType['name']> = new Set([
  'boolean',
  'integer',
  'bigint',
  'float',
  'text',
  'enum',
])

/**
 * Whether the server knows literals of the type: it refuses a cast of nonsense then. Where it has
 * no such type the stored form is the adapter's own affair.
 */
async function isNative(caller: Caller, type: LogicalType): Promise<boolean> {
  if (plain.has(type.name)) return true
  try {
    const literal = literalOf(caller.adapter, typed(type, 'nonsense'))
    if (literal !== undefined) await caller.text(`select ${literal} as v`, { access: 'read' })
    return false
  } catch {
    return true
  }
}

async function checkFound(
  caller: Caller,
  table: TestTable,
  id: number,
  each: TypeCase,
  what: string,
): Promise<void> {
  const type = table.columns[1]?.type as LogicalType
  const where = {
    kind: 'and' as const,
    terms: [equals('id', 0), equals('v', 1, type)],
  }
  const select = selectFrom(table, ['id'], { where })
  const made = caller.request(select.operation, [typed('integer', id), typed(type, each.value)])
  const rows = await caller.rows(select.columns, made)
  checkEqual(`the rows that a parameter finds by ${what}`, rows.length, 1)
}
