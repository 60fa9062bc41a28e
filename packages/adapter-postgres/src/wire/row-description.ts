import type { Column } from '@mortise/core/adapter'

/** A column of a result as the server describes it. */
export interface FieldDescription extends Column {
  /** The type's OID as text, as the contract's `Column` has it. */
  readonly type: string
  readonly typeOid: number
  readonly typeModifier: number
  /** The table's OID, 0 where the column is none of a table. */
  readonly tableOid: number
}

/** Reads the body of a RowDescription. Throws a RangeError where it is not whole. */
export function readRowDescription(buffer: Buffer, start: number, end: number): FieldDescription[] {
  const count = buffer.readUInt16BE(start)
  const fields: FieldDescription[] = []
  let offset = start + 2
  for (let i = 0; i < count; i++) {
    const stop = buffer.indexOf(0, offset)
    if (stop < 0 || stop + 18 >= end + 1) throw new RangeError('a RowDescription is cut short')
    const typeOid = buffer.readUInt32BE(stop + 7)
    fields.push(
      Object.freeze({
        name: buffer.toString('utf8', offset, stop),
        type: String(typeOid),
        typeOid,
        typeModifier: buffer.readInt32BE(stop + 13),
        tableOid: buffer.readUInt32BE(stop + 1),
      }),
    )
    offset = stop + 19
  }
  return fields
}
