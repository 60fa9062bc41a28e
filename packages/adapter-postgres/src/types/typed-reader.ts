import { type LogicalType, ValueError } from '@mortise/core/adapter'
import { builtInTypes, oid } from './built-in-types.ts'
import { arrayReader } from './read-array.ts'
import { readBoolean } from './read-boolean.ts'
import { readBytes } from './read-bytes.ts'
import { readBigInt, readExactFloat, readFloat, readInteger } from './read-number.ts'
import { type ReadValue, readString } from './read-text.ts'

/**
 * The reader that gives a logical type's driver value, whatever the column's own type is: what does
 * not fit the logical type is refused here or by the type's codec.
 */
export function typedReader(type: LogicalType, typeOid: number): ReadValue {
  switch (type.name) {
    case 'boolean':
      return readBoolean
    case 'integer':
      return readInteger
    case 'bigint':
      return readBigInt
    case 'float':
      return typeOid === oid.float8 || typeOid === oid.float4 ? readFloat : readExactFloat
    case 'bytes':
      return typeOid === oid.bytea ? readBytes : refuseBytes
    case 'array':
      return typedArrayReader(type, typeOid)
    default:
      // Not readAscii: a text column of the table may stand behind a date or a UUID.
      return readString
  }
}

function typedArrayReader(type: LogicalType, typeOid: number): ReadValue {
  let element = type.element
  let dimensions = 1
  while (element?.name === 'array') {
    element = element.element
    dimensions++
  }
  const known = builtInTypes.get(typeOid)
  const elementOid = known?.kind === 'array' ? known.element : 0
  const read = element === undefined ? readString : typedReader(element, elementOid)
  return arrayReader(read, known?.kind === 'array' ? known.delimiter : ',', dimensions)
}

/** Text of another type may look like a bytea's. */
const refuseBytes: ReadValue = () => {
  throw new ValueError('the stored value is not a bytea; read the column by the type it has')
}
