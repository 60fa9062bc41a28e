import { ValueError } from '@mortise/core/adapter'
import type { ReadValue } from './read-text.ts'
import { closingQuote, readQuoted } from './unquote.ts'

/** One attribute of a composite type. */
export interface CompositeField {
  readonly name: string
  readonly read: ReadValue
}

/**
 * The reader of a composite value in the text format: an object with an own property for each
 * attribute, in their order.
 */
export function compositeReader(fields: readonly CompositeField[]): ReadValue {
  return (buffer, start, end) => {
    if (end - start < 2 || buffer[start] !== open || buffer[end - 1] !== close) throw malformed()
    const stop = end - 1
    const row = {}
    let offset = start + 1
    for (let i = 0; i < fields.length; i++) {
      const { name, read } = fields[i] as CompositeField
      if (i > 0) {
        if (offset >= stop || buffer[offset] !== comma) throw malformed()
        offset++
      }
      let value: unknown = null
      if (offset < stop && buffer[offset] === quote) {
        const last = closingQuote(buffer, offset + 1, stop, true)
        if (last < 0) throw malformed()
        value = readQuoted(read, buffer, offset + 1, last)
        offset = last + 1
      } else {
        const first = offset
        while (offset < stop && buffer[offset] !== comma) {
          const code = buffer[offset++]
          if (code === quote || code === backslash || code === open || code === close) {
            throw malformed()
          }
        }
        // Nothing between two commas is NULL; an empty text stands in quotes.
        if (offset > first) value = read(buffer, first, offset)
      }
      Object.defineProperty(row, name, {
        value,
        enumerable: true,
        configurable: true,
        writable: true,
      })
    }
    if (offset !== stop) throw malformed()
    return row
  }
}

/** A composite value that does not fit what is known of its type, which may have been altered. */
export class MalformedCompositeError extends ValueError {}

function malformed(): ValueError {
  return new MalformedCompositeError(
    'a composite value does not fit its type as it was when this process first met it; read it as text, or reconnect if the type was altered',
  )
}

const quote = 0x22
const open = 0x28
const close = 0x29
const comma = 0x2c
const backslash = 0x5c
