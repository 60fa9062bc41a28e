import { ValueError } from '@mortise/core/adapter'
import type { ReadValue } from './read-text.ts'
import { closingQuote, readQuoted } from './unquote.ts'

/** A range: every value between two bounds. */
export interface PostgresRange<T = unknown> {
  /** True for the range that holds nothing; its bounds are null then. */
  readonly empty: boolean
  /** null: without a lower bound. */
  readonly lower: T | null
  /** null: without an upper bound. */
  readonly upper: T | null
  /** Whether `lower` itself is in the range. */
  readonly lowerInclusive: boolean
  /** Whether `upper` itself is in the range. */
  readonly upperInclusive: boolean
}

const emptyRange: PostgresRange<never> = Object.freeze({
  empty: true,
  lower: null,
  upper: null,
  lowerInclusive: false,
  upperInclusive: false,
})

/** The reader of a range in the text format, its bounds by `bound`: a {@link PostgresRange}. */
export function rangeReader(bound: ReadValue): ReadValue {
  return (buffer, start, end) => {
    if (end - start === 5 && buffer.toString('latin1', start, end) === 'empty') return emptyRange
    const read = readRange(bound, buffer, start, end)
    if (read.end !== end) throw malformed()
    return read.range
  }
}

/** The reader of a multirange: a list of ranges, in the server's order. */
export function multirangeReader(bound: ReadValue): ReadValue {
  return (buffer, start, end) => {
    if (end - start < 2 || buffer[start] !== open || buffer[end - 1] !== close) throw malformed()
    const ranges: PostgresRange[] = []
    let offset = start + 1
    while (offset < end - 1) {
      if (ranges.length > 0) {
        if (buffer[offset] !== comma) throw malformed()
        offset++
      }
      const read = readRange(bound, buffer, offset, end - 1)
      ranges.push(read.range)
      offset = read.end
    }
    return ranges
  }
}

function readRange(
  bound: ReadValue,
  buffer: Buffer,
  start: number,
  end: number,
): { readonly range: PostgresRange; readonly end: number } {
  const first = start < end ? buffer[start] : undefined
  if (first !== square && first !== round) throw malformed()
  const lower = readBound(bound, buffer, start + 1, end)
  if (lower.end >= end || buffer[lower.end] !== comma) throw malformed()
  const upper = readBound(bound, buffer, lower.end + 1, end)
  const last = upper.end < end ? buffer[upper.end] : undefined
  if (last !== squareClose && last !== roundClose) throw malformed()
  return {
    range: Object.freeze({
      empty: false,
      lower: lower.value,
      upper: upper.value,
      lowerInclusive: first === square,
      upperInclusive: last === squareClose,
    }),
    end: upper.end + 1,
  }
}

/** A bound that is not there is null; an empty text stands in quotes. */
function readBound(
  bound: ReadValue,
  buffer: Buffer,
  start: number,
  end: number,
): { readonly value: unknown; readonly end: number } {
  if (start < end && buffer[start] === quote) {
    const stop = closingQuote(buffer, start + 1, end, true)
    if (stop < 0) throw malformed()
    return { value: readQuoted(bound, buffer, start + 1, stop), end: stop + 1 }
  }
  let offset = start
  for (; offset < end; offset++) {
    const code = buffer[offset]
    if (code === comma || code === squareClose || code === roundClose) break
    if (code === quote || code === backslash || code === square || code === round) throw malformed()
  }
  return { value: offset === start ? null : bound(buffer, start, offset), end: offset }
}

function malformed(): ValueError {
  return new ValueError(
    'the stored value is not a range that can be read; read the column by the type it has',
  )
}

const quote = 0x22
const round = 0x28
const roundClose = 0x29
const comma = 0x2c
const square = 0x5b
const backslash = 0x5c
const squareClose = 0x5d
const open = 0x7b
const close = 0x7d
