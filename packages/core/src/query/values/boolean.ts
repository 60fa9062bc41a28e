import type { Conversion } from './conversion.ts'
import { wrongKind } from './value-kind.ts'

/** `boolean`: true or false, nothing that is merely truthy. */
export const booleanConversion: Conversion = {
  toCanonical(value) {
    if (typeof value === 'boolean') return value
    throw wrongKind('true or false', value, 'compare or convert it first')
  },
  toApplication: undefined,
}
