import { MisuseError } from '@mortise/core/adapter'
import { SqlTokens } from './sql-tokens.ts'
import { nextStatement } from './statement-reader.ts'
import type { StatementText } from './statement-text.ts'

/**
 * Reads the one statement of a text.
 *
 * @throws MisuseError `SQL_INVALID`: no statement, NUL or half of a surrogate pair;
 * `SEVERAL_STATEMENTS`; `PARAMETERS_INVALID`.
 */
export function readStatement(sql: string): StatementText {
  checkCharacters(sql)
  const tokens = new SqlTokens(sql)
  const statement = nextStatement(tokens)
  if (statement === undefined) {
    throw new MisuseError('SQL_INVALID', 'the SQL text holds no statement; give it one')
  }
  while (tokens.next()) {
    if (tokens.kind === 'space' || tokens.kind === 'semicolon') continue
    throw new MisuseError(
      'SEVERAL_STATEMENTS',
      'the SQL text holds more than one statement, and a query runs one; use repo.script()',
    )
  }
  return statement
}

/**
 * Reads the statements of a script, in order.
 *
 * @throws MisuseError `SQL_INVALID`: NUL or half of a surrogate pair; `PARAMETERS_INVALID`.
 */
export function readScript(sql: string): readonly StatementText[] {
  checkCharacters(sql)
  const tokens = new SqlTokens(sql)
  const statements: StatementText[] = []
  for (;;) {
    const statement = nextStatement(tokens)
    if (statement === undefined) return statements
    statements.push(statement)
  }
}

function checkCharacters(sql: string): void {
  if (sql.includes('\0')) {
    throw new MisuseError(
      'SQL_INVALID',
      'the SQL text holds a NUL character, and SQLite would ignore everything behind it; pass the value as a parameter',
    )
  }
  // ES2024, in every supported runtime, but not in the ES2023 library.
  if (!(sql as string & { isWellFormed(): boolean }).isWellFormed()) {
    throw new MisuseError(
      'SQL_INVALID',
      'the SQL text holds half of a surrogate pair, which has no UTF-8; take it out',
    )
  }
}
