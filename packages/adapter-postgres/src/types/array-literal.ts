import { ValueError } from '@mortise/core/adapter'
import { maxDimensions } from './read-array.ts'

/**
 * An array in PostgreSQL's text format. Arrays inside it are its further dimensions: all of one
 * depth must have one length, and none may be empty or null, because the server would store
 * something else.
 *
 * @param encode gives an element's text, or bytes
 * @throws ValueError for an array that the server cannot hold as it is
 */
export function arrayLiteral(
  array: readonly unknown[],
  encode: (element: unknown) => unknown,
  dimensions: number,
): string {
  if (dimensions > maxDimensions) {
    throw new ValueError(
      `has ${dimensions} dimensions; PostgreSQL holds ${maxDimensions}: store it as json`,
    )
  }
  return array.length === 0 ? '{}' : write(array, encode, dimensions, [])
}

/** `lengths`: of the arrays of each depth, from the innermost; filled by the first of each. */
function write(
  array: readonly unknown[],
  encode: (element: unknown) => unknown,
  dimensions: number,
  lengths: number[],
): string {
  lengths[dimensions] ??= array.length
  if (lengths[dimensions] !== array.length) {
    throw new ValueError(
      'has arrays of unlike lengths in one dimension, which PostgreSQL cannot hold; store it as json',
    )
  }
  let text = '{'
  for (let i = 0; i < array.length; i++) {
    const element: unknown = array[i]
    if (i > 0) text += ','
    if (dimensions === 1) {
      text += element === null ? 'NULL' : quoted(encode(element))
      continue
    }
    if (!Array.isArray(element) || element.length === 0) {
      throw new ValueError(
        'has an empty array or null where an array belongs, which PostgreSQL cannot hold; store it as json',
      )
    }
    text += write(element, encode, dimensions - 1, lengths)
  }
  return `${text}}`
}

function quoted(element: unknown): string {
  const text =
    element instanceof Uint8Array
      ? `\\x${Buffer.from(element.buffer, element.byteOffset, element.length).toString('hex')}`
      : String(element)
  return plain.test(text) ? text : `"${text.replace(/["\\]/g, '\\$&')}"`
}

/** What cannot be taken for a delimiter, a quote, a brace, a blank or NULL. */
const plain = /^[-+.:0-9]+$|^[tf]$/
