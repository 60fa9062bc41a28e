/** Where a constraint was violated, as far as SQLite's message tells without doubt. */
export interface ConstraintPlace {
  readonly constraint?: string
  readonly table?: string
  readonly columns?: readonly string[]
}

const indexOnExpression = /^index '((?:[^']|'')*)'$/s

/**
 * Reads the place in `UNIQUE constraint failed: t.a, t.b`. SQLite writes the table's and columns'
 * bare names (`sqlite3UniqueConstraint` in insert.c), so names with dots or commas in them may be
 * read in several ways; then nothing is claimed. An index on an expression is `index 'name'`.
 */
export function constraintPlace(text: string): ConstraintPlace {
  const index = indexOnExpression.exec(text)?.[1]
  if (index !== undefined) return { constraint: index.replaceAll("''", "'") }
  const readings = readingsOf(text)
  const likely = readings.filter(({ table }) => !table.includes(', '))
  const chosen = likely.length > 0 ? likely : readings
  return chosen.length === 1 ? (chosen[0] as ConstraintPlace) : {}
}

/** Every way to read `T.a, T.b` as one table and its columns: one for each dot after a `T`. */
function readingsOf(text: string): { table: string; columns: readonly string[] }[] {
  const readings = []
  for (let dot = text.indexOf('.'); dot >= 0; dot = text.indexOf('.', dot + 1)) {
    const table = text.slice(0, dot)
    const columns = text.slice(dot + 1).split(`, ${table}.`)
    if (table !== '' && columns.every((column) => column !== '')) readings.push({ table, columns })
  }
  return readings
}
