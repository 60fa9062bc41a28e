import { ValueError } from '../../errors/index.ts'
import type { Conversion } from './conversion.ts'
import { holdsInexactNumber } from './json-numbers.ts'
import { holdsLoneSurrogate, stringifyJson } from './json-stringify.ts'
import type { ValueForm } from './value-form.ts'
import { wrongKind } from './value-kind.ts'

/** The type of {@link jsonNull}. */
export interface JsonNull {
  toJSON(): null
}

/**
 * JSON's `null` as a document. A plain `null` is SQL's NULL, in a json column too; both are read as
 * null in the form `parsed`, and differ in the form `text` (`'null'`).
 */
export const jsonNull: JsonNull = Object.freeze({
  toJSON(): null {
    return null
  },
})

/**
 * `json`: a document. In the form `parsed` it is what JSON can say exactly, by
 * {@link stringifyJson}'s rules; in the form `text` it is JSON text, handed on as it is.
 */
export function jsonConversion(form: ValueForm | undefined): Conversion {
  return form === 'text'
    ? { toCanonical: checkText, toApplication: undefined }
    : { toCanonical: stringifyJson, toApplication: parseJson }
}

function checkText(value: unknown): string {
  if (value === jsonNull) return 'null'
  if (typeof value !== 'string')
    throw wrongKind('JSON text as a string', value, 'use JSON.stringify')
  const parsed = parse(value, 'is not JSON text; use JSON.stringify to write a value as JSON')
  if (holdsLoneSurrogate(value, parsed)) {
    throw new ValueError('holds half of a surrogate pair; repair the text with toWellFormed()')
  }
  return value
}

function parseJson(canonical: unknown): unknown {
  if (typeof canonical !== 'string') {
    throw wrongKind('the text of a JSON document from the database', canonical)
  }
  const parsed = parse(canonical, 'the stored value is not JSON text; read the column as text')
  if (holdsInexactNumber(canonical)) {
    throw new ValueError(
      "the stored JSON has a number that a JavaScript number cannot hold exactly; read its text by t.json({ as: 'text' })",
    )
  }
  return parsed
}

function parse(text: string, message: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // The SyntaxError quotes the document, so it must not become the cause.
    throw new ValueError(message)
  }
}
