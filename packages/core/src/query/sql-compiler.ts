import type {
  Dialect,
  Expression,
  Identifier,
  LogicalType,
  RawExpression,
  TableName,
} from '../contract/index.ts'
import { MisuseError } from '../errors/index.ts'
import type { ParameterEncoder } from './parameters.ts'
import { isName, Sql, SqlExpression, SqlIdentifier, TypedValue, UnsafeText } from './sql.ts'
import { isColumn, isTable, tableInfo, tableName } from './table/index.ts'

/** SQL text ready for a driver, with its parameters encoded. */
export interface CompiledCall {
  readonly sql: string
  readonly parameters: readonly unknown[]
  /** The explicit types; undefined where there is none. */
  readonly types: readonly (LogicalType | undefined)[] | undefined
}

interface CachedText {
  readonly sql: string
  readonly slots: readonly number[]
  /** The names among the values, by identity; undefined where a parameter stands. */
  readonly names: readonly unknown[]
}

type Part = string | Expression | TableName | Identifier

/** Collects the values of an operation: each gets a slot. */
export class SlotList {
  readonly values: unknown[] = []
  readonly types: (LogicalType | undefined)[] = []
  #typed = false

  /** Adds an encoded value. */
  add(value: unknown, type: LogicalType | undefined): Expression {
    if (type !== undefined) this.#typed = true
    this.types.push(type)
    return { kind: 'slot', slot: this.values.push(value) - 1, type }
  }

  /** The values in the order of a parameter plan. */
  inOrder(slots: readonly number[]): Pick<CompiledCall, 'parameters' | 'types'> {
    return {
      parameters: slots.map((slot) => this.values[slot]),
      types: this.#typed ? slots.map((slot) => this.types[slot]) : undefined,
    }
  }
}

/**
 * Turns fragments of the `sql` tag into text and parameters. The text of a template whose values
 * are plain parameters and names is compiled once.
 */
export class SqlCompiler {
  readonly #dialect: Dialect
  readonly #encoder: ParameterEncoder
  readonly #prefix: string | undefined
  readonly #needSchemas: () => void
  readonly #texts = new WeakMap<readonly string[], CachedText>()

  /** `needSchemas` throws where the database has none to put a table into. */
  constructor(
    dialect: Dialect,
    encoder: ParameterEncoder,
    prefix: string | undefined,
    needSchemas: () => void = () => {},
  ) {
    this.#dialect = dialect
    this.#encoder = encoder
    this.#prefix = prefix
    this.#needSchemas = needSchemas
  }

  /** A whole statement. */
  compile(fragment: Sql): CompiledCall {
    const cached = this.#texts.get(fragment.strings)
    if (cached !== undefined) {
      const parameters = this.#reuse(cached, fragment.values)
      if (parameters !== undefined) return { sql: cached.sql, parameters, types: undefined }
    }
    const slots = new SlotList()
    const compiled = this.#dialect.compile(this.expression(fragment, slots))
    this.#remember(fragment, compiled)
    return { sql: compiled.sql, ...slots.inOrder(compiled.slots) }
  }

  /** A fragment as part of an operation; its values join `slots`. */
  expression(fragment: Sql, slots: SlotList): RawExpression {
    const parts: Part[] = []
    this.#append(parts, fragment, slots)
    return { kind: 'raw', parts }
  }

  #append(parts: Part[], fragment: Sql, slots: SlotList): void {
    const { strings, values } = fragment
    for (let i = 0; i < strings.length; i++) {
      const text = strings[i] as string
      if (text !== '') parts.push(text)
      if (i < values.length) this.#appendValue(parts, values[i], slots)
    }
  }

  #appendValue(parts: Part[], value: unknown, slots: SlotList): void {
    if (value instanceof Sql) this.#append(parts, value, slots)
    else if (isTable(value)) parts.push(this.#table(value[tableInfo]))
    else if (isColumn(value)) {
      parts.push({
        kind: 'column',
        name: value.source,
        of: this.#table(value.table),
      })
    } else if (value instanceof SqlIdentifier) {
      value.names.forEach((name, i) => {
        if (i > 0) parts.push('.')
        parts.push({ kind: 'identifier', name })
      })
    } else if (value instanceof UnsafeText) parts.push(value.text)
    else if (value instanceof SqlExpression) parts.push(value.expression)
    else if (value instanceof TypedValue) parts.push(this.#typed(value, slots))
    else {
      parts.push(slots.add(this.#encoder.untyped(value, slots.values.length + 1), undefined))
    }
  }

  #table(table: Parameters<typeof tableName>[0]): TableName {
    const name = tableName(table, this.#prefix)
    if (name.prefix !== undefined) this.#needSchemas()
    return name
  }

  #typed(typed: TypedValue, slots: SlotList): Expression {
    const { settings } = typed.column
    if (typed.value === null) return slots.add(null, settings.type)
    const place = isColumn(typed.column)
      ? `${typed.column.table.name}.${typed.column.property}`
      : `parameter ${slots.values.length + 1}`
    const codec = this.#encoder.codec(settings.type, settings.form, place)
    return slots.add(codec.encode(typed.value), settings.type)
  }

  /** The parameters for a known text, or undefined where the names differ this time. */
  #reuse(cached: CachedText, values: readonly unknown[]): unknown[] | undefined {
    const { names, slots } = cached
    const encoded: unknown[] = []
    for (let i = 0; i < values.length; i++) {
      const name = names[i]
      if (name !== undefined) {
        if (name !== values[i]) return undefined
      } else if (isStructural(values[i])) return undefined
      else encoded.push(this.#encoder.untyped(values[i], encoded.length + 1))
    }
    // Every parameter is used once and in order here, so the plan is at most a permutation.
    return inSlotOrder(slots) ? encoded : slots.map((slot) => encoded[slot])
  }

  #remember(fragment: Sql, compiled: { readonly sql: string; readonly slots: readonly number[] }) {
    const names: unknown[] = []
    for (const value of fragment.values) {
      if (isTable(value) || isColumn(value)) names.push(value)
      else if (isStructural(value)) return
      else names.push(undefined)
    }
    this.#texts.set(fragment.strings, { sql: compiled.sql, slots: compiled.slots, names })
  }
}

/** Whether a value changes the text, so that the text cannot be reused by the template alone. */
function isStructural(value: unknown): boolean {
  return (
    typeof value === 'object' &&
    value !== null &&
    (value instanceof Sql ||
      value instanceof SqlExpression ||
      value instanceof TypedValue ||
      isName(value))
  )
}

function inSlotOrder(slots: readonly number[]): boolean {
  for (let i = 0; i < slots.length; i++) if (slots[i] !== i) return false
  return true
}

const gap = String.raw`(?:\s|;|--[^\n]*(?:\n|$)|/\*[^*]*(?:\*(?!/)[^*]*)*\*/)`
const control = new RegExp(
  `^${gap}*(begin|(?:start|prepare)${gap}+transaction|commit|end|rollback|abort|savepoint|release)\\b`,
  'i',
)

/**
 * Refuses a statement that begins or ends a transaction behind the runtime's back.
 *
 * @throws MisuseError `TRANSACTION_CONTROL`
 */
export function refuseTransactionControl(text: string): void {
  const first = text.charCodeAt(0) | 32
  // Most statements start with s, i, u, d or w: those cannot match, save "start" and "savepoint".
  if (first === 105 || first === 117 || first === 100 || first === 119) return
  const match = control.exec(text)
  if (match === null) return
  throw new MisuseError(
    'TRANSACTION_CONTROL',
    `"${(match[1] as string).toLowerCase()}" would change the transaction behind the runtime's back; use repo.transaction(), nested calls for savepoints, or repo.script() for a script with its own`,
  )
}
