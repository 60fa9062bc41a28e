import type { LogicalType, TypeCodec, TypeTable } from '../../contract/index.ts'
import { MisuseError, UnsupportedError } from '../../errors/index.ts'
import { arrayConversion } from './array.ts'
import { booleanConversion } from './boolean.ts'
import { bytesConversion } from './bytes.ts'
import type { Conversion } from './conversion.ts'
import { dateConversion } from './date.ts'
import { decimalConversion } from './decimal.ts'
import { jsonConversion } from './json.ts'
import { bigintConversion, floatConversion, integerConversion } from './number.ts'
import { enumConversion, textConversion, uuidConversion } from './text.ts'
import { timeConversion } from './time.ts'
import { timestampConversion } from './timestamp.ts'
import { resolveForm, type ValueForm } from './value-form.ts'
import { atPlace } from './value-place.ts'

/** Conversion between the application's value of one type and the driver's. */
export interface ValueCodec {
  readonly type: LogicalType
  /**
   * Application value, never null or undefined, to driver value. Throws a `ValueError` for what
   * cannot be written exactly; its message never holds the value.
   */
  readonly encode: (value: unknown) => unknown
  /**
   * Driver value, never null, to application value; undefined where they are the same. Throws a
   * `ValueError` for what cannot be read exactly.
   */
  readonly decode: ((raw: unknown) => unknown) | undefined
}

/**
 * Compiles the conversions of a type once, for every value of it.
 *
 * @param form what the application reads (see `ValueForms`); an array's is its elements'. Default:
 *   the type's first.
 * @param place what messages name (`posts.title`). Undefined where it is known only when an error
 *   happens; `atPlace` adds it then.
 * @throws UnsupportedError `types.<name>` where the adapter has no codec for the type or an
 *   array's element; MisuseError for a form that the type does not have, an incomplete type, and
 *   the form `temporal` in a runtime without Temporal.
 */
export function compileCodec(
  type: LogicalType,
  form: ValueForm | undefined,
  types: TypeTable,
  place?: string,
): ValueCodec {
  const codec = requireCodec(type, types, place)
  const conversion = conversionOf(type, form, types, place)
  const encode = compileEncode(conversion, codec, type)
  const decode = compileDecode(conversion, codec, type)
  return Object.freeze({
    type,
    encode: place === undefined ? encode : withPlace(encode, place),
    decode: place === undefined || decode === undefined ? decode : withPlace(decode, place),
  })
}

type Convert = (value: unknown) => unknown

function compileEncode({ toCanonical }: Conversion, codec: TypeCodec, type: LogicalType): Convert {
  const encode = codec.encode as ((value: unknown, type: LogicalType) => unknown) | undefined
  return encode === undefined ? toCanonical : (value) => encode(toCanonical(value), type)
}

function compileDecode(
  { toApplication }: Conversion,
  codec: TypeCodec,
  type: LogicalType,
): Convert | undefined {
  const decode = codec.decode as ((raw: unknown, type: LogicalType) => unknown) | undefined
  if (decode === undefined) return toApplication
  if (toApplication === undefined) return (raw) => decode(raw, type)
  return (raw) => toApplication(decode(raw, type))
}

function withPlace(convert: Convert, place: string): Convert {
  return (value) => {
    try {
      return convert(value)
    } catch (error) {
      throw atPlace(error, place)
    }
  }
}

function requireCodec(type: LogicalType, types: TypeTable, place: string | undefined): TypeCodec {
  const codec = types.codecs[type.name]
  if (codec !== undefined) return codec
  throw new UnsupportedError(
    `types.${type.name}`,
    `${place === undefined ? '' : `${place}: `}the adapter has no type ${type.name}; use a type that it has, text for example`,
  )
}

function conversionOf(
  type: LogicalType,
  given: ValueForm | undefined,
  types: TypeTable,
  place: string | undefined,
): Conversion {
  if (type.name === 'array') {
    const element = elementOf(type, place)
    requireCodec(element, types, place)
    return arrayConversion(conversionOf(element, given, types, place))
  }
  const form = resolveForm(type, given, place)
  switch (type.name) {
    case 'boolean':
      return booleanConversion
    case 'integer':
      return integerConversion(type)
    case 'bigint':
      return bigintConversion(form)
    case 'float':
      return floatConversion
    case 'decimal':
      return decimalConversion(type, place)
    case 'text':
      return textConversion(type)
    case 'bytes':
      return bytesConversion
    case 'uuid':
      return uuidConversion
    case 'json':
      return jsonConversion(form)
    case 'date':
      return dateConversion(form, place)
    case 'time':
      return timeConversion(form, place)
    case 'timestamp':
      return timestampConversion(form, place)
    case 'enum':
      return enumConversion(type, place)
  }
}

function elementOf(type: LogicalType, place: string | undefined): LogicalType {
  if (type.element !== undefined) return type.element
  throw new MisuseError(
    'COLUMN_TYPE',
    `${place === undefined ? '' : `${place}: `}an array type needs the type of its \`element\``,
  )
}
