import type { EncodedRow } from './row-values.ts'
import type { Shared } from './shared.ts'

/**
 * Which slot each value of an insert's rows takes. A value that was given as `shared` takes one
 * slot in its column, in however many rows it stands.
 */
export interface RowLayout {
  /**
   * Names the layout, beside the rows' columns and number; undefined where rows share values in a
   * pattern that is not likely to come again.
   */
  readonly key: string | undefined
  /** The slot of each value, row by row; a slot's first place comes before those of later slots. */
  readonly slots: readonly number[]
  /** The values by slot. */
  readonly values: readonly unknown[]
}

/** Lays out rows of one key set. */
export function layOut(rows: readonly EncodedRow[]): RowLayout {
  const [only] = rows
  if (rows.length === 1 && only !== undefined) {
    return { key: '', slots: only.values.map((_value, place) => place), values: only.values }
  }
  const slots: number[] = []
  const values: unknown[] = []
  const known: Map<Shared<unknown>, number>[] = []
  for (const row of rows) {
    for (let c = 0; c < row.values.length; c++) {
      const mark = row.shared?.[c]
      if (mark === undefined) slots.push(values.push(row.values[c]) - 1)
      else {
        const ofColumn = known[c] ?? new Map<Shared<unknown>, number>()
        known[c] = ofColumn
        if (!ofColumn.has(mark)) ofColumn.set(mark, values.push(row.values[c]) - 1)
        slots.push(ofColumn.get(mark) as number)
      }
    }
  }
  const everywhere = sharedByAll(rows)
  const saved = everywhere.length * (rows.length - 1)
  const key = everywhere.length === 0 ? '' : `shared ${everywhere.join()}`
  return { key: values.length + saved === slots.length ? key : undefined, slots, values }
}

/** The places whose value is the same shared one in every row. */
export function sharedByAll(rows: readonly EncodedRow[]): number[] {
  const marks = rows[0]?.shared ?? []
  return [...marks.keys()].filter((place) => {
    const mark = marks[place]
    return mark !== undefined && rows.every((row) => row.shared?.[place] === mark)
  })
}
