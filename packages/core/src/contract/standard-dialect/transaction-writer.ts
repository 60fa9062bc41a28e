import { MisuseError } from '../../errors/index.ts'
import type { BeginOptions, IsolationLevel, TransactionCommand } from '../transaction-command.ts'

/** The statements that begin a transaction. */
export type BeginWriter = (options: BeginOptions) => readonly string[]

/**
 * How a transaction begins.
 *
 * - `modes`: one statement with its modes: `start transaction isolation level serializable, read
 *   only` (standard SQL, PostgreSQL).
 * - `set_first`: the isolation level in a statement of its own before it (MySQL).
 * - a function, for anything else.
 */
export type BeginStyle = 'modes' | 'set_first' | BeginWriter

const isolationLevels: { readonly [level in IsolationLevel]: true } = {
  'read uncommitted': true,
  'read committed': true,
  'repeatable read': true,
  snapshot: true,
  serializable: true,
}

/** The statements of one command. */
export function transactionStatements(
  command: TransactionCommand,
  begin: BeginStyle,
  quoteIdentifier: (name: string) => string,
): readonly string[] {
  switch (command.kind) {
    case 'begin':
      return beginStatements(command, begin)
    case 'commit':
      return ['commit']
    case 'rollback':
      return ['rollback']
    case 'savepoint':
      return [`savepoint ${quoteIdentifier(command.name)}`]
    case 'release':
      return [`release savepoint ${quoteIdentifier(command.name)}`]
    case 'rollback_to':
      return [`rollback to savepoint ${quoteIdentifier(command.name)}`]
  }
}

function beginStatements(options: BeginOptions, begin: BeginStyle): readonly string[] {
  const { isolation, readOnly, deferrable } = options
  if (isolation !== undefined && !Object.hasOwn(isolationLevels, isolation))
    throw new MisuseError(
      'OPERATION_INVALID',
      `there is no isolation level ${JSON.stringify(isolation)}; give one of ${Object.keys(isolationLevels).join(', ')}`,
    )
  if (typeof begin === 'function') return begin(options)
  const level = isolation === undefined ? [] : [`isolation level ${isolation}`]
  const modes = [...(readOnly ? ['read only'] : []), ...(deferrable ? ['deferrable'] : [])]
  if (begin === 'modes') return [statement('start transaction', [...level, ...modes])]
  return [...level.map((each) => `set transaction ${each}`), statement('start transaction', modes)]
}

function statement(verb: string, modes: readonly string[]): string {
  return modes.length === 0 ? verb : `${verb} ${modes.join(', ')}`
}
