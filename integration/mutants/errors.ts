import { type Mutant, mutant, withConnection, withVerdict } from './mutant.ts'

/** What an adapter makes of errors. */
export const errorMutants: readonly Mutant[] = [
  mutant(
    'a duplicate primary key is no unique violation',
    'ERR-010',
    'expected "unique_violation", seen "other"',
    (good) =>
      withVerdict(good, (description) =>
        description.code === 'SQLITE_CONSTRAINT_PRIMARYKEY'
          ? { ...description, kind: 'other' }
          : description,
      ),
  ),
  mutant(
    'a foreign key violation names a table that it guesses',
    'ERR-011',
    'the table that the error names',
    (good) =>
      withVerdict(good, (description) =>
        description.kind === 'foreign_key_violation'
          ? { ...description, table: 'parents' }
          : description,
      ),
  ),
  mutant(
    'a check violation names a constraint that it guesses',
    'ERR-012',
    'the constraint that the error names',
    (good) =>
      withVerdict(good, (description) =>
        description.kind === 'check_violation'
          ? { ...description, constraint: 'check_1' }
          : description,
      ),
  ),
  mutant(
    'a null violation is a check violation',
    'ERR-013',
    'expected "not_null_violation", seen "check_violation"',
    (good) =>
      withVerdict(good, (description) =>
        description.kind === 'not_null_violation'
          ? { ...description, kind: 'check_violation' }
          : description,
      ),
  ),
  mutant(
    'a table that is there already is a syntax error',
    'ERR-014',
    'expected "duplicate_object", seen "syntax"',
    (good) =>
      withVerdict(good, (description) =>
        description.kind === 'duplicate_object' ? { ...description, kind: 'syntax' } : description,
      ),
  ),
  mutant(
    'an error’s message shows the parameters',
    'ERR-015',
    'the description of a unique violation',
    (good) => {
      const shown = withConnection(good, (connection) => ({
        execute: (request) => {
          try {
            return connection.execute(request)
          } catch (error) {
            Object.assign(error as Error, { detail: `with (${request.parameters.join(', ')})` })
            throw error
          }
        },
      }))
      return withVerdict(shown, (description, error) => ({
        ...description,
        message: `${description.message ?? ''} ${(error as { detail?: string }).detail ?? ''}`,
      }))
    },
    { catalogue: 5 },
  ),
  mutant('every error is the database’s', 'ERR-016', 'classifyError of', (good) => ({
    ...good,
    classifyError: (error) =>
      good.classifyError(error) ?? (error instanceof Error ? { kind: 'other' } : undefined),
  })),
  mutant(
    'names are cut out of the message by a regular expression',
    'ERR-017',
    'that the error names',
    (good) =>
      withVerdict(good, (description, error) => {
        if (description.kind !== 'unique_violation') return description
        const found = [...error.message.matchAll(/(\w+)\.(\w+)/g)]
        const [table] = found
        return {
          ...description,
          table: table?.[1],
          columns: found.map(([, , column = '']) => column),
        }
      }),
    { catalogue: 58 },
  ),
]
