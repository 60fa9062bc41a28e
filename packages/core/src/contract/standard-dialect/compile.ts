import { MisuseError } from '../../errors/index.ts'
import type { CompiledSql } from '../dialect.ts'
import type { Expression, TableName } from '../expression.ts'
import type { Operation } from '../operation.ts'
import type { LiteralValue } from './literal.ts'
import type { Placeholders } from './placeholder.ts'
import { precedence, precedenceOf } from './precedence.ts'
import type { SqlOutput, SqlWriters } from './sql-writers.ts'

/** What an output needs of the finished dialect. */
export interface SqlParts {
  readonly quoteIdentifier: (name: string) => string
  readonly quoteLiteral: (value: LiteralValue) => string
  readonly placeholders: Placeholders
  readonly writers: SqlWriters
}

/** Writes one operation. */
export function compile(parts: SqlParts, operation: Operation): CompiledSql {
  const out = new Output(parts)
  write(out, operation.kind, operation)
  const compiled = out.finish()
  if (isDefinition(operation) && compiled.slots.length > 0)
    throw new MisuseError(
      'OPERATION_INVALID',
      `a ${operation.kind} holds a value as a parameter, and databases take none in definitions; write it as a literal`,
    )
  return compiled
}

function isDefinition(operation: Operation): boolean {
  return (
    operation.kind === 'create_table' ||
    operation.kind === 'drop_table' ||
    operation.kind === 'create_index'
  )
}

class Output implements SqlOutput {
  readonly writers: SqlWriters
  readonly #parts: SqlParts
  readonly #slots: number[] = []
  /** The position of each slot that may stand again; undefined where none may. */
  readonly #positions: Map<number, number> | undefined
  #sql = ''
  /** The text's last character: to ask the text itself would flatten it every time. */
  #last = ''
  #endsInToken = false
  #existingRow: SqlOutput['existingRow']

  constructor(parts: SqlParts) {
    this.#parts = parts
    this.writers = parts.writers
    this.#positions = parts.placeholders.reusable ? new Map() : undefined
  }

  get existingRow(): SqlOutput['existingRow'] {
    return this.#existingRow
  }

  text(sql: string): void {
    if (sql === '') return
    this.#append(sql, this.#endsInToken)
    this.#endsInToken = false
  }

  identifier(name: string): void {
    this.#token(this.#parts.quoteIdentifier(name))
  }

  identifiers(names: readonly string[]): void {
    this.list(names, (name) => this.identifier(name))
  }

  literal(value: LiteralValue): void {
    this.#token(this.#parts.quoteLiteral(value))
  }

  table(table: TableName): void {
    this.writers.table(this, table)
  }

  placeholder(slot: number): void {
    let position = this.#positions?.get(slot)
    if (position === undefined) {
      position = this.#slots.push(slot)
      this.#positions?.set(slot, position)
    }
    this.#token(this.#parts.placeholders.text(position))
  }

  expression(expression: Expression): void {
    const { kind } = expression
    write(this, kind === 'and' || kind === 'or' ? 'junction' : kind, expression)
  }

  operand(expression: Expression): void {
    const divisible = precedenceOf(expression) < precedence.term
    if (divisible) this.text('(')
    this.expression(expression)
    if (divisible) this.text(')')
  }

  list<T>(items: readonly T[], write: (item: T) => void, separator = ', '): void {
    let first = true
    for (const item of items) {
      if (!first) this.text(separator)
      first = false
      write(item)
    }
  }

  withExistingRow(table: TableName, name: string, write: () => void): void {
    const outer = this.#existingRow
    this.#existingRow = { table, name }
    write()
    this.#existingRow = outer
  }

  finish(): CompiledSql {
    return { sql: this.#sql, slots: this.#slots }
  }

  #token(sql: string): void {
    this.#append(sql, true)
    this.#endsInToken = true
  }

  #append(sql: string, keepApart: boolean): void {
    this.#sql += keepApart && runsInto(this.#last, sql[0] ?? '') ? ` ${sql}` : sql
    this.#last = sql.at(-1) ?? this.#last
  }
}

const quote = /["'`]/
const word = /[\p{L}\p{N}\p{Cs}_$?]/u

/**
 * Whether a text that ends in `last` and one that begins with `first` would be read as one token:
 * `$1` and `0` are `$10`, `"a"` and `"b"` are one name, and an `e` before a string is its prefix.
 */
function runsInto(last: string, first: string): boolean {
  if (quote.test(last)) return last === first
  return word.test(last) && (word.test(first) || quote.test(first))
}

function write(out: Output, kind: keyof SqlWriters, node: Operation | Expression): void {
  const { writers } = out
  if (!Object.hasOwn(writers, kind))
    throw new MisuseError(
      'OPERATION_INVALID',
      `there is no operation or expression of kind ${JSON.stringify(kind)}; give one of the contract's own`,
    )
  const writer = writers[kind] as (out: SqlOutput, node: Operation | Expression) => void
  writer(out, node)
}
