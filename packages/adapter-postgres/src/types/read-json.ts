import { ValueError } from '@mortise/core/adapter'
import { isExactNumber } from './exact-number.ts'
import { readString } from './read-text.ts'

/**
 * A json or jsonb document, parsed. A number that a JavaScript number does not hold exactly is
 * refused.
 */
export function readJson(buffer: Buffer, start: number, end: number): unknown {
  const text = readString(buffer, start, end)
  try {
    return suspicious.test(text) ? parseExactly(text) : JSON.parse(text)
  } catch (error) {
    if (error instanceof ValueError) throw error
    // The SyntaxError quotes the document, so it does not become the cause.
    throw new ValueError('the stored value is not JSON that can be parsed; read it as text')
  }
}

// At most 15 digits without a large exponent are exact in any double (DBL_DIG), so that most
// documents are cleared by one search.
const suspicious = /[0-9][0-9.]{15}|[0-9][eE][+-]?[0-9]{3}/

type Reviver = (key: string, value: unknown, context: { readonly source?: string }) => unknown

function parseExactly(text: string): unknown {
  const check: Reviver = (_key, value, { source }) => {
    if (typeof value === 'number' && source !== undefined && !isExactNumber(value, source)) {
      throw new ValueError(
        "the stored JSON has a number that a JavaScript number cannot hold exactly; read it as text with the types preset 'exact'",
      )
    }
    return value
  }
  return JSON.parse(text, check as (key: string, value: unknown) => unknown)
}
