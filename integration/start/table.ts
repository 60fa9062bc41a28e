import { stripVTControlCharacters } from 'node:util'

/** A column of a table: its heading, and on which side its cells stand. */
export interface TableColumn {
  readonly heading: string
  readonly align?: 'left' | 'right'
}

/** A table in plain text, for a terminal or a file. Colours in a cell count for nothing. */
export function textTable(
  columns: readonly TableColumn[],
  rows: readonly (readonly string[])[],
): string {
  const headings = columns.map(({ heading }) => heading)
  const widths = columns.map((_, c) =>
    Math.max(...[headings, ...rows].map((row) => widthOf(row[c] ?? ''))),
  )
  const line = (cells: readonly string[]): string =>
    columns
      .map(({ align }, c) => pad(cells[c] ?? '', widths[c] ?? 0, align ?? 'left'))
      .join('  ')
      .trimEnd()
  return [line(headings), widths.map((width) => '─'.repeat(width)).join('  '), ...rows.map(line)]
    .map((text) => `  ${text}`)
    .join('\n')
}

function pad(cell: string, width: number, align: 'left' | 'right'): string {
  const blanks = ' '.repeat(width - widthOf(cell))
  return align === 'left' ? cell + blanks : blanks + cell
}

function widthOf(cell: string): number {
  return stripVTControlCharacters(cell).length
}
