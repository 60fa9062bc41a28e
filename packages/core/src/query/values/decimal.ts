import type { LogicalType } from '../../contract/index.ts'
import { MisuseError, ValueError } from '../../errors/index.ts'
import type { Conversion } from './conversion.ts'
import { wrongKind } from './value-kind.ts'

const grammar = /^(-?)(0|[1-9][0-9]*)(?:\.([0-9]+))?$/
const onlyZeros = /^[0.]*$/

/**
 * `decimal`: decimal digits as text, every digit kept; a bigint is taken too. Numbers are refused,
 * because 0.1 as a number is not one tenth.
 *
 * With a scale (0 where only a precision is declared, as in SQL) the text is padded to it, so that
 * one value has one text; more digits than declared are refused, not rounded.
 */
export function decimalConversion(type: LogicalType, place: string | undefined): Conversion {
  const precision = checked(type.precision, 1, 'precision', place)
  const scale = checked(type.scale, 0, 'scale', place) ?? (precision === undefined ? undefined : 0)
  return {
    toCanonical(value) {
      const text = typeof value === 'bigint' ? String(value) : value
      if (typeof text !== 'string') {
        throw wrongKind(
          'a string of decimal digits',
          value,
          "pass a string such as '12.50', or a bigint",
        )
      }
      const match = grammar.exec(text)
      if (match === null) {
        throw new ValueError(
          'is not a decimal number; write it as -?digits[.digits] without leading zeros or an exponent',
        )
      }
      if (match[1] === '-' && onlyZeros.test(text.slice(1))) {
        throw new ValueError(
          'is a negative zero, which a decimal does not have; write it without the sign',
        )
      }
      return scale === undefined ? text : fit(text, match[2]!, match[3] ?? '', precision, scale)
    },
    toApplication: undefined,
  }
}

function fit(
  text: string,
  whole: string,
  fraction: string,
  precision: number | undefined,
  scale: number,
): string {
  if (fraction.length > scale) {
    throw new ValueError(
      `has more digits after the point than the scale of ${scale}; round it first, or declare a larger scale`,
    )
  }
  const padded = fraction.padEnd(scale, '0')
  if (precision !== undefined && significantDigits(whole + padded) > precision) {
    throw new ValueError(
      `has more digits than the precision of ${precision} leaves before the point; declare a larger precision`,
    )
  }
  return padded.length === fraction.length
    ? text
    : `${text}${fraction === '' ? '.' : ''}${padded.slice(fraction.length)}`
}

function significantDigits(digits: string): number {
  let zeros = 0
  while (digits.charCodeAt(zeros) === 48) zeros++
  return digits.length - zeros
}

function checked(
  value: number | undefined,
  least: number,
  name: string,
  place: string | undefined,
): number | undefined {
  if (value === undefined || (Number.isSafeInteger(value) && value >= least)) return value
  throw new MisuseError(
    'COLUMN_TYPE',
    `${place === undefined ? '' : `${place}: `}the ${name} of a decimal is an integer from ${least} up`,
  )
}
