import { MisuseError } from '../../errors/index.ts'
import type { CursorSql } from '../dialect.ts'
import { didYouMean } from '../did-you-mean.ts'
import type { TransactionCommand } from '../transaction-command.ts'
import { changeWriters } from './change-writers.ts'
import type { SqlParts } from './compile.ts'
import { cursorOf } from './cursor.ts'
import { definitionWriters } from './definition-writers.ts'
import type { DialectOverrides } from './description.ts'
import { expressionWriters } from './expression-writers.ts'
import { identifierQuoter } from './identifier.ts'
import { insertWriters } from './insert-writers.ts'
import { literalQuoter } from './literal.ts'
import { conflictWriters } from './on-conflict-writers.ts'
import type { ParsedDescription } from './parse-description.ts'
import { placeholdersOf } from './placeholder.ts'
import { selectWriters } from './select-writers.ts'
import type { SqlWriters, WriterOverrides } from './sql-writers.ts'
import { transactionStatements } from './transaction-writer.ts'

/** Everything that a dialect is made of. */
export interface DialectParts extends SqlParts {
  readonly description: ParsedDescription
  readonly cursor: CursorSql | undefined
  readonly transaction: (command: TransactionCommand) => readonly string[]
}

/**
 * Builds the standard parts and lays the overrides on them, lowest layer first. What quotes names
 * takes the topmost layer's quoting.
 */
export function assemble(
  description: ParsedDescription,
  layers: readonly DialectOverrides[],
): DialectParts {
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
    checkOverrides(layer, writers)
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
  const given = Object.entries(overrides).filter(([, write]) => write !== undefined)
  const replaced = given.map(([kind, write]) => [
    kind,
    (...args: unknown[]) => (write as (...all: unknown[]) => void)(...args, below),
  ])
  return { ...below, ...Object.fromEntries(replaced) }
}

const overridable = ['quoteIdentifier', 'quoteLiteral', 'transaction', 'cursor', 'write']

function checkOverrides(overrides: DialectOverrides, writers: SqlWriters): void {
  checkKeys('overrides', overrides, overridable)
  checkKeys('overrides.write', overrides.write ?? {}, Object.keys(writers))
  const functions = { ...overrides, cursor: undefined, write: undefined, ...overrides.write }
  for (const [key, part] of Object.entries(functions))
    if (part !== undefined && typeof part !== 'function')
      throw new MisuseError('DIALECT_INVALID', `the override "${key}" is no function; give one`)
}

function checkKeys(where: string, given: object, known: readonly string[]): void {
  for (const key of Object.keys(given))
    if (!known.includes(key))
      throw new MisuseError(
        'DIALECT_INVALID',
        `a dialect's ${where} has no entry "${key}"; ${didYouMean(key, known)}`,
      )
}
