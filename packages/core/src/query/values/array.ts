import { ValueError } from '../../errors/index.ts'
import type { Conversion } from './conversion.ts'
import { wrongKind } from './value-kind.ts'
import { atPlace } from './value-place.ts'

/**
 * `array`: each element by its own type's conversion, nulls as they are. What the database cannot
 * hold of it (arrays of arrays of unlike lengths, say) is for the array's codec to refuse.
 */
export function arrayConversion(element: Conversion): Conversion {
  const { toCanonical, toApplication } = element
  return {
    toCanonical(value) {
      if (!Array.isArray(value)) {
        throw wrongKind('an array', value, 'convert another list with Array.from()')
      }
      return convertElements(value, toCanonical)
    },
    toApplication: toApplication && ((canonical) => convertElements(canonical, toApplication)),
  }
}

function convertElements(array: unknown, convert: (value: unknown) => unknown): unknown[] {
  if (!Array.isArray(array)) throw wrongKind('an array from the database', array)
  const converted: unknown[] = []
  for (let index = 0; index < array.length; index++) {
    const value: unknown = array[index]
    try {
      if (value === undefined) throw new ValueError('is undefined or missing; use null')
      converted.push(value === null ? null : convert(value))
    } catch (error) {
      throw atPlace(error, `element ${index}`)
    }
  }
  return converted
}
