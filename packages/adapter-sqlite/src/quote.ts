/** Quotes a name for SQLite. */
export function quoteName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

/** Quotes a text for SQLite. */
export function quoteText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}
