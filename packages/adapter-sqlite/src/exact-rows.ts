import { type Column, type RowShape, ValueError } from '@mortise/core/adapter'

/**
 * What a column of a known type may hold. `wide` takes integers of 64 bits, as bigint where they
 * were read exactly; it and `any` leave the rest to the type's codec.
 *
 * Checking it here, in the one pass over the rows that exactness needs anyway, spares the runtime a
 * call for each value.
 */
export type StoredKind = 'any' | 'integer' | 'float' | 'text' | 'bytes' | 'wide'

/** The columns' kinds, with the names for messages. */
export interface StoredKinds {
  readonly kinds: readonly StoredKind[]
  readonly names: readonly string[]
}

const kindsByType: { readonly [type: string]: StoredKind } = {
  integer: 'integer',
  float: 'float',
  text: 'text',
  bytes: 'bytes',
  bigint: 'wide',
  decimal: 'wide',
}

/** The kinds of a shape's columns. */
export function kindsOf(shape: RowShape): StoredKinds {
  return {
    kinds: shape.columns.map((column) => kindsByType[column.type.name] ?? 'any'),
    names: shape.columns.map((column) => column.property),
  }
}

const largestSafe = Number.MAX_SAFE_INTEGER
const largestInteger = 2 ** 63

/** Whether a number that was read for an integer may have been rounded. */
export function mayBeRounded(value: number): boolean {
  // Infinity and numbers beyond 64 bits can only be REAL.
  return (
    (value > largestSafe || value < -largestSafe) &&
    value <= largestInteger &&
    value >= -largestInteger
  )
}

/**
 * Whether no number of the rows can be a rounded integer. A REAL between 2^53 and 2^63 looks like
 * one. Makes blobs plain `Uint8Array` on the way: a Buffer's `slice` and `toString` differ.
 */
export function unrounded(rows: readonly unknown[][]): boolean {
  for (let r = 0; r < rows.length; r++) {
    const row = rows[r] as unknown[]
    for (let c = 0; c < row.length; c++) {
      const value = row[c]
      if (typeof value === 'number') {
        if (mayBeRounded(value)) return false
      } else if (typeof value === 'object' && value !== null) row[c] = plainBytes(value)
    }
  }
  return true
}

const smallestInteger = -(2 ** 63)

/**
 * Whether −2^63 is among the rows' numbers. node:sqlite raises for every other integer that a
 * number cannot hold, but for this one its range check overflows and it gives the rounded number.
 */
export function holdsSmallestInteger(rows: readonly unknown[][]): boolean {
  for (let r = 0; r < rows.length; r++) {
    const row = rows[r] as unknown[]
    for (let c = 0; c < row.length; c++) if (row[c] === smallestInteger) return true
  }
  return false
}

/** As {@link unrounded}, and checks the kinds of the columns. */
export function unroundedOfKind(rows: readonly unknown[][], stored: StoredKinds): boolean {
  const { kinds } = stored
  for (let r = 0; r < rows.length; r++) {
    const row = rows[r] as unknown[]
    for (let c = 0; c < row.length; c++) {
      const value = row[c]
      const kind = kinds[c]
      if (typeof value === 'number') {
        if (mayBeRounded(value)) return false
        if (kind === 'integer' ? !Number.isInteger(value) : kind === 'text' || kind === 'bytes') {
          throw wrongKind(stored, c)
        }
      } else if (typeof value === 'string') {
        if (kind !== 'text' && kind !== 'any' && kind !== 'wide') throw wrongKind(stored, c)
      } else if (value !== null) {
        row[c] = plainBytes(value as object)
        if (kind !== 'bytes' && kind !== 'any') throw wrongKind(stored, c)
      }
    }
  }
  return true
}

/** Checks the kinds of rows whose numbers are known to be as stored. */
export function checkKinds(rows: readonly unknown[][], stored: StoredKinds): void {
  for (let r = 0; r < rows.length; r++) checkRow(rows[r] as unknown[], stored)
}

function checkRow(row: unknown[], stored: StoredKinds): void {
  const { kinds } = stored
  for (let c = 0; c < row.length; c++) {
    const value = row[c]
    const kind = kinds[c]
    if (kind === 'any' || value === null) continue
    const fits =
      typeof value === 'number'
        ? kind === 'float' || kind === 'wide' || (kind === 'integer' && Number.isInteger(value))
        : typeof value === 'string'
          ? kind === 'text' || kind === 'wide'
          : typeof value === 'bigint'
            ? kind === 'wide'
            : kind === 'bytes'
    if (!fits) throw wrongKind(stored, c)
  }
}

/**
 * Turns the bigints of an exactly read row into what the columns want: numbers, where they are
 * safe, and bigints in columns of 64 bits.
 *
 * @throws ValueError an integer beyond ±(2^53 − 1) where a number is wanted, or a wrong kind.
 */
export function settleRow(row: unknown[], stored: StoredKinds): void {
  const { kinds } = stored
  for (let c = 0; c < row.length; c++) {
    const value = row[c]
    if (typeof value !== 'bigint' || kinds[c] === 'wide') continue
    const number = Number(value)
    // A float column may hold 2^60 as INTEGER; it is exact although it is not a safe integer.
    if (!Number.isSafeInteger(number) && !(kinds[c] === 'float' && BigInt(number) === value)) {
      throw beyondSafe(stored.names[c])
    }
    row[c] = number
  }
  checkRow(row, stored)
}

/**
 * Turns the bigints of an exactly read row without a shape into numbers.
 *
 * @throws ValueError an integer beyond ±(2^53 − 1).
 */
export function settleRawRow(row: unknown[], columns: readonly Column[]): void {
  for (let c = 0; c < row.length; c++) {
    const value = row[c]
    if (typeof value !== 'bigint') continue
    const number = Number(value)
    if (!Number.isSafeInteger(number)) throw beyondSafeRaw(columns[c]?.name ?? '')
    row[c] = number
  }
}

/** The same bytes as a plain `Uint8Array`. */
export function plainBytes(value: object): Uint8Array {
  const { buffer, byteOffset, byteLength } = value as Uint8Array
  return new Uint8Array(buffer, byteOffset, byteLength)
}

function beyondSafe(name = ''): ValueError {
  return new ValueError(
    `the stored value of "${name}" is an integer beyond ±(2^53 − 1), which a number cannot hold exactly; declare the column as t.bigint()`,
  )
}

function beyondSafeRaw(name: string): ValueError {
  return new ValueError(
    `the stored value of "${name}" is an integer beyond ±(2^53 − 1), which a number cannot hold exactly; read it with the option integers: 'bigint', or cast it to text`,
  )
}

/** The refusal of a value that is not of its column's kind. */
export function wrongKind(stored: StoredKinds, column: number): ValueError {
  return new ValueError(
    `the stored value of "${stored.names[column]}" is not of the column's type ${stored.kinds[column]}; SQLite keeps other values in columns that are not STRICT`,
  )
}
