import type { Adapter, LogicalType, RowShape, TypeCodec } from '@mortise/core/adapter'
import { NotApplicable } from '../check/index.ts'

/** A canonical value, or null, with its logical type. */
export interface Value {
  readonly type: LogicalType
  readonly value: unknown
}

/** A value of a type without details, or with them: `valueOf('integer', 1)`. */
export function typed(type: LogicalType | LogicalType['name'], value: unknown): Value {
  return { type: typeof type === 'string' ? { name: type } : type, value }
}

function codecOf(adapter: Adapter, type: LogicalType): TypeCodec {
  const codec = adapter.types.codecs[type.name]
  if (codec === undefined) throw new NotApplicable(`the type table has no ${type.name}`)
  return codec
}

/** The driver's value for a canonical one, as core would hand it over. */
export function encode(adapter: Adapter, { type, value }: Value): unknown {
  if (value === null) return null
  const codec = codecOf(adapter, type)
  return codec.encode === undefined ? value : codec.encode(value as never, type)
}

/** The canonical value of a driver's one. */
export function decode(adapter: Adapter, type: LogicalType, value: unknown): unknown {
  if (value === null) return null
  const codec = codecOf(adapter, type)
  return codec.decode === undefined ? value : codec.decode(value as never, type)
}

/** The DDL name of a type. */
export function ddlOf(adapter: Adapter, type: LogicalType): string {
  const { ddl } = codecOf(adapter, type)
  return typeof ddl === 'string' ? ddl : ddl(type)
}

/** The shape of rows with one property a column; properties are the columns' names. */
export function shapeOf(
  adapter: Adapter,
  columns: readonly { readonly name: string; readonly type: LogicalType }[],
): RowShape {
  return {
    columns: columns.map(({ name, type }) => ({
      property: name,
      type,
      decode:
        codecOf(adapter, type).decode === undefined
          ? undefined
          : (value) => decode(adapter, type, value),
    })),
    attach: undefined,
  }
}
