import type { Expression } from '../contract/index.ts'
import { MisuseError } from '../errors/index.ts'
import {
  type AnyTable,
  type ColumnBuilder,
  type ColumnRef,
  isColumn,
  isTable,
} from './table/index.ts'

declare const rowType: unique symbol

/** A value with a type of its own: what `sql.typed` makes. */
export class TypedValue {
  readonly value: unknown
  readonly column: ColumnBuilder | ColumnRef

  constructor(value: unknown, column: ColumnBuilder | ColumnRef) {
    this.value = value
    this.column = column
  }
}

/** A quoted name, `a` or `a.b`. */
export class SqlIdentifier {
  readonly names: readonly string[]

  constructor(names: readonly string[]) {
    this.names = names
  }
}

/** Text that stands in the SQL as it is. */
export class UnsafeText {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }
}

/** A node of core's own trees, for places that SQL text cannot name the same everywhere. */
export class SqlExpression {
  readonly expression: Expression

  constructor(expression: Expression) {
    this.expression = expression
  }
}

/**
 * SQL with its values beside it: what the `sql` tag makes. Immutable; it may be used many times and
 * inside other fragments. `R` is the type of its rows, as the caller states it.
 */
export class Sql<R = unknown> {
  readonly strings: readonly string[]
  readonly values: readonly unknown[]
  declare readonly [rowType]?: R

  constructor(strings: readonly string[], values: readonly unknown[]) {
    this.strings = strings
    this.values = values
  }
}

/** An object that stands for itself: not a promise that was not awaited, and not a function. */
type ValueObject = object & { readonly then?: never; readonly call?: never }

/** What may stand in `${…}`: fragments, tables, columns, names; anything else is a parameter. */
export type SqlValue =
  | Sql
  | AnyTable
  | ColumnRef
  | TypedValue
  | SqlIdentifier
  | UnsafeText
  | SqlExpression
  | string
  | number
  | bigint
  | boolean
  | null
  | ValueObject

function tag<R = Record<string, unknown>>(
  strings: TemplateStringsArray,
  ...values: readonly SqlValue[]
): Sql<R> {
  if (!Array.isArray(strings) || !Array.isArray(strings.raw)) {
    throw new MisuseError(
      'TAG_EXPECTED',
      'sql is a template tag: write sql`select …` without parentheses; for text that was made elsewhere there are repo.query(text, parameters) and sql.unsafe(text)',
    )
  }
  const broken = strings.indexOf(undefined as never)
  if (broken >= 0) {
    throw new MisuseError(
      'ESCAPE_INVALID',
      `text ${broken + 1} of the sql template has an escape that JavaScript cannot read; write \\\\ for a backslash`,
    )
  }
  for (let i = 0; i < values.length; i++) {
    if (values[i] === undefined) {
      throw new MisuseError(
        'UNDEFINED_VALUE',
        `value ${i + 1} of the sql template is undefined; use null for SQL's NULL`,
      )
    }
  }
  return new Sql<R>(strings, values)
}

/**
 * The `sql` tag: text with values as parameters and names quoted.
 *
 * - a value becomes a parameter, encoded by its JavaScript value;
 * - a table or column of `defineTable` becomes its quoted name;
 * - another fragment is put in, with its values.
 */
export const sql: typeof tag & {
  /** A quoted name; several make a qualified one: `sql.id('public', 'posts')`. */
  readonly id: (...names: readonly [string, ...string[]]) => SqlIdentifier
  /** Fragments or values one after the other, with `separator` (default a comma) between. */
  readonly join: (items: readonly SqlValue[], separator?: Sql) => Sql
  /** A list of values in parentheses, for `in`. An empty list is an error. */
  readonly list: (values: readonly SqlValue[]) => Sql
  /** A value with the type of a column: `sql.typed(5, posts.visits)`, `sql.typed('1.50', t.decimal())`. */
  readonly typed: <W>(
    value: NoInfer<W> | null,
    column: ColumnBuilder<unknown, W> | ColumnRef<unknown, W>,
  ) => TypedValue
  /** Text that stands as it is. Never build it from input. */
  readonly unsafe: (text: string) => UnsafeText
} = Object.assign(tag, {
  id(...names: readonly [string, ...string[]]): SqlIdentifier {
    if (names.length === 0 || names.some((name) => typeof name !== 'string' || name === '')) {
      throw new MisuseError(
        'IDENTIFIER_INVALID',
        'sql.id takes one or more names that are not empty',
      )
    }
    return new SqlIdentifier(names)
  },
  join(items: readonly SqlValue[], separator: Sql = comma): Sql {
    if (!Array.isArray(items)) throw new MisuseError('LIST_EXPECTED', 'sql.join takes a list')
    if (items.length === 0) throw new MisuseError('EMPTY_LIST', 'sql.join got nothing to join')
    if (!isSql(separator)) {
      throw new MisuseError(
        'FRAGMENT_EXPECTED',
        'sql.join takes its separator as a fragment, such as sql` and `',
      )
    }
    return enclosed('', items, separator, '')
  },
  list(values: readonly SqlValue[]): Sql {
    if (!Array.isArray(values)) throw new MisuseError('LIST_EXPECTED', 'sql.list takes a list')
    if (values.length === 0) {
      throw new MisuseError(
        'EMPTY_LIST',
        'sql.list got an empty list, which SQL cannot write; answer that case before the query',
      )
    }
    return enclosed('(', values, comma, ')')
  },
  typed(value: unknown, column: ColumnBuilder | ColumnRef): TypedValue {
    if (value === undefined) {
      throw new MisuseError('UNDEFINED_VALUE', "sql.typed got undefined; use null for SQL's NULL")
    }
    if (!isColumn(column) && !('settings' in Object(column))) {
      throw new MisuseError(
        'TYPE_EXPECTED',
        'sql.typed takes a column (posts.title) or a column type (t.text()) as its second argument',
      )
    }
    return new TypedValue(value, column)
  },
  unsafe(text: string): UnsafeText {
    if (typeof text !== 'string')
      throw new MisuseError('TEXT_EXPECTED', 'sql.unsafe takes a string')
    return new UnsafeText(text)
  },
})

const comma = new Sql([', '], [])

function enclosed(open: string, items: readonly SqlValue[], separator: Sql, close: string): Sql {
  const values: unknown[] = []
  for (const [i, item] of items.entries()) {
    if (item === undefined) {
      throw new MisuseError(
        'UNDEFINED_VALUE',
        `item ${i + 1} of the list is undefined; use null for SQL's NULL`,
      )
    }
    if (i > 0) values.push(separator)
    values.push(item)
  }
  const between = new Array<string>(values.length - 1).fill('')
  return new Sql([open, ...between, close], values)
}

/** Whether a value is a fragment made by the `sql` tag. */
export function isSql(value: unknown): value is Sql {
  return value instanceof Sql
}

/** Whether a value stands for a name or text rather than for a parameter. */
export function isName(value: unknown): value is AnyTable | ColumnRef | SqlIdentifier | UnsafeText {
  return (
    value instanceof SqlIdentifier ||
    value instanceof UnsafeText ||
    isTable(value) ||
    isColumn(value)
  )
}
