import type { CompiledSql, CursorSql, Dialect } from '../dialect.ts'
import type { Operation } from '../operation.ts'
import type { TransactionCommand } from '../transaction-command.ts'
import { compile } from './compile.ts'
import type { DialectDescription, DialectOverrides } from './description.ts'
import { assemble, type DialectParts } from './dialect-parts.ts'
import type { LiteralValue } from './literal.ts'
import { parseDescription } from './parse-description.ts'

/**
 * A dialect made from a description; see {@link standardDialect}. To change one, call `extend`:
 * its parts use each other, so a copy with one part exchanged would be two dialects in one. For
 * the same reason its methods are no properties of its own, and a spread of it is no dialect.
 */
export class StandardDialect implements Dialect {
  readonly #description: DialectDescription
  readonly #layers: readonly DialectOverrides[]
  readonly #parts: DialectParts

  constructor(description: DialectDescription, below: readonly DialectOverrides[]) {
    const parsed = parseDescription(description)
    this.#description = description
    this.#layers = [...below, parsed.overrides]
    this.#parts = assemble(parsed, this.#layers)
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
   * A dialect for a database that is nearly this one: the entries given replace this description's,
   * and the overrides stand on top of this dialect's own.
   */
  extend(changes: Partial<DialectDescription>): StandardDialect {
    const { overrides: _, ...own } = this.#description
    return new StandardDialect({ ...own, ...changes }, this.#layers)
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
  return new StandardDialect(description, [])
}
