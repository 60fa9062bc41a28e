import type { CompiledSql, CursorSql, Dialect } from '../dialect.ts'
import type { Operation } from '../operation.ts'
import type { TransactionCommand } from '../transaction-command.ts'
import { changeWriters } from './change-writers.ts'
import { compile, type SqlParts } from './compile.ts'
import { cursorOf } from './cursor.ts'
import { definitionWriters } from './definition-writers.ts'
import {
  type DialectDescription,
  type DialectOverrides,
  type LiteralValue,
  type ParsedDescription,
  parseDescription,
} from './description.ts'
import { expressionWriters } from './expression-writers.ts'
import { identifierQuoter } from './identifier.ts'
import { insertWriters } from './insert-writers.ts'
import { literalQuoter } from './literal.ts'
import { conflictWriters } from './on-conflict-writers.ts'
import { placeholdersOf } from './placeholder.ts'
import { selectWriters } from './select-writers.ts'
import type { SqlWriters, WriterOverrides } from './sql-writers.ts'
import { transactionStatements } from './transaction-writer.ts'

/**
 * A dialect made from a description; see {@link standardDialect}. To change one, call `extend`:
 * its parts use each other, so a copy with one part exchanged would be two dialects in one. For
 * the same reason its methods are no properties of its own, and a spread of it is no dialect.
 */
export class StandardDialect implements Dialect {
  readonly #parts: Parts

  constructor(parts: Parts) {
    this.#parts = parts
  }

  get name(): string {
    return this.#parts.description.name
  }

  /** Most bytes (UTF-8) of a name. */
  get maxIdentifierBytes(): number {
    return this.#parts.description.maxIdentifierBytes
  }

  get ping(): string {
    return this.#parts.description.ping
  }

  get cursor(): CursorSql | undefined {
    return this.#parts.cursor
  }

  quoteIdentifier(name: string): string {
    return this.#parts.quoteIdentifier(name)
  }

  quoteLiteral(value: LiteralValue): string {
    return this.#parts.quoteLiteral(value)
  }

  compile(operation: Operation): CompiledSql {
    return compile(this.#parts, operation)
  }

  transaction(command: TransactionCommand): readonly string[] {
    return this.#parts.transaction(command)
  }

  /**
   * The same dialect with some parts written otherwise, for a database that is nearly this one.
   * The overrides stand on top of this dialect's own.
   */
  extend(overrides: DialectOverrides): StandardDialect {
    return new StandardDialect(override(this.#parts, overrides))
  }
}

/**
 * Makes a dialect from a description of what the database's SQL looks like.
 *
 * ```ts
 * const dialect = standardDialect({
 *   name: 'sqlite',
 *   types,
 *   upsert: 'on_conflict',
 *   returning: true,
 *   cellDefault: false,
 *   emptyInsert: 'rowid',
 *   limitForOffset: '-1',
 *   begin: ({ readOnly }) => [readOnly ? 'begin' : 'begin immediate'],
 *   identity: 'integer_primary_key',
 * })
 * ```
 *
 * What a description cannot say goes into `overrides`; an override takes effect wherever its part
 * is used:
 *
 * ```ts
 * standardDialect({
 *   …,
 *   overrides: {
 *     write: {
 *       slot(out, node, standard) {
 *         standard.slot(out, node)
 *         if (node.type?.name === 'uuid') out.text('::uuid')
 *       },
 *     },
 *   },
 * })
 * ```
 *
 * The dialect quotes every name, writes values as placeholders only, and gives the same text for
 * the same tree. It throws a `MisuseError` (`IDENTIFIER_INVALID`, `IDENTIFIER_TOO_LONG`,
 * `OPERATION_INVALID`), a `ValueError` for a literal without an exact text, and an
 * `UnsupportedError` for what the description does not have.
 *
 * @throws MisuseError `DIALECT_INVALID` for an unknown or wrong entry.
 */
export function standardDialect(description: DialectDescription): StandardDialect {
  const parsed = parseDescription(description)
  return new StandardDialect(override(standardParts(parsed), parsed.overrides))
}

interface Parts extends SqlParts {
  readonly description: ParsedDescription
  readonly cursor: CursorSql | undefined
  readonly transaction: (command: TransactionCommand) => readonly string[]
  /** The layers below, so that what they make of names can be made again with another quoting. */
  readonly layers: readonly DialectOverrides[]
}

function standardParts(description: ParsedDescription): Parts {
  return assemble(description, [])
}

function override(parts: Parts, overrides: DialectOverrides): Parts {
  return assemble(parts.description, [...parts.layers, overrides])
}

function assemble(description: ParsedDescription, layers: readonly DialectOverrides[]): Parts {
  let quoteIdentifier = identifierQuoter(description.quotes, description.maxIdentifierBytes)
  let quoteLiteral = literalQuoter(description.stringEscapes, description.booleans)
  let writers: SqlWriters = {
    ...expressionWriters(description),
    ...insertWriters(description),
    ...conflictWriters(description),
    ...changeWriters(),
    ...selectWriters(description),
    ...definitionWriters(description),
  }
  for (const layer of layers) {
    quoteIdentifier = layered(layer.quoteIdentifier, quoteIdentifier)
    quoteLiteral = layered(layer.quoteLiteral, quoteLiteral)
    writers = layeredWriters(layer.write, writers)
  }
  let transaction = (command: TransactionCommand): readonly string[] =>
    transactionStatements(command, description.begin, quoteIdentifier)
  let cursor = description.cursor && cursorOf(description.cursor, quoteIdentifier)
  for (const layer of layers) {
    transaction = layered(layer.transaction, transaction)
    cursor = layer.cursor ?? cursor
  }
  return {
    description,
    layers,
    quoteIdentifier,
    quoteLiteral,
    placeholders: placeholdersOf(description.placeholders),
    writers,
    transaction,
    cursor,
  }
}

function layered<Argument, Answer>(
  part: ((argument: Argument, standard: (argument: Argument) => Answer) => Answer) | undefined,
  below: (argument: Argument) => Answer,
): (argument: Argument) => Answer {
  return part ? (argument) => part(argument, below) : below
}

function layeredWriters(overrides: WriterOverrides | undefined, below: SqlWriters): SqlWriters {
  if (!overrides) return below
  const replaced = Object.entries(overrides).map(([kind, write]) => [
    kind,
    (...args: unknown[]) => (write as (...all: unknown[]) => void)(...args, below),
  ])
  return { ...below, ...Object.fromEntries(replaced) }
}
