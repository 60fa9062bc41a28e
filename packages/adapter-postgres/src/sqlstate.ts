import type { ErrorKind } from '@mortise/core/adapter'

/**
 * What a SQLSTATE means (PostgreSQL documentation, appendix "PostgreSQL Error Codes"). Whole codes
 * first, then classes, which are the first two characters.
 */
const kinds: { readonly [code: string]: ErrorKind } = {
  '23505': 'unique_violation',
  '23503': 'foreign_key_violation',
  '23001': 'foreign_key_violation',
  '23514': 'check_violation',
  '44000': 'check_violation',
  '23502': 'not_null_violation',
  '23P01': 'exclusion_violation',
  '40001': 'serialization_failure',
  '40P01': 'deadlock',
  '55P03': 'lock_timeout',
  '57014': 'cancelled',
  '25P02': 'transaction_failed',
  '25P03': 'connection_lost',
  '25P04': 'connection_lost',
  '25006': 'read_only',
  '26000': 'stale_statement',
  '42501': 'permission',
  '42601': 'syntax',
  '42P01': 'undefined_object',
  '42703': 'undefined_object',
  '42883': 'undefined_object',
  '42704': 'undefined_object',
  '3D000': 'undefined_object',
  '3F000': 'undefined_object',
  '42P07': 'duplicate_object',
  '42701': 'duplicate_object',
  '42710': 'duplicate_object',
  '42723': 'duplicate_object',
  '42P04': 'duplicate_object',
  '42P06': 'duplicate_object',
  '57P01': 'connection_lost',
  '57P02': 'connection_lost',
  '57P03': 'connection_refused',
  '57P04': 'connection_lost',
  '57P05': 'connection_lost',
  '53300': 'connection_refused',
  '08P01': 'internal',
  '54000': 'too_large',
}

const classes: { readonly [prefix: string]: ErrorKind } = {
  '08': 'connection_lost',
  '22': 'data',
  '28': 'authentication',
  '53': 'resources',
  '54': 'too_large',
  '42': 'syntax',
  XX: 'internal',
}

/** The kind of a SQLSTATE; `other` where there is none. */
export function kindOf(code: string): ErrorKind {
  return (
    (Object.hasOwn(kinds, code) ? kinds[code] : undefined) ??
    (Object.hasOwn(classes, code.slice(0, 2)) ? classes[code.slice(0, 2)] : undefined) ??
    'other'
  )
}

/**
 * Whether the server's message for a SQLSTATE can hold a value of a row or a parameter: class 22
 * quotes the input it could not read, and XX says anything.
 */
export function mayQuoteValues(code: string): boolean {
  return code.startsWith('22') || code.startsWith('XX') || code === 'P0001' || code === '23514'
}
