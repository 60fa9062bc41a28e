import { ValueError } from '@mortise/core/adapter'
import type { ReadValue } from './read-text.ts'
import { closingQuote, readQuoted } from './unquote.ts'

/** The most dimensions of an array (MAXDIM of the server). */
export const maxDimensions = 6

/** Under this key an array that does not begin at 1 has the first index of each dimension. */
export const lowerBounds: unique symbol = Symbol('lowerBounds')

/**
 * The first index of each dimension of an array that came from the database: `[2]` for
 * `[2:4]={a,b,c}`. Undefined where all dimensions begin at 1, as nearly all arrays do.
 */
export function lowerBoundsOf(array: readonly unknown[]): readonly number[] | undefined {
  return (array as { readonly [lowerBounds]?: readonly number[] })[lowerBounds]
}

/**
 * The reader of an array in the text format: nested JavaScript arrays, the elements by `element`,
 * NULL as null.
 *
 * @param delimiter the element type's: `;` for box, `,` for every other built-in type
 * @param dimensions how many there must be unless the array is empty. Default: any number; then
 *   an array that does not begin at 1 carries its {@link lowerBoundsOf}, else it is refused.
 */
export function arrayReader(element: ReadValue, delimiter = ',', dimensions?: number): ReadValue {
  const separator = delimiter.charCodeAt(0)
  return (buffer, start, end) => {
    if (buffer[start] === open) {
      return new ArrayText(buffer, start, end, element, separator).read(dimensions)
    }
    const bounds = readBounds(buffer, start, end)
    const array = new ArrayText(buffer, bounds.end, end, element, separator).read(dimensions)
    checkLengths(array, bounds.lengths)
    if (bounds.lower.every((first) => first === 1)) return array
    if (dimensions !== undefined) {
      throw new ValueError(
        'the stored array does not begin at index 1, which a column type cannot say; read it by a raw query, which keeps its bounds',
      )
    }
    return Object.defineProperty(array, lowerBounds, { value: Object.freeze(bounds.lower) })
  }
}

/** One array's text, read from its first brace to its end. */
class ArrayText {
  readonly #buffer: Buffer
  readonly #end: number
  readonly #element: ReadValue
  readonly #separator: number
  #offset: number
  /** How deep the elements stand, once one was seen. */
  #leafDepth = 0
  /** How long the arrays of each depth are, once one was read. */
  readonly #lengths: number[] = []

  constructor(buffer: Buffer, start: number, end: number, element: ReadValue, separator: number) {
    this.#buffer = buffer
    this.#offset = start
    this.#end = end
    this.#element = element
    this.#separator = separator
  }

  read(dimensions: number | undefined): unknown[] {
    if (this.#buffer[this.#offset] !== open || this.#offset >= this.#end) throw malformed()
    const array = this.#array(1)
    if (this.#offset !== this.#end) throw malformed()
    if (dimensions !== undefined && array.length > 0 && this.#leafDepth !== dimensions) {
      throw new ValueError(
        `the stored array has ${this.#leafDepth} dimensions and its column type has ${dimensions}; write t.array once for each dimension`,
      )
    }
    return array
  }

  #array(depth: number): unknown[] {
    if (depth > maxDimensions) throw malformed()
    const array: unknown[] = []
    this.#offset++
    if (this.#buffer[this.#offset] === close && this.#offset < this.#end) {
      // Only a whole array is empty; the server writes no empty array inside another.
      if (depth > 1) throw malformed()
      this.#offset++
      return array
    }
    for (;;) {
      if (this.#offset >= this.#end) throw malformed()
      array.push(this.#buffer[this.#offset] === open ? this.#array(depth + 1) : this.#leaf(depth))
      const code = this.#offset < this.#end ? this.#buffer[this.#offset++] : -1
      if (code === close) break
      if (code !== this.#separator) throw malformed()
    }
    this.#lengths[depth] ??= array.length
    if (this.#lengths[depth] !== array.length) throw malformed()
    return array
  }

  #leaf(depth: number): unknown {
    if (this.#leafDepth === 0) this.#leafDepth = depth
    else if (this.#leafDepth !== depth) throw malformed()
    const start = this.#offset
    if (this.#buffer[start] === quote) {
      const stop = closingQuote(this.#buffer, start + 1, this.#end, false)
      if (stop < 0) throw malformed()
      this.#offset = stop + 1
      return readQuoted(this.#element, this.#buffer, start + 1, stop)
    }
    let offset = start
    for (; offset < this.#end; offset++) {
      const code = this.#buffer[offset]
      if (code === this.#separator || code === close) break
      if (code === open || code === quote || code === backslash) throw malformed()
    }
    this.#offset = offset
    // An empty text stands in quotes, and so does the text NULL.
    if (offset === start) throw malformed()
    return isNull(this.#buffer, start, offset) ? null : this.#element(this.#buffer, start, offset)
  }
}

function isNull(buffer: Buffer, start: number, end: number): boolean {
  return (
    end - start === 4 &&
    buffer[start] === 0x4e &&
    buffer[start + 1] === 0x55 &&
    buffer[start + 2] === 0x4c &&
    buffer[start + 3] === 0x4c
  )
}

interface Bounds {
  readonly lower: readonly number[]
  readonly lengths: readonly number[]
  /** Behind the equals sign. */
  readonly end: number
}

/** `[2:4][-1:0]=` */
function readBounds(buffer: Buffer, start: number, end: number): Bounds {
  const equals = buffer.subarray(start, Math.min(end, start + longestBounds)).indexOf(0x3d)
  const text = equals < 0 ? '' : buffer.toString('latin1', start, start + equals)
  if (!/^(?:\[-?\d{1,10}:-?\d{1,10}\]){1,6}$/.test(text)) throw malformed()
  const lower: number[] = []
  const lengths: number[] = []
  for (const [, first, last] of text.matchAll(/\[(-?\d+):(-?\d+)\]/g)) {
    lower.push(Number(first))
    lengths.push(Number(last) - Number(first) + 1)
  }
  return { lower, lengths, end: start + equals + 1 }
}

const longestBounds = 6 * '[-2147483648:-2147483648]'.length + 1

function checkLengths(array: readonly unknown[], lengths: readonly number[]): void {
  let level: unknown = array
  for (const length of lengths) {
    if (length < 1 || !Array.isArray(level) || level.length !== length) throw malformed()
    level = level[0]
  }
}

function malformed(): ValueError {
  return new ValueError(
    'the stored value is not an array that can be read; read the column by the type it has',
  )
}

const quote = 0x22
const backslash = 0x5c
const open = 0x7b
const close = 0x7d
