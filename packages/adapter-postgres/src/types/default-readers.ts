import type { LogicalType } from '@mortise/core/adapter'
import {
  type ReadValue,
  readBigInt,
  readBoolean,
  readBytes,
  readFloat,
  readInteger,
  readString,
} from './read-text.ts'

/** OIDs of built-in types (pg_type.dat). */
export const oid = {
  bool: 16,
  bytea: 17,
  int8: 20,
  int2: 21,
  int4: 23,
  text: 25,
  oid: 26,
  json: 114,
  float4: 700,
  float8: 701,
  numeric: 1700,
  uuid: 2950,
  jsonb: 3802,
} as const

/** What a raw query's values become, by the OID of their type; anything else is text. */
const rawReaders: ReadonlyMap<number, ReadValue> = new Map<number, ReadValue>([
  [oid.bool, readBoolean],
  [oid.bytea, readBytes],
  [oid.int8, readBigInt],
  [oid.int2, readInteger],
  [oid.int4, readInteger],
  [oid.oid, readInteger],
  [oid.float4, readFloat],
  [oid.float8, readFloat],
])

/** The reader for a raw query's column. */
export function rawReader(typeOid: number): ReadValue {
  return rawReaders.get(typeOid) ?? readString
}

/** The reader that gives a logical type's driver value, whatever the column's own type is. */
export function typedReader(type: LogicalType, typeOid: number): ReadValue {
  switch (type.name) {
    case 'boolean':
      return typeOid === oid.bool ? readBoolean : readString
    case 'integer':
      return readInteger
    case 'bigint':
      return readBigInt
    case 'float':
      return readFloat
    case 'bytes':
      return readBytes
    default:
      return readString
  }
}
