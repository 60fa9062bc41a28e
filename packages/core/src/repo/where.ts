import type { ComparisonOperator, Expression, TableName } from '../contract/index.ts'
import { MisuseError } from '../errors/index.ts'
import { isName, isSql, type SlotList, type Sql, type SqlCompiler } from '../query/index.ts'
import type { ColumnPlan, TablePlan } from './table-plan.ts'

/** One condition on one column, its values encoded. */
interface Condition {
  readonly column: ColumnPlan
  readonly operator: ComparisonOperator | 'in' | 'is null' | 'is not null'
  readonly values: readonly unknown[]
}

/** A `where`, taken apart: a key that names its shape, and what builds its tree. */
export interface ParsedWhere {
  /** Two conditions with one key differ in values only; undefined where the text is the caller's. */
  readonly key: string | undefined
  /**
   * Adds the values to `slots` and gives the tree; undefined where every row fits. `of` qualifies
   * the columns, where their bare names would be ambiguous.
   */
  expression(slots: SlotList, of?: TableName): Expression | undefined
}

const operators: { readonly [name: string]: ComparisonOperator } = {
  eq: '=',
  ne: '<>',
  gt: '>',
  gte: '>=',
  lt: '<',
  lte: '<=',
  like: 'like',
}

const everything: ParsedWhere = { key: '', expression: () => undefined }

/**
 * Parses a `where` option.
 *
 * @throws MisuseError for undefined, unknown columns or operators, and values of the wrong kind
 */
export function parseWhere(
  plan: TablePlan,
  where: unknown,
  compiler: SqlCompiler,
  option = 'where',
): ParsedWhere {
  if (where === undefined) return everything
  if (isSql(where)) {
    return { key: undefined, expression: (slots) => compiler.expression(where as Sql, slots) }
  }
  if (!isPlainObject(where) || isName(where)) {
    throw new MisuseError(
      'OPTION_INVALID',
      `${option} takes an object of conditions by column, or an sql fragment`,
    )
  }
  const conditions: Condition[] = []
  for (const [property, value] of Object.entries(where)) {
    addConditions(conditions, plan, option, property, value)
  }
  return {
    key: conditions
      .map(({ column, operator, values }) => `${column.index}${operator}${values.length}`)
      .join('&'),
    expression: (slots, of) => and(conditions.map((condition) => tree(condition, slots, of))),
  }
}

/** `and` of terms: undefined for none, the term itself for one. */
export function and(terms: readonly Expression[]): Expression | undefined {
  return terms.length > 1 ? { kind: 'and', terms } : terms[0]
}

/** Whether a column is NULL. */
export function isNull(column: ColumnPlan): Expression {
  return { kind: 'null', of: { kind: 'column', name: column.source }, negated: false }
}

/** A comparison of a column with one encoded value. */
export function equals(column: ColumnPlan, value: unknown, slots: SlotList): Expression {
  return tree({ column, operator: '=', values: [value] }, slots)
}

function addConditions(
  conditions: Condition[],
  plan: TablePlan,
  option: string,
  property: string,
  value: unknown,
): void {
  const column = plan.column(property, option)
  const place = `${option}.${property}`
  const structured = ['json', 'array'].includes(column.ref.settings.type.name)
  if (value === undefined) throw undefinedCondition(place)
  if (isSql(value) || isName(value)) {
    throw new MisuseError(
      'FRAGMENT_MISPLACED',
      `${place} takes values, not SQL; give sql\`…\` as the whole ${option}`,
    )
  }
  if (value === null) conditions.push({ column, operator: 'is null', values: [] })
  else if (isOperators(value, structured)) {
    const entries = Object.entries(value)
    if (entries.length === 0) {
      throw new MisuseError('OPTION_INVALID', `${place} is an empty object, which says nothing`)
    }
    for (const [name, operand] of entries) {
      conditions.push(operatorCondition(column, place, name, operand))
    }
  } else if (structured) {
    throw new MisuseError(
      'OPTION_INVALID',
      `${place} is ${column.ref.settings.type.name === 'array' ? 'an array' : 'a json'} column, where a list or object could mean two things; write { eq: … } or { in: […] }`,
    )
  } else if (Array.isArray(value)) conditions.push(listCondition(column, place, value))
  else conditions.push({ column, operator: '=', values: [column.encode(value, option)] })
}

function operatorCondition(
  column: ColumnPlan,
  place: string,
  name: string,
  operand: unknown,
): Condition {
  if (operand === undefined) throw undefinedCondition(`${place}.${name}`)
  if (name === 'in') {
    if (!Array.isArray(operand)) {
      throw new MisuseError('OPTION_INVALID', `${place}.in takes a list`)
    }
    return listCondition(column, `${place}.in`, operand)
  }
  const operator = Object.hasOwn(operators, name) ? operators[name] : undefined
  if (operator === undefined) {
    throw new MisuseError(
      'OPTION_INVALID',
      `${place} has no operator "${name}"; it takes ${Object.keys(operators).join(', ')}, in`,
    )
  }
  if (operand === null) {
    if (operator === '=') return { column, operator: 'is null', values: [] }
    if (operator === '<>') return { column, operator: 'is not null', values: [] }
    throw new MisuseError(
      'OPTION_INVALID',
      `${place}.${name} is null, and a comparison with null is never true; use eq or ne`,
    )
  }
  if (operator === 'like') {
    if (typeof operand !== 'string') {
      throw new MisuseError('OPTION_INVALID', `${place}.like takes a string`)
    }
    if (!operand.isWellFormed() || operand.includes('\0')) {
      throw new MisuseError('OPTION_INVALID', `${place}.like is not well-formed text`)
    }
    return { column, operator, values: [operand] }
  }
  return { column, operator, values: [column.encode(operand, `${place}.${name}`)] }
}

function listCondition(column: ColumnPlan, place: string, list: readonly unknown[]): Condition {
  const values = Array.from(list, (item, i) => {
    if (item === undefined) throw undefinedCondition(`${place}[${i}]`)
    if (item === null) {
      throw new MisuseError(
        'OPTION_INVALID',
        `${place}[${i}] is null, which "in" never finds; ask for null by itself`,
      )
    }
    return column.encode(item, `${place}[${i}]`)
  })
  return { column, operator: 'in', values }
}

function tree(
  { column, operator, values }: Condition,
  slots: SlotList,
  of?: TableName,
): Expression {
  const left: Expression = { kind: 'column', name: column.source, of }
  const slot = (value: unknown): Expression => slots.add(value, column.ref.settings.type)
  switch (operator) {
    case 'is null':
      return { kind: 'null', of: left, negated: false }
    case 'is not null':
      return { kind: 'null', of: left, negated: true }
    case 'in':
      return { kind: 'in', left, list: values.map(slot) }
    case 'like':
      return { kind: 'compare', operator, left, right: slots.add(values[0], { name: 'text' }) }
    default:
      return { kind: 'compare', operator, left, right: slot(values[0]) }
  }
}

function undefinedCondition(place: string): MisuseError {
  return new MisuseError(
    'UNDEFINED_VALUE',
    `${place} is undefined, which would widen the condition without a word; leave the key out, or give null for SQL's NULL`,
  )
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false
  const prototype = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}

/** Whether an object is one of operators; on json columns any object but these would be ambiguous. */
function isOperators(value: unknown, structured: boolean): value is Record<string, unknown> {
  if (!isPlainObject(value)) return false
  return (
    !structured || Object.keys(value).every((key) => key === 'in' || Object.hasOwn(operators, key))
  )
}
