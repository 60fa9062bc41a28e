import type { LogicalType } from '../../contract/index.ts'
import { ValueError } from '../../errors/index.ts'
import type { Conversion } from './conversion.ts'
import type { ValueForm } from './value-form.ts'
import { wrongKind } from './value-kind.ts'

/** `integer`: a safe integer that fits the width; −0 is refused, because no database keeps it. */
export function integerConversion(type: LogicalType): Conversion {
  const bits = type.bits ?? 64
  const max = bits === 64 ? Number.MAX_SAFE_INTEGER : 2 ** (bits - 1) - 1
  const min = bits === 64 ? Number.MIN_SAFE_INTEGER : -(2 ** (bits - 1))
  return {
    toCanonical(value) {
      if (typeof value !== 'number' || !Number.isSafeInteger(value)) throw notAnInteger(value)
      if (value === 0 && Object.is(value, -0)) throw notAnInteger(value)
      if (value > max || value < min) {
        throw new ValueError(
          `is out of range: an integer of ${bits} bits holds ${min} to ${max}; use a wider column`,
        )
      }
      return value
    },
    toApplication: undefined,
  }
}

function notAnInteger(value: unknown): ValueError {
  const hint =
    typeof value === 'bigint'
      ? 'convert it with Number() if it is safe, or declare the type as t.bigint()'
      : typeof value === 'string'
        ? 'convert it with Number() first'
        : typeof value !== 'number'
          ? undefined
          : Object.is(value, -0)
            ? 'an integer has no negative zero: use 0, or declare the type as t.float()'
            : 'round it, or declare the type as t.float(), t.decimal() or t.bigint()'
  return wrongKind('a safe integer as a number', value, hint)
}

const integerText = /^(?:0|-?[1-9][0-9]{0,18})$/

/**
 * `bigint`: 64 bits, signed. Takes a bigint, a safe integer as a number, or decimal digits without
 * leading zeros.
 */
export function bigintConversion(form: ValueForm | undefined): Conversion {
  return { toCanonical: toBigint, toApplication: form === 'string' ? String : undefined }
}

function toBigint(value: unknown): bigint {
  if (typeof value === 'bigint') return fitting(value)
  if (typeof value === 'number' && Number.isSafeInteger(value) && !Object.is(value, -0)) {
    return BigInt(value)
  }
  if (typeof value === 'string') {
    if (integerText.test(value)) return fitting(BigInt(value))
    throw new ValueError(
      'is not an integer of 64 bits in decimal digits; write it without +, leading zeros, blanks or an exponent',
    )
  }
  throw wrongKind('a bigint', value, 'pass a bigint, or a safe integer as a number')
}

function fitting(value: bigint): bigint {
  if (BigInt.asIntN(64, value) === value) return value
  throw new ValueError(
    'is out of range: a bigint holds 64 bits, signed; declare the type as t.decimal() for larger ones',
  )
}

/** `float`: any double. Whether NaN, ±Infinity and −0 are possible is for the codec to say. */
export const floatConversion: Conversion = {
  toCanonical(value) {
    if (typeof value === 'number') return value
    throw wrongKind('a number', value, 'convert it with Number() if that is exact')
  },
  toApplication: undefined,
}
