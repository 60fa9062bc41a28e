import type { LogicalType } from '../../contract/index.ts'
import { MisuseError, ValueError } from '../../errors/index.ts'
import type { Conversion } from './conversion.ts'
import { wrongKind } from './value-kind.ts'

/** Whether the string is well-formed Unicode: no lone surrogates. */
export function isWellFormed(text: string): boolean {
  // ES2024, in every supported runtime, but not in the ES2023 library.
  return (text as string & { isWellFormed(): boolean }).isWellFormed()
}

/** `text`: well-formed Unicode; `length` counts characters (code points), as SQL does. */
export function textConversion(type: LogicalType): Conversion {
  const { length } = type
  return {
    toCanonical(value) {
      if (typeof value !== 'string')
        throw wrongKind('a string', value, 'convert it first, with String() for example')
      if (!isWellFormed(value)) {
        throw new ValueError(
          'holds half of a surrogate pair, which no encoding can say; repair it with toWellFormed(), or store bytes',
        )
      }
      if (length !== undefined && value.length > length && characters(value) > length) {
        throw new ValueError(
          `is longer than the ${length} characters declared; shorten it, or declare a larger length`,
        )
      }
      return value
    },
    toApplication: undefined,
  }
}

function characters(text: string): number {
  let count = 0
  for (let at = 0; at < text.length; at++) {
    const low = text.charCodeAt(at)
    if (low < 0xdc00 || low > 0xdfff) count++
  }
  return count
}

const uuidGrammar = /^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$/

/** `uuid`: 32 hexadecimal digits with hyphens in any case; written in lower case (RFC 9562 §4). */
export const uuidConversion: Conversion = {
  toCanonical(value) {
    if (typeof value !== 'string')
      throw wrongKind('a UUID as a string', value, 'write it as 8-4-4-4-12 hexadecimal digits')
    if (!uuidGrammar.test(value)) {
      throw new ValueError(
        'is not a UUID; write 32 hexadecimal digits as 8-4-4-4-12, without braces or a prefix',
      )
    }
    return value.toLowerCase()
  },
  toApplication: undefined,
}

/** `enum`: one of the type's members, by its exact text. */
export function enumConversion(type: LogicalType, place: string | undefined): Conversion {
  if (type.values === undefined || type.values.length === 0) {
    throw new MisuseError(
      'COLUMN_TYPE',
      `${place === undefined ? '' : `${place}: `}an enum type needs its members in \`values\``,
    )
  }
  const members: ReadonlySet<unknown> = new Set(type.values)
  const list = type.values.map((member) => JSON.stringify(member)).join(', ')
  return {
    toCanonical(value) {
      if (members.has(value)) return value
      if (typeof value !== 'string') throw wrongKind(`one of ${list}`, value)
      throw new ValueError(`is not a member of its enum; use one of ${list}`)
    },
    toApplication: undefined,
  }
}
